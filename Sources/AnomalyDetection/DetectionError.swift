/// Why a batch could not be applied; the detector is unchanged when one is thrown.
package struct DetectionError: Error, Equatable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: Sendable {
        /// A relationship names an entity that does not exist.
        case unknownEntity
        /// The graph cannot hold more.
        case capacityExceeded
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, for people.
    package let message: String

    /// An error of this kind.
    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
