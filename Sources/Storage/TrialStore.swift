import Foundation
package import PostgresClient

/// A row of `vigil.trials`.
package struct StoredTrial: Sendable, Equatable, Encodable {
    package var number: Int
    package var parameters: [String: Double]
    package var state: String
    package var value: Double?
    package var intermediate: [Double]
    package var error: String?

    package init(
        number: Int, parameters: [String: Double], state: String, value: Double? = nil,
        intermediate: [Double] = [], error: String? = nil
    ) {
        self.number = number
        self.parameters = parameters
        self.state = state
        self.value = value
        self.intermediate = intermediate
        self.error = error
    }
}

/// The trials of studies in `vigil.trials`.
package enum TrialStore {
    /// What a study is about, which all of its trials share.
    package struct Study: Sendable, Equatable {
        package var seed: UInt64
        package var objective: String

        package init(seed: UInt64, objective: String) {
            self.seed = seed
            self.objective = objective
        }
    }

    /// What the study of this name is about, and its trials by number; nil where there is none.
    package static func load(
        _ study: String, on connection: PostgresConnection
    ) async throws -> (study: Study, trials: [StoredTrial])? {
        let answer = try await connection.query(
            """
            SELECT number, parameters::text, state, value, array_to_json(intermediate_values)::text,
                error, seed, objective
            FROM vigil.trials WHERE study = $1 ORDER BY number
            """, [.text(study)])
        guard answer.rowCount > 0 else { return nil }
        let decoder = JSONDecoder()
        var trials: [StoredTrial] = []
        for row in 0..<answer.rowCount {
            let parameters = Data(try answer.string(row: row, column: 1).utf8)
            let values = Data(try answer.string(row: row, column: 4).utf8)
            trials.append(
                StoredTrial(
                    number: Int(try answer.int32(row: row, column: 0)),
                    parameters: try decoder.decode([String: Double].self, from: parameters),
                    state: try answer.string(row: row, column: 2),
                    value: answer.isNull(row: row, column: 3)
                        ? nil : try answer.double(row: row, column: 3),
                    intermediate: try decoder.decode([Double].self, from: values),
                    error: try answer.optionalString(row: row, column: 5)))
        }
        let study = Study(
            seed: UInt64(bitPattern: try answer.int64(row: 0, column: 6)),
            objective: try answer.string(row: 0, column: 7))
        return (study, trials)
    }

    /// Writes a trial down as it stands; one that was interrupted is begun anew.
    package static func save(
        _ trial: StoredTrial, of name: String, _ study: Study,
        on connection: PostgresConnection
    ) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        _ = try await connection.query(
            """
            INSERT INTO vigil.trials AS trial (study, number, state, parameters, value,
                intermediate_values, seed, objective, error, finished_at)
            VALUES ($1, $2::bigint::integer, $3, $4, $5,
                ARRAY(SELECT value::float8 FROM jsonb_array_elements_text($6::jsonb) WITH ORDINALITY
                    AS item (value, place) ORDER BY place),
                $7, $8, $9, CASE WHEN $3 <> 'running' THEN clock_timestamp() END)
            ON CONFLICT (study, number) DO UPDATE SET state = EXCLUDED.state,
                parameters = EXCLUDED.parameters, value = EXCLUDED.value,
                intermediate_values = EXCLUDED.intermediate_values, error = EXCLUDED.error,
                started_at = CASE WHEN EXCLUDED.state = 'running' THEN clock_timestamp()
                    ELSE trial.started_at END,
                finished_at = EXCLUDED.finished_at
            WHERE trial.state = 'running'
            """,
            [
                .text(name), .int64(Int64(trial.number)), .text(trial.state),
                .jsonb(String(decoding: try encoder.encode(trial.parameters), as: UTF8.self)),
                trial.value.map { .double($0) } ?? .null,
                .jsonb(String(decoding: try encoder.encode(trial.intermediate), as: UTF8.self)),
                .int64(Int64(bitPattern: study.seed)), .text(study.objective),
                .optional(trial.error),
            ])
    }
}
