import AnomalyDetection
import Foundation
package import PostgresClient
package import Storage

/// Scores every entity and relationship once, in chunks of one transaction each.
package enum FullScan {
    /// Subjects in one write: some hundred kilobytes of features, and a commit each few milliseconds.
    package static let chunkSize = 500

    /// Judges and stores all entities of the graph, and the relationships that start from them.
    ///
    /// - Returns: the count of entities scored and of anomalies opened.
    package static func run(
        on graph: LoadedGraph, asOf: Double?, connection: PostgresConnection,
        progress: ProgressReport
    ) async throws -> (scored: Int, opened: Int) {
        var judge = Judge(
            open: OpenAnomalies(graph.openAnomalies, in: graph.detector),
            settings: graph.catalog.sidecar,
            threadCount: ProcessInfo.processInfo.activeProcessorCount, explainsWholly: true)
        let ids = graph.detector.scannedEntityIDs
        var queue = JudgingQueue()
        queue.insert(ids, withRelationships: true)
        var done = 0
        var opened = 0
        while !queue.isEmpty {
            let chunk = queue.next(chunkSize) { graph.detector.outgoingRelationshipIDs(of: $0) }
            let results = judge.results(
                for: chunk, by: graph.detector, asOf: asOf ?? graph.readAt)
            opened += try await ResultWriter.write(results, progress: nil, on: connection).count
            judge.remember(results, in: graph.detector)
            done += chunk.count { $0.entityID != nil }
            progress("scoring", done, ids.count)
        }
        return (ids.count, opened)
    }
}
