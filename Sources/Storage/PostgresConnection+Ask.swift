package import PostgresClient

extension PostgresConnection {
    /// A statement that calls one of Vigil's functions.
    ///
    /// What these refuse they say in words of their own: where they said it helps nobody.
    package func ask(
        _ sql: String, _ parameters: [PostgresParameter] = []
    ) async throws(PostgresError) -> QueryResult {
        do {
            return try await query(sql, parameters)
        } catch {
            var error = error
            error.serverContext = nil
            error.context = nil
            throw error
        }
    }

    /// The JSON text that is a statement's only value.
    package func askJSON(
        _ sql: String, _ parameters: [PostgresParameter] = []
    ) async throws(PostgresError) -> String {
        try await ask(sql, parameters).string(row: 0, column: 0)
    }
}
