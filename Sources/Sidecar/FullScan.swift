import AnomalyDetection
package import PostgresClient
package import Storage

/// Scores every entity once, in chunks of one transaction each.
package enum FullScan {
    /// Entities in one write: some hundred kilobytes of features, and a commit each few milliseconds.
    package static let chunkSize = 500

    /// Judges and stores all entities of the graph.
    ///
    /// - Returns: the count of entities scored and of anomalies opened.
    package static func run(
        on graph: LoadedGraph, asOf: Double?, connection: PostgresConnection,
        progress: ProgressReport
    ) async throws -> (scored: Int, opened: Int) {
        var judge = Judge(
            openAnomalies: graph.openAnomalies, subgraphHops: graph.catalog.sidecar.subgraphHops)
        let ids = graph.detector.entityIDs.sorted()
        var done = 0
        var opened = 0
        while done < ids.count {
            let chunk = ids[done..<min(done + chunkSize, ids.count)]
            let results = judge.results(
                for: chunk, by: graph.detector, asOf: asOf ?? graph.readAt)
            opened += try await ResultWriter.write(results, progress: nil, on: connection).count
            judge.remember(results)
            done += chunk.count
            progress("scoring", done, ids.count)
        }
        return (ids.count, opened)
    }
}
