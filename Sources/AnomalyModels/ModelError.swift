/// Why a model could not be fitted.
package struct ModelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What to branch on.
    package enum Code: String, Sendable {
        /// There are no rows or no columns to learn from.
        case emptyMatrix
        /// All labels are the same, so there is nothing to tell apart.
        case oneClass
        /// Labels or weights do not belong to the rows: another number, or impossible values.
        case invalidLabels
        /// A parameter lies outside the range that its documentation states.
        case invalidParameter
    }

    /// What to branch on.
    package let code: Code
    /// One sentence for people.
    package let message: String

    /// An error with its reason.
    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The message, with the code before it.
    package var description: String { "\(code.rawValue): \(message)" }
}
