import AnomalyDetection
import ChangeFeed
import Foundation
import GraphMetrics
import Logging
import PostgresClient
import ServiceLifecycle
import Storage

/// Performs the feed's actions: the one writer, which owns the graph and the detector as values.
struct Follower {
    private let options: Sidecar.Options
    private let logger: Logger
    private var connection: PostgresConnection?
    private var graph: LoadedGraph?
    private var judge: Judge?
    private var batch: FeedBatch?
    private var counters = Counters()
    private var configuration: FeedConfiguration?
    private var upkeep = Upkeep()
    private var learning = ReviewLearning()
    /// The rows in memory are not those that the configuration asks for.
    private var needsReload = false
    /// When the session was last asked for notifications between two batches.
    private var listenedAt = ContinuousClock.now
    private var health = MetricHealthReport()
    private var audit: MetricAudit
    private var types = TypeCodes(
        TypeCatalog(entityTypes: [:], relationshipTypes: [:], ratingTypeCodes: []))

    private let executor: BlockingExecutor
    private let requests: JudgingRequests

    init(
        options: Sidecar.Options, logger: Logger, executor: BlockingExecutor,
        requests: JudgingRequests
    ) {
        self.options = options
        self.executor = executor
        self.requests = requests
        self.logger = logger
        audit = MetricAudit(seed: options.seed)
    }

    /// Settings read since the last call.
    mutating func takeConfiguration() -> FeedConfiguration? {
        defer { configuration = nil }
        return configuration
    }

