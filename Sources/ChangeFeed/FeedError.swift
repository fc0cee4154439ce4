/// A text or value that the feed cannot be built on.
package struct FeedError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure, to branch on.
    package enum Code: String, Sendable {
        /// A text is not a snapshot as PostgreSQL writes it.
        case malformedSnapshot
    }

    /// The kind of failure.
    package let code: Code
    /// One line that says what is wrong.
    package let message: String

    /// An error with the given parts.
    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
