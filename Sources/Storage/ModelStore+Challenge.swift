package import PostgresClient

/// A line of `vigil.compare_models()`; nil where a figure cannot be told.
package struct ModelComparison: Sendable, Codable, Equatable {
    package var measure: String
    package var champion, championLow, championHigh: Double?
    package var challenger, challengerLow, challengerHigh: Double?
    package var subjects: Int
    package var meaning: String

    enum CodingKeys: String, CodingKey {
        case measure, champion, challenger, subjects, meaning
        case championLow = "champion_low"
        case championHigh = "champion_high"
        case challengerLow = "challenger_low"
        case challengerHigh = "challenger_high"
    }
}

/// Whether a challenger was promoted, and why or why not.
package struct Promotion: Sendable, Codable, Equatable {
    package var promoted: Bool
    package var version: String
    package var retired: String?
    package var reasons: [String]
}

/// Ways of a model between its states.
extension ModelStore {
    /// Goes back to the model that was active before.
    package static func rollback(
        on connection: PostgresConnection
    ) async throws -> (activated: String, retired: String?) {
        let answer = try await connection.query("SELECT * FROM vigil.rollback_model()")
        return (
            try answer.string(row: 0, column: 0), try answer.optionalString(row: 0, column: 1)
        )
    }

    /// Deletes a version that is not in use.
    package static func delete(
        version: String, on connection: PostgresConnection
    ) async throws {
        try await requireKnown(version, on: connection)
        _ = try await connection.query("SELECT vigil.delete_model($1)", [.text(version)])
    }

    /// Makes a version the challenger of the active one.
    ///
    /// - Returns: the active one, and the challenger before.
    @discardableResult
    package static func challenge(
        version: String, on connection: PostgresConnection
    ) async throws -> (champion: String, dismissed: String?) {
        try await requireKnown(version, on: connection)
        let answer = try await connection.query(
            "SELECT champion, dismissed FROM vigil.challenge_model($1)", [.text(version)])
        return (
            try answer.string(row: 0, column: 0), try answer.optionalString(row: 0, column: 1)
        )
    }

    /// Ends the challenge; nil where there was none.
    package static func dismissChallenger(
        on connection: PostgresConnection
    ) async throws -> String? {
        try await connection.query("SELECT vigil.dismiss_challenger()")
            .optionalString(row: 0, column: 0)
    }

    /// Promotes the challenger, or says why not.
    package static func promote(
        force: Bool, on connection: PostgresConnection
    ) async throws -> Promotion {
        let answer = try await connection.query(
            "SELECT promoted, version, retired, reasons FROM vigil.promote_model($1::text::boolean)",
            [.text(force ? "true" : "false")])
        return Promotion(
            promoted: try answer.bool(row: 0, column: 0),
            version: try answer.string(row: 0, column: 1),
            retired: try answer.optionalString(row: 0, column: 2),
            reasons: try answer.textArray(row: 0, column: 3))
    }

    /// Champion and challenger beside each other; empty without a challenger.
    package static func compare(
        on connection: PostgresConnection
    ) async throws -> [ModelComparison] {
        let answer = try await connection.query(
            """
            SELECT measure, champion, champion_low, champion_high, challenger, challenger_low,
                challenger_high, subjects, meaning
            FROM vigil.compare_models()
            """)
        var lines: [ModelComparison] = []
        for row in 0..<answer.rowCount {
            func figure(_ column: Int) throws -> Double? {
                answer.isNull(row: row, column: column)
                    ? nil : try answer.double(row: row, column: column)
            }
            lines.append(
                ModelComparison(
                    measure: try answer.string(row: row, column: 0),
                    champion: try figure(1), championLow: try figure(2),
                    championHigh: try figure(3),
                    challenger: try figure(4), challengerLow: try figure(5),
                    challengerHigh: try figure(6),
                    subjects: Int(try answer.int64(row: row, column: 7)),
                    meaning: try answer.string(row: row, column: 8)))
        }
        return lines
    }

    /// Reviewed entities and relationships, which a comparison is to know.
    package static func reviewedSubjects(
        on connection: PostgresConnection
    ) async throws -> (entityIDs: [Int64], relationshipIDs: [Int64]) {
        let answer = try await connection.query(
            """
            SELECT subject_kind = 'entity', subject_id FROM vigil.anomalies
            WHERE reviewed AND verdict IN ('true_positive', 'false_positive', 'benign')
            GROUP BY subject_kind, subject_id ORDER BY max(reviewed_at) DESC LIMIT 10000
            """)
        var subjects: (entityIDs: [Int64], relationshipIDs: [Int64]) = ([], [])
        for row in 0..<answer.rowCount {
            let id = try answer.int64(row: row, column: 1)
            if try answer.bool(row: row, column: 0) {
                subjects.entityIDs.append(id)
            } else {
                subjects.relationshipIDs.append(id)
            }
        }
        return subjects
    }
}
