package import PostgresClient

/// The bearer tokens of the REST API and the page.
package enum TokenStore {
    /// A token as administrators see it.
    package struct Token: Sendable, Codable, Equatable {
        package var name: String
        package var role: String
        package var state: String
        package var created: String
        package var createdBy: String
        package var expires: String
        package var lastUsed: String

        enum CodingKeys: String, CodingKey {
            case name, role, state, created, expires
            case createdBy = "created_by"
            case lastUsed = "last_used"
        }
    }

    /// Makes a token, and tells it: it cannot be read again.
    ///
    /// It is valid for so many days; nil: for ever.
    package static func create(
        name: String, role: String, days: Double?, on connection: PostgresConnection
    ) async throws(PostgresError) -> String {
        try await connection.query(
            "SELECT vigil.create_token($1, $2, now() + $3 * interval '1 day')",
            [.text(name), .text(role), days.map { .double($0) } ?? .null]
        ).string(row: 0, column: 0)
    }

    /// Takes a token back.
    package static func revoke(
        name: String, on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.query("SELECT vigil.revoke_token($1)", [.text(name)])
    }

    /// All tokens, those in force first.
    package static func all(on connection: PostgresConnection) async throws -> [Token] {
        let answer = try await connection.query(
            """
            SELECT vigil.clean_label(name, 40), replace(role, 'vigil_', ''),
                CASE WHEN revoked_at IS NOT NULL THEN 'revoked'
                    WHEN expires_at <= now() THEN 'expired' ELSE 'valid' END,
                created_at::timestamptz(0)::text, vigil.clean_label(created_by, 30),
                coalesce(expires_at::timestamptz(0)::text, 'never'),
                coalesce(last_used_at::timestamptz(0)::text, 'never')
            FROM vigil.api_tokens
            ORDER BY revoked_at IS NOT NULL, name, id
            """)
        return try (0..<answer.rowCount).map { row in
            Token(
                name: try answer.string(row: row, column: 0),
                role: try answer.string(row: row, column: 1),
                state: try answer.string(row: row, column: 2),
                created: try answer.string(row: row, column: 3),
                createdBy: try answer.string(row: row, column: 4),
                expires: try answer.string(row: row, column: 5),
                lastUsed: try answer.string(row: row, column: 6))
        }
    }
}
