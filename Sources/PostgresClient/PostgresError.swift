/// What went wrong between this process and PostgreSQL, and what was being done at that moment.
///
/// Passwords never appear in any of the fields.
package struct PostgresError: Error, Sendable, Equatable {
    /// The kind of failure, to branch on.
    package enum Code: String, Sendable, CaseIterable {
        /// The server could not be reached, or does not accept connections yet.
        case connectionFailed
        /// The server refused the user or the password.
        case authenticationFailed
        /// The server runs, but has no database of that name.
        case databaseMissing
        /// The connection string cannot be understood.
        case invalidConnectionString
        /// An established connection broke, or was closed.
        case connectionLost
        /// The server refused a statement; `sqlState` says why.
        case serverError
        /// A value, a row or a message was not of the expected form.
        case unexpectedResult
        /// The caller's own closure ended a COPY by an error.
        case aborted
        /// The task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    package var code: Code
    /// The server's five-character SQLSTATE; nil where the failure did not come from the server.
    package var sqlState: String?
    /// One line that says what happened.
    package var message: String
    /// The server's DETAIL.
    package var detail: String?
    /// A way out: the server's HINT, or this module's.
    package var hint: String?
    /// What was being done, such as the start of the statement.
    package var context: String?
    /// The server's CONTEXT, such as "COPY x, line 17, column weight: ...".
    package var serverContext: String?
    /// The table that the server names in the error.
    package var table: String?
    /// The column that the server names in the error.
    package var column: String?
    /// The constraint that the server names in the error.
    package var constraint: String?

    /// An error with the given parts.
    package init(
        code: Code, sqlState: String? = nil, message: String, detail: String? = nil,
        hint: String? = nil, context: String? = nil
    ) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
        self.context = context
    }
}

extension PostgresError: CustomStringConvertible {
    /// The message with everything that helps to act on it, in one line where the parts are.
    package var description: String {
        var text = message
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let detail { text += "; detail: \(detail)" }
        if let serverContext { text += "; at: \(serverContext)" }
        if let hint { text += "; hint: \(hint)" }
        if let context { text += "; during: \(context)" }
        return text
    }
}