    /// Does one thing and says how it ended.
    mutating func perform(_ action: FeedAction) async throws -> FeedEvent {
        switch action {
        case .connect:
            try await connect()
            return .connected
        case .load:
            return .loaded(try await load())
        case .read(let snapshot):
            return try await read(after: snapshot)
        case .write(let snapshot):
            try await write(upTo: snapshot)
            try await listen()
            return needsReload ? .epochChanged : .batchWritten
        case .arm:
            try await FeedStore.arm(on: session())
            return .armed
        case .sleep(let duration):
            return try await sleep(duration)
        case .waitToReconnect(let duration):
            counters.reconnects += 1
            logger.info("connecting again", metadata: ["in": "\(duration)"])
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: duration) }
            return .timerFired
        case .disconnect, .stop, .fail:
            preconditionFailure("\(action) has no outcome")
        }
    }

    /// Says farewell where the connection still stands, and closes it.
    mutating func disconnect() async {
        upkeep.cancel()
        learning.cancel()
        requests.close()
        if let connection {
            try? await SidecarRegistry.beat(report(state: "stopped"), on: connection)
            await connection.close()
        }
        connection = nil
        batch = nil
    }

    // MARK: - Actions

    private mutating func connect() async throws {
        let connection = try await PostgresConnection.connect(
            options.conninfo, applicationName: "vigil sidecar", on: executor)
        self.connection = connection
        try await SidecarRegistry.requireOwnSession(on: connection)
        try await Installation.check(on: connection)
        try await connection.execute(FeedStore.sessionSettings)
        try await SidecarRegistry.lead(on: connection)
        try await connection.execute("LISTEN vigil_feed; LISTEN vigil_configuration")
        try await SidecarRegistry.register(on: connection)
        logger.info("connected; leading")
    }

    /// Loads the graph, scores what nobody has scored since the stored snapshot, stores the new one.
    ///
    /// A start, a reconnection and a restore are one path: there is no second.
    private mutating func load() async throws -> FeedSnapshot {
        let connection = try session()
        // An update of Vigil is an epoch: what runs on must be of the new version.
        try await Installation.check(on: connection)
        let log = LoadLog(logger: logger)
        let state = try await FeedStore.state(on: connection)
        var loaded = try await GraphLoader.load(
            on: connection, since: state.snapshot, progress: log.report)
        configuration = loaded.catalog.sidecar.feed
        needsReload = false
        types = TypeCodes(loaded.catalog.types)
        try await adoptModels(&loaded, on: connection)
        learning.isDue = true
        let seconds = await loaded.computeMetrics(
            seed: options.seed, threadCount: options.threadCount, progress: log.report)
        health = MetricHealthReport(changedAt: loaded.readAt, seconds: seconds)
        judge = Judge(
            open: OpenAnomalies(loaded.openAnomalies, in: loaded.detector),
            settings: loaded.catalog.sidecar)
        // Nobody can tell what a new epoch has changed: everything is judged again.
        let isContinued = state.snapshot != nil && loaded.epoch == state.epoch
        let stale = isContinued ? loaded.staleEntityIDs : loaded.detector.entityIDs
        upkeep = Upkeep(rescoring: stale)
        try await catchUp(with: loaded, on: connection)
        try await FeedStore.recordLoad(
            snapshot: loaded.snapshot, epoch: loaded.epoch, on: connection)
        graph = loaded
        logger.info(
            "following",
            metadata: [
                "entities": "\(loaded.detector.entityCount)",
                "relationships": "\(loaded.detector.relationshipCount)",
                "model": "\(loaded.detector.modelVersion ?? "none: rules judge")",
                "to_score": "\(stale.count)",
            ])
        try await MetricHealthStore.write(health.rows(of: loaded.detector), on: connection)
        try await SidecarRegistry.beat(report(state: "following"), on: connection)
        requests.open { connection.wake() }
        return loaded.snapshot
    }

    /// Gives a loaded graph its models; where the active one cannot be read any more, the one of before the
    /// reload stays in force.
    private func adoptModels(
        _ loaded: inout LoadedGraph, on connection: PostgresConnection
    ) async throws {
        do {
            log(refused: try await loaded.adoptActiveModel(on: connection))
        } catch let error as StorageError where error.code == .corruptModel {
            guard let model = graph?.detector.model else { throw error }
            logger.error("the active model is refused", metadata: ["reason": "\(error)"])
            loaded.detector.adopt(model: model)
            log(refused: try await loaded.adoptChallenger(on: connection))
        }
    }

    private func log(refused: StorageError?) {
        guard let refused else { return }
        logger.error("the challenger is refused", metadata: ["reason": "\(refused)"])
    }

    /// Stores what the changes since the stored snapshot have brought, and forgets who vanished
    /// without a trace in the feed.
    private mutating func catchUp(
        with loaded: LoadedGraph, on connection: PostgresConnection
    ) async throws {
        let missed = loaded.missed.flatMap { $0.changeCount > 0 ? $0 : nil }
        guard missed != nil || !loaded.vanishedEntityIDs.isEmpty else { return }
        let progress = missed.map {
            FeedProgress(
                snapshot: loaded.snapshot, epoch: loaded.epoch, changeCount: $0.changeCount,
                isReplay: true)
        }
        if let missed {
            logger.info("scoring what was missed", metadata: ["changes": "\(missed.changeCount)"])
        }
        var forgotten = missed?.changes ?? ChangeBatch()
        forgotten.deletedEntityIDs += loaded.vanishedEntityIDs
        try await judgeAndWrite(
            missed?.movedSubjects(in: loaded.detector) ?? MovedSubjects(), forgetting: forgotten,
            by: loaded.detector, asOf: loaded.readAt, progress: progress, on: connection)
        counters.changes += missed?.changeCount ?? 0
    }

    /// Judges what has moved and stores the results, in parts where they are many; the last part comes
    /// with the feed's place.
    private mutating func judgeAndWrite(
        _ moved: MovedSubjects, forgetting deleted: ChangeBatch, by detector: AnomalyDetector,
        asOf: Double, progress: FeedProgress?, on connection: PostgresConnection
    ) async throws {
        let parts = judge?.parts(of: moved) ?? []
        for (place, part) in parts.enumerated() {
            guard var results = judge?.results(for: part, by: detector, asOf: asOf) else { return }
            if place == 0 {
                judge?.forget(deleted, &results)
            }
            try await store(
                results, progress: place == parts.count - 1 ? progress : nil, on: connection)
            judge?.remember(results, in: detector)
        }
    }

    private mutating func store(
        _ results: BatchResults, progress: FeedProgress?, on connection: PostgresConnection
    ) async throws {
        let opened = try await ResultWriter.write(results, progress: progress, on: connection)
        let entityCount = results.judgements.count { $0.subject.entityID != nil }
        counters.entitiesScored += entityCount
        counters.relationshipsScored += results.judgements.count - entityCount
        counters.anomaliesOpened += opened.count
    }

    private mutating func read(after snapshot: FeedSnapshot) async throws -> FeedEvent {
        guard let batch = try await readBatch(since: snapshot) else { return .epochChanged }
        if let graph, batch.epoch != graph.epoch {
            logger.notice(
                "the tables are not those that were loaded; loading again",
                metadata: ["epoch": "\(batch.epoch)"])
            return .epochChanged
        }
        self.batch = batch
        return .batchRead(changeCount: batch.changeCount, snapshot: batch.snapshot)
    }

    /// Reads the feed; a row of a type that was just added asks for the catalog first, and that
    /// perhaps for another load: then nil.
    private mutating func readBatch(since snapshot: FeedSnapshot) async throws -> FeedBatch? {
        do {
            return try await FeedStore.read(since: snapshot, types: types, on: session())
        } catch let error as StorageError where error.code == .staleCatalog {
            try await adoptConfiguration(on: session())
            if needsReload { return nil }
            return try await FeedStore.read(since: snapshot, types: types, on: session())
        }
    }

    /// Applies the batch, judges what it moved, and stores results and snapshot together.
    private mutating func write(upTo snapshot: FeedSnapshot) async throws {
        guard let batch, var graph else {
            preconditionFailure("a batch is written after it was read")
        }
        self.batch = nil
        let started = ContinuousClock.now
        // Taken out for the time of the change: two references would copy the whole graph.
        self.graph = nil
        defer { self.graph = graph }
        let before = counters
        var moved = try graph.detector.apply(batch.changes)
        moved.formUnion(batch.subjectsBeside(graph.detector))
        try await judgeAndWrite(
            moved, forgetting: batch.changes, by: graph.detector, asOf: batch.readAt,
            progress: FeedProgress(
                snapshot: snapshot, epoch: batch.epoch, changeCount: batch.changeCount),
            on: session())
        upkeep.graphHasMoved = true
        health.changedAt = batch.readAt
        counters.batches += 1
        counters.changes += batch.changeCount
        counters.lastBatchMilliseconds = (ContinuousClock.now - started) / .milliseconds(1)
        logger.debug(
            "batch",
            metadata: [
                "changes": "\(batch.changeCount)",
                "entities": "\(counters.entitiesScored - before.entitiesScored)",
                "relationships": "\(counters.relationshipsScored - before.relationshipsScored)",
                "opened": "\(counters.anomaliesOpened - before.anomaliesOpened)",
                "milliseconds": "\(counters.lastBatchMilliseconds)",
            ])
    }

    /// Does the upkeep that is due, then waits for the doorbell.
    private mutating func sleep(_ duration: Duration) async throws -> FeedEvent {
        let connection = try session()
        try await doUpkeep(on: connection)
        if upkeep.isReloadNeeded {
            logger.error("the graph in memory differs from what it counts; loading again")
            return .epochChanged
        }
        let timeout = !upkeep.hasSubjects && !upkeep.isRetaining ? duration : .zero
        let notifications = try await waitForNotification(timeout, on: connection)
        try await heed(notifications, on: connection)
        if needsReload {
            return .epochChanged
        }
        return notifications.contains { $0.channel == "vigil_feed" } ? .doorbell : .timerFired
    }

    /// Takes up a new configuration between two batches: under load the feed never sleeps.
    ///
    /// A doorbell that is heard here is answered, for a read comes next.
    private mutating func listen() async throws {
        guard ContinuousClock.now - listenedAt >= Self.listeningInterval else { return }
        listenedAt = ContinuousClock.now
        let connection = try session()
        try await heed(try await connection.waitForNotification(timeout: .zero), on: connection)
        if let settings = graph?.catalog.sidecar { try await learn(from: settings, on: connection) }
    }

    /// Takes up what has changed: settings, indicators, types and models at once, reviews in the next round
    /// of learning.
    private mutating func heed(
        _ notifications: [PostgresNotification], on connection: PostgresConnection
    ) async throws {
        let changed = Set(
            notifications.filter { $0.channel == "vigil_configuration" }.map(\.payload))
        if changed.contains("reviews") { learning.isDue = true }
        if !changed.subtracting(["reviews"]).isEmpty {
            try await adoptConfiguration(on: connection)
        }
    }

    private static let listeningInterval = Duration.milliseconds(100)

    /// A shutdown ends the wait at once; it is not an error.
    private func waitForNotification(
        _ timeout: Duration, on connection: PostgresConnection
    ) async throws -> [PostgresNotification] {
        try await withGracefulShutdownHandler {
            try await connection.waitForNotification(timeout: timeout)
        } onGracefulShutdown: {
            connection.wake()
        }
    }

    // MARK: - Upkeep between batches

    private mutating func doUpkeep(on connection: PostgresConnection) async throws {
        guard let settings = graph?.catalog.sidecar else { return }
        if let refreshed = upkeep.takeRefresh() {
            try await adopt(refreshed)
        }
        try await learn(from: settings, on: connection)
        if upkeep.isRefreshDue(every: settings.metricsRefresh) {
            try await startRefresh(on: connection)
        }
        if upkeep.isAuditDue(every: settings.metricAudit) {
            try await auditMetrics(on: connection)
        }
        upkeep.rescoring.insert(
            requests.take { graph?.detector.entityIDs ?? [] }, withRelationships: true)
        upkeep.reconsider(every: settings.reconsideration) { judge?.open.subjects ?? [] }
        // Shares its memory: what is written meanwhile copies the pages that it touches.
        requests.lend(graph?.detector.withoutKeptMetrics)
        if !upkeep.rescoring.isEmpty {
            try await rescore(on: connection)
        } else if upkeep.hasSubjects {
            try await reconsider(on: connection)
        }
        if upkeep.isRetentionDue() {
            // A step at a time: a change that arrives meanwhile waits for milliseconds only.
            upkeep.isRetaining = try await SidecarRegistry.upkeep(on: connection)
        }
        if upkeep.isHeartbeatDue(every: settings.heartbeat) {
            if let detector = graph?.detector {
                try await MetricHealthStore.write(health.rows(of: detector), on: connection)
            }
            try await SidecarRegistry.beat(report(state: "following"), on: connection)
        }
    }

    /// Starts global metrics on a frozen copy of the graph, which shares its memory.
    private mutating func startRefresh(on connection: PostgresConnection) async throws {
        let now = try await clock(on: connection)
        let touched = graph?.detector.beginRefresh()
        guard let detector = graph?.detector else { return }
        upkeep.startRefresh(
            // One thread: the other cores belong to the feed and the writers.
            MetricsRefresh(
                of: detector.graph, after: detector.epoch?.metrics, touched: touched,
                ratingTypes: detector.catalog.ratingTypeCodes, seed: options.seed, threadCount: 1,
                whenDone: { connection.wake() }),
            at: now)
    }

    /// Compares kept metrics with recomputed ones at random entities.
    ///
    /// A metric that is kept wrong is recomputed from now on, and says so; where the graph itself
    /// counts wrong, it is loaded again.
    private mutating func auditMetrics(on connection: PostgresConnection) async throws {
        let sampleCount = Self.auditSampleCount
        guard let findings = graph?.detector.audit(&audit, sampleCount: sampleCount) else { return }
        health.auditedAt = try await clock(on: connection)
        for finding in findings {
            logger.error("a kept metric is wrong", metadata: ["finding": "\(finding)"])
        }
        upkeep.isReloadNeeded = findings.contains { $0.metric.isCountedByGraph }
    }

    /// Few enough that an audit takes a millisecond or so.
    private static let auditSampleCount = 8

    /// Takes over a finished refresh; entities whose global metrics it moved are judged again.
    private mutating func adopt(_ refreshed: RefreshedMetrics) async throws {
        guard var graph else { return }
        self.graph = nil
        defer { self.graph = graph }
        let metrics = refreshed.metrics
        health.seconds = refreshed.seconds
        let moved = graph.detector.entitiesMoved(by: metrics)
        let epoch = graph.detector.graphEpoch + 1
        graph.detector.adopt(
            globalMetrics: metrics, epoch: epoch, asOf: upkeep.refreshStartedAt)
        graph.detector.adopt(pageRank: refreshed.pageRank)
        graph.detector.adopt(standings: refreshed.standings)
        upkeep.rescoring.insert(moved, withRelationships: false)
        counters.metricsRefreshes += 1
        logger.debug(
            "metrics refreshed", metadata: ["epoch": "\(epoch)", "moved": "\(moved.count)"])
    }

    /// Judges the next chunk of the queue: a first scan, a new model, moved metrics.
    private mutating func rescore(on connection: PostgresConnection) async throws {
        guard let detector = graph?.detector else { return }
        let started = ContinuousClock.now
        let chunk = upkeep.nextChunk(of: detector)
        if let results = judge?.results(
            for: chunk, by: detector, asOf: try await clock(on: connection))
        {
            try await store(results, progress: nil, on: connection)
            judge?.remember(results, in: detector)
        }
        requests.didJudge(chunk.compactMap(\.entityID))
        upkeep.chunkTook(ContinuousClock.now - started)
        if upkeep.rescoring.isEmpty {
            logger.info(
                "every entity is scored", metadata: ["scored": "\(counters.entitiesScored)"])
        }
    }

    /// Judges the next subjects with an open anomaly whose cause may have passed with time.
    private mutating func reconsider(on connection: PostgresConnection) async throws {
        guard let detector = graph?.detector else { return }
        let started = ContinuousClock.now
        if let results = judge?.reconsidered(
            upkeep.nextReconsidered(), by: detector, asOf: try await clock(on: connection)),
            !results.calmed.isEmpty
        {
            try await store(results, progress: nil, on: connection)
            judge?.remember(results, in: detector)
        }
        upkeep.chunkTook(ContinuousClock.now - started)
    }

    /// Starts to learn from reviews where they have changed, and hears what a round has brought.
    private mutating func learn(
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
    private mutating func hear(
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
    private mutating func adopt(
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
    private static let reconsideredScore = 0.1

    /// Settings, indicators or models changed: read them; a new model judges everybody again.
    private mutating func adoptConfiguration(on connection: PostgresConnection) async throws {
        guard var graph else { return }
        self.graph = nil
        defer { self.graph = graph }
        do {
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
            let share = judge?.settings.challengerShare ?? 0
            judge?.settings = catalog.sidecar
            try await adoptModels(of: &graph, shareBefore: share, on: connection)
            try await follow(
                catalog.detection.anomalyThreshold, after: threshold, on: connection)
        } catch let error as PostgresError {
            throw error
        } catch {
            // What is in force stays in force until the rows are right again.
            logger.error("the new configuration is refused", metadata: ["reason": "\(error)"])
        }
    }

    /// Takes up the models that are in use now: a new active one judges everybody again, a new challenger
    /// first what reviews are known of.
    private mutating func adoptModels(
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
            upkeep.rescoring.insert(graph.detector.entityIDs, withRelationships: true)
        }
        let challenger = graph.detector.challengerVersion
        guard challenger != challengerBefore else { return }
        logger.info("challenger adopted", metadata: ["version": "\(challenger ?? "none")"])
        guard challenger != nil else { return }
        let reviewed = try await ModelStore.reviewedSubjects(on: connection)
        let open = judge?.open.subjects ?? []
        upkeep.rescoring.insert(
            first: Set(
                reviewed.entityIDs.map { Subject.entity($0) }
                    + reviewed.relationshipIDs.map { Subject.relationship($0) }
            ).union(open).sorted {
                ($0.entityID == nil ? 1 : 0, $0.id) < ($1.entityID == nil ? 1 : 0, $1.id)
            })
    }

    /// Another threshold holds at once: what it makes an anomaly is judged again, and so is what it
    /// makes none.
    private mutating func follow(
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

    /// The database's clock, in seconds since 1970.
    private func clock(on connection: PostgresConnection) async throws -> Double {
        try await connection.query("SELECT date_part('epoch', clock_timestamp())")
            .double(row: 0, column: 0)
    }

    private func session() throws(PostgresError) -> PostgresConnection {
        guard let connection else {
            throw PostgresError(code: .connectionLost, message: "there is no connection")
        }
        return connection
    }

    private func report(state: String) -> SidecarRegistry.Report {
        let encoded = (try? JSONEncoder().encode(counters)) ?? Data("{}".utf8)
        return SidecarRegistry.Report(
            state: state, nodeCount: graph?.detector.entityCount ?? 0,
            edgeCount: graph?.detector.relationshipCount ?? 0,
            modelVersion: graph?.detector.modelVersion,
            graphEpoch: graph?.detector.graphEpoch ?? 0,
            counters: String(decoding: encoded, as: UTF8.self))
    }
}

extension SidecarSettings {
    /// The part of the settings that the feed's state machine follows.
    fileprivate var feed: FeedConfiguration {
        FeedConfiguration(usesDoorbell: armsDoorbell, fallbackPoll: fallbackPoll)
    }
}
