import AnomalyDetection
import AnomalyModels
package import PostgresClient

/// A row of `vigil.models` without its archive.
package struct StoredModel: Sendable, Codable, Equatable {
    package var version: String
    package var kind: String
    package var state: String
    package var createdAt: String
    package var activatedAt: String?
    package var byteCount: Int
}

/// Model archives in `vigil.models`.
package enum ModelStore {
    package static func list(on connection: PostgresConnection) async throws -> [StoredModel] {
        let answer = try await connection.query(
            """
            SELECT version, kind, state, created_at::timestamptz(0)::text,
                activated_at::timestamptz(0)::text, octet_length(archive)::bigint
            FROM vigil.models ORDER BY created_at DESC, version
            """)
        var models: [StoredModel] = []
        for row in 0..<answer.rowCount {
            models.append(
                StoredModel(
                    version: try answer.string(row: row, column: 0),
                    kind: try answer.string(row: row, column: 1),
                    state: try answer.string(row: row, column: 2),
                    createdAt: try answer.string(row: row, column: 3),
                    activatedAt: try answer.optionalString(row: row, column: 4),
                    byteCount: Int(try answer.int64(row: row, column: 5))))
        }
        return models
    }

    /// The version and bytes of the active model; `nil` when there is none.
    package static func activeArchive(
        on connection: PostgresConnection
    ) async throws -> (version: String, bytes: [UInt8])? {
        let answer = try await connection.query(
            """
            SELECT version, archive FROM vigil.models WHERE state = 'active' AND kind = 'ensemble'
            """)
        guard answer.rowCount == 1 else { return nil }
        return (try answer.string(row: 0, column: 0), try answer.bytes(row: 0, column: 1))
    }

    /// The versions in use; nil where there is none.
    package static func versionsInUse(
        on connection: PostgresConnection
    ) async throws -> (active: String?, challenger: String?) {
        let answer = try await connection.query(
            """
            SELECT min(version) FILTER (WHERE state = 'active'),
                min(version) FILTER (WHERE state = 'challenger')
            FROM vigil.models WHERE kind = 'ensemble' AND state IN ('active', 'challenger')
            """)
        return (
            try answer.optionalString(row: 0, column: 0),
            try answer.optionalString(row: 0, column: 1)
        )
    }

    package static func archive(
        of version: String, on connection: PostgresConnection
    ) async throws -> [UInt8] {
        let answer = try await connection.query(
            "SELECT archive FROM vigil.models WHERE version = $1", [.text(version)])
        guard answer.rowCount == 1 else { throw unknown(version) }
        return try answer.bytes(row: 0, column: 0)
    }

    /// Stores an archive as a candidate; a version is written once and never changed.
    package static func save(
        version: String, kind: String, card: String, archive: [UInt8],
        on connection: PostgresConnection
    ) async throws {
        let answer = try await connection.query(
            """
            INSERT INTO vigil.models (version, kind, state, card, archive)
            VALUES ($1, $2, 'candidate', $3, $4) ON CONFLICT (version) DO NOTHING
            """, [.text(version), .text(kind), .jsonb(card), .bytes(archive)])
        guard answer.affectedRowCount == 1 else {
            throw StorageError(
                code: .duplicateModel, message: "model version \(version) exists already",
                hint: "choose another version")
        }
    }

    /// Makes one version the active one, in one transaction; the one before is retired.
    package static func activate(
        version: String, on connection: PostgresConnection
    ) async throws {
        try await requireKnown(version, on: connection)
        _ = try await connection.query("SELECT vigil.activate_model($1)", [.text(version)])
    }

    static func requireKnown(_ version: String, on connection: PostgresConnection) async throws {
        let known = try await connection.query(
            "SELECT FROM vigil.models WHERE version = $1", [.text(version)])
        guard known.rowCount == 1 else { throw unknown(version) }
    }

    private static func unknown(_ version: String) -> StorageError {
        StorageError(
            code: .unknownModel, message: "there is no model version \(version)",
            hint: "list them with `vigil model list`")
    }
}
