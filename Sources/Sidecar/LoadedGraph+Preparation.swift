package import AnomalyDetection
import AnomalyModels
import GraphMetrics
package import PostgresClient
package import Storage

/// Progress of long work: stage, units done, units in all.
package typealias ProgressReport = @Sendable (_ stage: String, _ done: Int, _ total: Int) -> Void

extension LoadedGraph {
    /// Computes the global metrics of the loaded graph, so that the first verdicts rest on whole
    /// feature vectors.
    package mutating func computeMetrics(
        seed: UInt64, threadCount: Int, progress: ProgressReport
    ) async {
        progress("computing graph metrics", 0, detector.entityCount)
        let refresh = MetricsRefresh(
            of: detector.makeSnapshot(), seed: seed, threadCount: threadCount)
        if let metrics = await refresh.value() {
            detector.adopt(globalMetrics: metrics, epoch: 1, asOf: readAt)
        }
        progress("computing graph metrics", detector.entityCount, detector.entityCount)
    }

    /// Gives the detector the active model of `vigil.models`; without one, rules judge.
    package mutating func adoptActiveModel(on connection: PostgresConnection) async throws {
        detector.adopt(model: try await activeModel(on: connection))
    }
}

/// Reads the active model; a corrupt one is refused with its version and the way out.
package func activeModel(on connection: PostgresConnection) async throws -> EntityModel? {
    guard let stored = try await ModelStore.activeArchive(on: connection) else { return nil }
    return try decodedModel(stored.bytes, version: stored.version)
}

/// Decodes the bytes of a model file.
package func decodedModel(_ bytes: [UInt8], version: String) throws -> EntityModel {
    do {
        return try EntityModel(archive: try ModelArchive(decoding: bytes))
    } catch {
        throw StorageError(
            code: .corruptModel, message: "model \(version) is corrupt: \(error.message)",
            hint: "activate another version (`vigil model list`) or train again (`vigil train`)")
    }
}
