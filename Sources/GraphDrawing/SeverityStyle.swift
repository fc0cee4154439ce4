/// How a severity looks: a ramp from the Okabe-Ito colours whose lightness falls from step to step.
///
/// Lightness (CIE L*) is about 92, 71, 53 and 31, so the order survives every kind of colour
/// blindness and a grey printer; the border repeats it in width and style. Yellow is lightened and
/// the last step is a darkened reddish purple, because the original eight differ too little in
/// lightness.
enum SeverityStyle: String, CaseIterable, Comparable {
    case none, low, medium, high, critical

    /// The severity of that name; `none` where the name is missing or unknown.
    init(name: String?) {
        self = name.flatMap { Self(rawValue: $0.lowercased()) } ?? .none
    }

    static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    var fill: String {
        switch self {
        case .none: "#EDF0F3"
        case .low: "#F7EC93"
        case .medium: "#E69F00"
        case .high: "#D55E00"
        case .critical: "#7D1B4B"
        }
    }

    var border: String {
        switch self {
        case .none: "#8794A1"
        case .low: "#8A7B12"
        case .medium: "#7A5400"
        case .high: "#6B2F00"
        case .critical: "#3D0A24"
        }
    }

    /// The colour of text on the fill.
    var textColor: String { self >= .high ? "#FFFFFF" : "#1F2933" }

    var borderWidth: Double {
        switch self {
        case .none: 0.8
        case .low: 1.2
        case .medium: 1.8
        case .high: 3.0
        case .critical: 2.0
        }
    }

    /// Dashed for the lowest, solid above.
    var isDashed: Bool { self == .low }
    /// A double line for the highest.
    var borderCount: Int { self == .critical ? 2 : 1 }

    /// The look in words, for legends without samples.
    var words: String {
        switch self {
        case .none: "grey"
        case .low: "pale yellow, dashed border"
        case .medium: "orange"
        case .high: "red-orange, thick border"
        case .critical: "dark purple, double border"
        }
    }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
