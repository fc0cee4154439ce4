package import AnomalyDetection
import AnomalyModels
package import GraphMetrics
package import PostgresClient
package import Storage

/// Progress of long work: stage, units done, units in all.
package typealias ProgressReport = @Sendable (_ stage: String, _ done: Int, _ total: Int) -> Void

extension LoadedGraph {
    /// Computes the metrics of the loaded graph, so that the first verdicts rest on whole feature
    /// vectors; those that can be are kept from now on.
    /// - Returns: What each part of the global metrics took, in seconds.
    @discardableResult
    package mutating func computeMetrics(
        seed: UInt64, threadCount: Int, progress: ProgressReport
    ) async -> [GlobalMetrics.Part: Double] {
        progress("computing graph metrics", 0, detector.entityCount)
        detector.keepMetrics(threadCount: threadCount)
        _ = detector.beginRefresh()
        let refresh = MetricsRefresh(
            of: detector.graph, ratingTypes: detector.catalog.ratingTypeCodes, asOf: readAt,
            seed: seed, threadCount: threadCount)
        let refreshed = await refresh.value()
        if let refreshed {
            detector.adopt(epoch: refreshed.epoch)
            detector.adopt(standings: refreshed.standings)
        }
        progress("computing graph metrics", detector.entityCount, detector.entityCount)
        return refreshed?.seconds ?? [:]
    }

    /// Gives the detector the active model of `vigil.models`, and its challenger; without a model, rules
    /// judge.
    /// - Returns: Why the challenger was refused, where it was: it must not stand in the way.
    @discardableResult
    package mutating func adoptActiveModel(
        on connection: PostgresConnection
    ) async throws -> StorageError? {
        detector.adopt(model: try await activeModel(on: connection))
        do {
            detector.adopt(reviewHead: try await activeReviewHead(on: connection))
        } catch is StorageError {
            // It is learnt again from the reviews.
            detector.adopt(reviewHead: nil)
        }
        return try await adoptChallenger(on: connection)
    }

    /// Gives the detector the challenger of `vigil.models`; one that cannot be read is none.
    mutating func adoptChallenger(
        on connection: PostgresConnection
    ) async throws -> StorageError? {
        guard let version = try await ModelStore.versionsInUse(on: connection).challenger else {
            detector.adopt(challenger: nil)
            return nil
        }
        do {
            let bytes = try await ModelStore.archive(of: version, on: connection)
            detector.adopt(challenger: try decodedModel(bytes, version: version))
            return nil
        } catch let error as StorageError {
            detector.adopt(challenger: nil)
            return error
        }
    }
}

/// Reads the active model; a corrupt one is refused with its version and the way out.
package func activeModel(on connection: PostgresConnection) async throws -> DetectionModel? {
    guard let stored = try await ModelStore.activeArchive(on: connection) else { return nil }
    return try decodedModel(stored.bytes, version: stored.version)
}

/// Decodes the bytes of a model file.
package func decodedModel(_ bytes: [UInt8], version: String) throws -> DetectionModel {
    do {
        return try DetectionModel(archive: try ModelArchive(decoding: bytes))
    } catch {
        throw StorageError(
            code: .corruptModel, message: "model \(version) is corrupt: \(error.message)",
            hint: "activate another version (`vigil model list`) or train again (`vigil train`)")
    }
}

/// Reads the head that is heard; nil where there is none, or it teaches nothing.
package func activeReviewHead(on connection: PostgresConnection) async throws -> ReviewHead? {
    guard let stored = try await ReviewStore.activeArchive(on: connection) else { return nil }
    let head = try decodedReviewHead(stored.bytes, version: stored.version)
    return head.entities == nil && head.relationships == nil ? nil : head
}

/// Decodes the bytes of what was learnt from reviews.
package func decodedReviewHead(_ bytes: [UInt8], version: String) throws -> ReviewHead {
    do {
        return try ReviewHead(archive: try ModelArchive(decoding: bytes), version: version)
    } catch {
        throw StorageError(
            code: .corruptModel, message: "model \(version) is corrupt: \(error.message)",
            hint: "the sidecar learns it again from the reviews when it starts")
    }
}
