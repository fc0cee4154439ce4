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
    private var judge = Judge(openAnomalies: [], subgraphHops: 2)
    private var batch: FeedBatch?
    private var counters = Counters()
    private var configuration: FeedConfiguration?
    private var upkeep = Upkeep()
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
            return .batchWritten
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
        types = TypeCodes(loaded.catalog.types)
        try await loaded.adoptActiveModel(on: connection)
        let seconds = await loaded.computeMetrics(
            seed: options.seed, threadCount: options.threadCount, progress: log.report)
        health = MetricHealthReport(changedAt: loaded.readAt, seconds: seconds)
        judge = Judge(
            openAnomalies: loaded.openAnomalies, subgraphHops: loaded.catalog.sidecar.subgraphHops)
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

    /// Stores what the changes since the stored snapshot have brought, and forgets who vanished
    /// without a trace in the feed.
    private mutating func catchUp(
        with loaded: LoadedGraph, on connection: PostgresConnection
    ) async throws {
        let missed = loaded.missed.flatMap { $0.changeCount > 0 ? $0 : nil }
        guard missed != nil || !loaded.vanishedEntityIDs.isEmpty else { return }
        let deleted = (missed?.changes.deletedEntityIDs ?? []) + loaded.vanishedEntityIDs
        let results = judge.results(
            for: missed?.touchedEntities(in: loaded.detector) ?? [], deleted: deleted,
            by: loaded.detector, asOf: loaded.readAt)
        let progress = missed.map {
            FeedProgress(
                snapshot: loaded.snapshot, epoch: loaded.epoch, changeCount: $0.changeCount,
                isReplay: true)
        }
        if let missed {
            logger.info("scoring what was missed", metadata: ["changes": "\(missed.changeCount)"])
        }
        let opened = try await ResultWriter.write(results, progress: progress, on: connection)
        judge.remember(results)
        counters.changes += missed?.changeCount ?? 0
        counters.entitiesScored += results.judgements.count
        counters.anomaliesOpened += opened.count
    }

    private mutating func read(after snapshot: FeedSnapshot) async throws -> FeedEvent {
        let batch = try await readBatch(since: snapshot)
        if let graph, batch.epoch != graph.epoch {
            logger.notice(
                "the tables are not those that were loaded; loading again",
                metadata: ["epoch": "\(batch.epoch)"])
            return .epochChanged
        }
        self.batch = batch
        return .batchRead(changeCount: batch.changeCount, snapshot: batch.snapshot)
    }

    /// Reads the feed; a row of a type that was just added asks for the catalog first.
    private mutating func readBatch(since snapshot: FeedSnapshot) async throws -> FeedBatch {
        do {
            return try await FeedStore.read(since: snapshot, types: types, on: session())
        } catch let error as StorageError where error.code == .staleCatalog {
            try await adoptConfiguration(on: session())
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
        var touched = try graph.detector.apply(batch.changes).entityIDs
        touched.formUnion(
            batch.endsOfDeleted.filter { graph.detector.record(of: $0) != nil })
        let results = judge.results(
            for: touched, deleted: batch.changes.deletedEntityIDs, by: graph.detector,
            asOf: batch.readAt)
        let judged = ContinuousClock.now
        let opened = try await ResultWriter.write(
            results,
            progress: FeedProgress(
                snapshot: snapshot, epoch: batch.epoch, changeCount: batch.changeCount),
            on: session())
        judge.remember(results)
        upkeep.graphHasMoved = true
        health.changedAt = batch.readAt
        counters.batches += 1
        counters.changes += batch.changeCount
        counters.entitiesScored += results.judgements.count
        counters.anomaliesOpened += opened.count
        counters.lastBatchMilliseconds = (ContinuousClock.now - started) / .milliseconds(1)
        logger.debug(
            "batch",
            metadata: [
                "changes": "\(batch.changeCount)", "scored": "\(results.judgements.count)",
                "opened": "\(opened.count)", "milliseconds": "\(counters.lastBatchMilliseconds)",
                "judging_milliseconds": "\((judged - started) / .milliseconds(1))",
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
        let timeout = upkeep.rescoring.isEmpty && !upkeep.isRetaining ? duration : .zero
        let notifications = try await waitForNotification(timeout, on: connection)
        if notifications.contains(where: { $0.channel == "vigil_configuration" }) {
            try await adoptConfiguration(on: connection)
        }
        return notifications.contains { $0.channel == "vigil_feed" } ? .doorbell : .timerFired
    }

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
        if upkeep.isRefreshDue(every: settings.metricsRefresh) {
            try await startRefresh(on: connection)
        }
        if upkeep.isAuditDue(every: settings.metricAudit) {
            try await auditMetrics(on: connection)
        }
        upkeep.enqueue(requests.take { graph?.detector.entityIDs ?? [] })
        // Shares its memory: what is written meanwhile copies the pages that it touches.
        requests.lend(graph?.detector.withoutKeptMetrics)
        if !upkeep.rescoring.isEmpty {
            try await rescore(on: connection)
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
                seed: options.seed, threadCount: 1, whenDone: { connection.wake() }),
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
        upkeep.enqueue(moved)
        counters.metricsRefreshes += 1
        logger.debug(
            "metrics refreshed", metadata: ["epoch": "\(epoch)", "moved": "\(moved.count)"])
    }

    /// Judges the next chunk of the queue: a first scan, a new model, moved metrics.
    private mutating func rescore(on connection: PostgresConnection) async throws {
        guard let graph else { return }
        let started = ContinuousClock.now
        let chunk = upkeep.nextChunk()
        let results = judge.results(
            for: chunk, by: graph.detector, asOf: try await clock(on: connection))
        let opened = try await ResultWriter.write(results, progress: nil, on: connection)
        judge.remember(results)
        requests.didJudge(chunk)
        counters.entitiesScored += results.judgements.count
        counters.anomaliesOpened += opened.count
        upkeep.chunkTook(ContinuousClock.now - started)
        if upkeep.rescoring.isEmpty {
            logger.info(
                "every entity is scored", metadata: ["scored": "\(counters.entitiesScored)"])
        }
    }

    /// Settings, indicators or models changed: read them; a new model judges everybody again.
    private mutating func adoptConfiguration(on connection: PostgresConnection) async throws {
        guard var graph else { return }
        self.graph = nil
        defer { self.graph = graph }
        do {
            let catalog = try await CatalogStore.load(on: connection)
            graph.detector.adopt(
                settings: catalog.detection, indicators: catalog.indicators, catalog: catalog.types)
            graph.catalog = catalog
            types = TypeCodes(catalog.types)
            configuration = catalog.sidecar.feed
            judge.subgraphHops = catalog.sidecar.subgraphHops
            let version = try await ModelStore.activeVersion(on: connection)
            if version != graph.detector.modelVersion {
                try await graph.adoptActiveModel(on: connection)
                upkeep.enqueue(graph.detector.entityIDs)
                logger.info("model adopted", metadata: ["version": "\(version ?? "none")"])
            }
        } catch let error as PostgresError {
            throw error
        } catch {
            // What is in force stays in force until the rows are right again.
            logger.error("the new configuration is refused", metadata: ["reason": "\(error)"])
        }
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
