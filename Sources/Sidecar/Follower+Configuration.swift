import AnomalyDetection
import Foundation
import Logging
import PostgresClient
import Storage

/// What changes how is judged: settings, indicators, types, models, thresholds, and what reviews teach.
extension Follower {
    /// Takes up a new configuration between two batches: under load the feed never sleeps.
    ///
    /// A doorbell that is heard here is answered, for a read comes next.
    mutating func listen() async throws {
        guard ContinuousClock.now - listenedAt >= Self.listeningInterval else { return }
        listenedAt = ContinuousClock.now
        let connection = try session()
        try await heed(try await connection.waitForNotification(timeout: .zero), on: connection)
        if let settings = graph?.catalog.sidecar { try await learn(from: settings, on: connection) }
    }

    /// Takes up what has changed: settings, indicators, types and models at once, reviews in the next round
    /// of learning.
    mutating func heed(
        _ notifications: [PostgresNotification], on connection: PostgresConnection
    ) async throws {
        let changed = Set(
            notifications.filter { $0.channel == "vigil_configuration" }.map(\.payload))
        if changed.contains("reviews") { learning.isDue = true }
        if !changed.subtracting(["reviews"]).isEmpty {
            try await adoptConfiguration(on: connection)
        }
    }

    static let listeningInterval = Duration.milliseconds(100)

    /// Gives a loaded graph its models; where the active one cannot be read any more, the one of before the
    /// reload stays in force.
    func adoptModels(
        _ loaded: inout LoadedGraph, on connection: PostgresConnection
    ) async throws {
        do {
            log(refused: try await loaded.adoptActiveModel(on: connection))
        } catch let error as StorageError where error.code == .corruptModel {
            guard let model = graph?.detector.model else { throw error }
            logger.error("the active model is refused", metadata: ["reason": "\(error)"])
            loaded.detector.adopt(model: model)
            log(refused: try await loaded.adoptChallenger(on: connection))
            options.health.didRefuse("\(error)")
        }
    }

    func log(refused: StorageError?) {
        options.health.didRefuse(refused.map { "\($0)" })
        guard let refused else { return }
        logger.error("the challenger is refused", metadata: ["reason": "\(refused)"])
    }

    /// Starts to learn from reviews where they have changed, and hears what a round has brought.
    mutating func learn(
        from settings: SidecarSettings, on connection: PostgresConnection
    ) async throws {
        if let learned = learning.take() { try await hear(learned, on: connection) }
        guard learning.isDue, !learning.isRunning, let detector = graph?.detector,
            detector.modelVersion != nil
        else { return }
        guard settings.learnsFromReviews else {
            learning.isDue = false
            if detector.reviewHead != nil { try await adopt(nil, on: connection) }
            return
        }
        let reviews = try await ReviewStore.reviews(on: connection)
        if let learnt = try await ReviewStore.learnt(on: connection),
            learnt == (reviews.fingerprint, detector.modelVersion)
        {
            learning.isDue = false
            return
        }
        learning.start(
            detector.withoutKeptMetrics, reviews: reviews,
            seed: options.seed, asOf: try await clock(on: connection)
        ) { connection.wake() }
    }

    /// Stores what was learnt and hears it from the next change on.
    mutating func hear(
        _ learned: LearnedReviews, on connection: PostgresConnection
    ) async throws {
        guard learned.ensembleVersion == graph?.detector.modelVersion else { return }
        // Without a single review there is nothing to tell either.
        guard learned.hasReviews || graph?.detector.reviewHead != nil else { return }
        guard
            let version = try await ReviewStore.save(
                onEnsemble: learned.ensembleVersion, card: learned.card(),
                archive: learned.archive(), on: connection)
        else { return }
        try await adopt(learned.head(version: version), on: connection)
        logger.info(
            "learnt from reviews",
            metadata: [
                "head": "\(version)", "entities": "\(learned.reason(for: .entity))",
                "relationships": "\(learned.reason(for: .relationship))",
            ])
    }

    /// Hears a head from now on; what could be an anomaly with it or without it is judged again.
    mutating func adopt(
        _ head: ReviewHead?, on connection: PostgresConnection
    ) async throws {
        guard var graph else { return }
        self.graph = nil
        defer { self.graph = graph }
        graph.detector.adopt(reviewHead: head)
        let again = try await ReviewStore.reconsidered(
            fromScore: Self.reconsideredScore, on: connection)
        upkeep.rescoring.insert(again.entities, withRelationships: false)
        upkeep.rescoring.insert(again.withRelationships, withRelationships: true)
    }

