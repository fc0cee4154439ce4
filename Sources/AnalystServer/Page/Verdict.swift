/// What a reviewer can say, with the key that says it.
enum Verdict: String, CaseIterable {
    case truePositive = "true_positive"
    case falsePositive = "false_positive"
    case benign
    case undecided

    private var key: String {
        switch self {
        case .truePositive: "t"
        case .falsePositive: "f"
        case .benign: "b"
        case .undecided: "u"
        }
    }

    /// The buttons of a review.
    static let buttons = PageValue.list(
        allCases.map {
            [
                "value": .text($0.rawValue), "text": .text(PageText.words($0.rawValue)),
                "key": .text($0.key),
            ]
        })
}
