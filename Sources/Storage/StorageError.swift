/// What the database holds is not what the sidecar can work with.
package struct StorageError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        case notInstalled, wrongVersion, corruptState, unknownAnomaly, unknownModel, corruptModel,
            duplicateModel, invalidTask, notReplayable
        /// The other way of installation was taken.
        case wrongRoute
        /// Between this program and PostgreSQL stands a connection pooler.
        case pooledConnection
        case anotherSidecar, alreadyInstalled, invalidSetting, graphTooLarge
        /// A row has a type that was added after the catalog was read.
        case staleCatalog
    }

    package var code: Code
    /// One line that names the thing.
    package var message: String
    /// The way out.
    package var hint: String

    package init(code: Code, message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String {
        "\(message); \(hint)"
    }
}