    /// However much reviews count, nothing below this score becomes an anomaly by them.
    static let reconsideredScore = 0.1

    /// Settings, indicators or models changed: read them; a new model judges everybody again.
    mutating func adoptConfiguration(on connection: PostgresConnection) async throws {
        guard var graph else { return }
        self.graph = nil
        defer { self.graph = graph }
        do {
            options.health.didRefuse(nil)
            let catalog = try await CatalogStore.load(on: connection)
            if catalog.types.numericMetadata != graph.catalog.types.numericMetadata {
                logger.notice("other numbers of the metadata are watched; loading again")
                needsReload = true
                return
            }
            let threshold = graph.detector.settings.anomalyThreshold
            graph.detector.adopt(
                settings: catalog.detection, indicators: catalog.indicators, catalog: catalog.types)
            graph.catalog = catalog
            types = TypeCodes(catalog.types)
            configuration = catalog.sidecar.feed
            // It may have been armed while the setting was being written.
            if !catalog.sidecar.armsDoorbell { try await FeedStore.disarm(on: connection) }
            let share = judge?.settings.challengerShare ?? 0
            judge?.settings = catalog.sidecar
            try await adoptModels(of: &graph, shareBefore: share, on: connection)
            try await follow(
                catalog.detection.anomalyThreshold, after: threshold, on: connection)
        } catch let error as PostgresError {
            throw error
        } catch {
            // What is in force stays in force until the rows are right again.
            options.health.didRefuse("\(error)")
            logger.error("the new configuration is refused", metadata: ["reason": "\(error)"])
        }
    }

    /// Takes up the models that are in use now: a new active one judges everybody again, a new challenger
    /// first what reviews are known of.
    mutating func adoptModels(
        of graph: inout LoadedGraph, shareBefore: Double, on connection: PostgresConnection
    ) async throws {
        let versions = try await ModelStore.versionsInUse(on: connection)
        let challengerBefore = graph.detector.challengerVersion
        var judgesAll = false
        // Before the challenger goes: one that was promoted hands on what it has kept.
        if versions.active != graph.detector.modelVersion {
            graph.detector.adopt(model: try await activeModel(on: connection))
            judgesAll = true
            logger.info("model adopted", metadata: ["version": "\(versions.active ?? "none")"])
        }
        if versions.challenger != challengerBefore {
            log(refused: try await graph.adoptChallenger(on: connection))
            if shareBefore > 0 { judgesAll = true }
        }
        let share = graph.catalog.sidecar.challengerShare
        if share != shareBefore, graph.detector.challengerVersion != nil { judgesAll = true }
        if judgesAll {
            learning.isDue = true
            upkeep.rescoring.insert(graph.detector.scannedEntityIDs, withRelationships: true)
        }
        let challenger = graph.detector.challengerVersion
        guard challenger != challengerBefore else { return }
        logger.info("challenger adopted", metadata: ["version": "\(challenger ?? "none")"])
        guard challenger != nil else { return }
        let reviewed = try await ModelStore.reviewedSubjects(on: connection)
        var measured = judge?.open.subjects ?? []
        measured.formUnion(reviewed.entityIDs.map { .entity($0) })
        measured.formUnion(reviewed.relationshipIDs.map { .relationship($0) })
        upkeep.renew(measured.sorted { (order($0), $0.id) < (order($1), $1.id) })
    }

    /// Another threshold holds at once: what it makes an anomaly is judged again, and so is what it
    /// makes none.
    mutating func follow(
        _ threshold: Double, after former: Double, on connection: PostgresConnection
    ) async throws {
        guard threshold != former else { return }
        logger.info("threshold", metadata: ["from": "\(former)", "to": "\(threshold)"])
        upkeep.reconsidersAtOnce = threshold > former
        guard threshold < former else { return }
        upkeep.rescoring.insert(
            try await ThresholdStore.entityIDs(from: threshold, below: former, on: connection),
            withRelationships: true)
    }
}

/// Entities come before relationships.
private func order(_ subject: Subject) -> Int { subject.entityID == nil ? 1 : 0 }
