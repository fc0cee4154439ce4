package import AnomalyDetection
import Foundation
package import ModelTraining
package import PostgresClient
import Storage

/// Compares what is there with what the active model was trained on; writes nothing.
package struct DriftRun: Sendable {
    /// The graph as it is, with the model that judges.
    package var detector: AnomalyDetector
    /// Whoever draws the rows that are looked at.
    package var seed: UInt64 = 1

    /// A check of this graph.
    package init(detector: AnomalyDetector, seed: UInt64 = 1) {
        self.detector = detector
        self.seed = seed
    }

    /// What was found, as of the database's clock.
    package func report(on database: PostgresConnection) async throws -> DriftReport {
        let question = try await DriftStore.question(on: database)
        var check = DriftCheck()
        check.stabilityIndexMin = question.stabilityIndexMin
        check.seed = seed
        return check.report(on: detector, asOf: question.asOf)
    }
}

extension DriftReport {
    /// The report as a JSON object.
    func json() throws -> String {
        String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    }
}
