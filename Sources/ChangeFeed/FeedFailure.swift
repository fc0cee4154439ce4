/// Why a step of the feed did not succeed.
package struct FeedFailure: Error, Sendable, Equatable {
    /// Whether trying again can help before anybody has changed something.
    package enum Kind: String, Sendable {
        /// The connection broke, the server is away, a statement failed: try again.
        case transient
        /// Wrong password, missing database, extension missing or of another version.
        case configuration
    }

    /// Whether trying again can help.
    package let kind: Kind
    /// One line for people.
    package let message: String

    /// A failure with the given parts.
    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
