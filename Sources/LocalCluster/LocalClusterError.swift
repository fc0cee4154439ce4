/// Why a private PostgreSQL could not be made, started or stopped.
package struct LocalClusterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure, to branch on.
    package enum Code: String, Sendable {
        /// No PostgreSQL of a supported version is installed.
        case binariesMissing
        /// The folder cannot be made, entered or written.
        case folderUnusable
        /// A server already runs in the folder.
        case alreadyRunning
        /// One of PostgreSQL's programs failed.
        case commandFailed
        /// The server is not running.
        case notRunning
    }

    /// The kind of failure.
    package let code: Code
    /// What happened, and the way out.
    package let message: String

    /// An error with the given parts.
    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }
}
