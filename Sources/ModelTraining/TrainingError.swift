/// Why a model could not be trained.
package struct TrainingError: Error, Equatable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: Sendable {
        /// There are too few rows to learn from.
        case tooFewRows
        /// An option lies outside what makes sense.
        case invalidOption
        /// Somebody wanted it to end.
        case cancelled
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, for people; names the number needed.
    package let message: String

    /// What holds meanwhile, or the way out; nil where there is nothing to add.
    package let hint: String?

    /// An error of this kind.
    package init(code: Code, message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}
