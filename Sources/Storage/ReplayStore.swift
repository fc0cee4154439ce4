package import AnomalyDetection
import Foundation
package import PostgresClient

/// The figures of a stored anomaly, exact.
package struct StoredFigures: Sendable {
    package var subjectKind: String
    package var subjectID: Int64
    package var subjectName: String
    package var anomalyScore: Double
    /// NaN where rules decided.
    package var pValue: Double
    package var confidence: Double
    package var severity: String
    package var detectionMethod: String
    package var modelVersion: String?
    package var graphEpoch: Int64?
    package var explanation: Explanation
}

/// Reads what a replay starts from.
package enum ReplayStore {
    /// The figures of an anomaly.
    /// - Throws: an error that says so where there is no such anomaly, or its explanation has not the
    ///   form that this version writes.
    package static func figures(
        of anomalyID: String, on connection: PostgresConnection
    ) async throws -> StoredFigures {
        // Refuses what is no anomaly's id.
        _ = try await AnomalyStore.anomaly(anomalyID, on: connection)
        let answer = try await connection.query(
            """
            SELECT subject_kind, subject_id, subject_name, anomaly_score, p_value, confidence,
                severity, detection_method, model_version, graph_epoch, explanation::text
            FROM vigil.anomalies WHERE id = $1
            """, [.uuid(anomalyID)])
        let text = try answer.string(row: 0, column: 10)
        let explanation: Explanation
        do {
            explanation = try JSONDecoder().decode(Explanation.self, from: Data(text.utf8))
        } catch {
            throw StorageError(
                code: .notReplayable,
                message: "the explanation of anomaly \(anomalyID) was not written by a detector",
                hint: "only what Vigil's sidecar has found can be replayed")
        }
        return StoredFigures(
            subjectKind: try answer.string(row: 0, column: 0),
            subjectID: try answer.int64(row: 0, column: 1),
            subjectName: try answer.string(row: 0, column: 2),
            anomalyScore: try answer.double(row: 0, column: 3),
            pValue: try answer.doubleOrNaN(row: 0, column: 4),
            confidence: try answer.double(row: 0, column: 5),
            severity: try answer.string(row: 0, column: 6),
            detectionMethod: try answer.string(row: 0, column: 7),
            modelVersion: try answer.optionalString(row: 0, column: 8),
            graphEpoch: try answer.optionalInt64(row: 0, column: 9), explanation: explanation)
    }
}
