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
    let options: Sidecar.Options
    let logger: Logger
    var connection: PostgresConnection?
    var graph: LoadedGraph?
    var judge: Judge?
    var batch: PendingBatch?
    /// The database's clock at the last read, and how old the oldest change was that it brought.
    var readAt = Double.nan
    var batchAge = Double.nan
    var counters = Counters()
    var configuration: FeedConfiguration?
    var upkeep = Upkeep()
    var learning = ReviewLearning()
    /// The rows in memory are not those that the configuration asks for.
    var needsReload = false
    /// When the session was last asked for notifications between two batches.
    var listenedAt = ContinuousClock.now
    var health = MetricHealthReport()
    var audit: MetricAudit
    var types = TypeCodes(
        TypeCatalog(entityTypes: [:], relationshipTypes: [:], ratingTypeCodes: []))

    var standing = Standing()
    let desk: AuditDesk
    let executor: BlockingExecutor
    let requests: JudgingRequests

    init(
        options: Sidecar.Options, logger: Logger, executor: BlockingExecutor,
        requests: JudgingRequests, desk: AuditDesk
    ) {
        self.desk = desk
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
            return try await connect()
        case .standBy:
            return try await standBy()
        case .load:
            return .loaded(try await load())
        case .read(let snapshot):
            return try await read(after: snapshot)
        case .write(let snapshot):
            try await write(upTo: snapshot)
            tellSizes()
            try await listen()
            // Under load the feed never sleeps.
            try await doUpkeep(on: session())
            return needsReload ? .epochChanged : .batchWritten
        case .arm:
            try await FeedStore.arm(on: session())
            return .armed
        case .sleep(let duration):
            return try await sleep(duration)
        case .waitToReconnect(let duration):
            counters.reconnects += 1
            options.metrics.recordReconnect()
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
        standDown()
        requests.close()
        if let connection {
            try? await SidecarRegistry.beat(report(state: "stopped"), on: connection)
            await connection.close()
        }
        connection = nil
        batch = nil
    }

    // MARK: - Actions

    mutating func connect() async throws -> FeedEvent {
        let connection = try await PostgresConnection.connect(
            options.conninfo, applicationName: "vigil sidecar", on: executor)
        self.connection = connection
        try await SidecarRegistry.requireOwnSession(on: connection)
        try await Installation.check(on: connection)
        try await connection.execute(FeedStore.sessionSettings)
        try await connection.execute("LISTEN vigil_feed; LISTEN vigil_configuration")
        return try await begin(on: connection)
    }

    /// Loads the graph, scores what nobody has scored since the stored snapshot, stores the new one.
    ///
    /// A start, a reconnection and a restore are one path: there is no second.
    mutating func load() async throws -> FeedSnapshot {
        let connection = try session()
        if let position = try await takeOver(on: connection) {
            readAt = graph?.readAt ?? .nan
            options.metrics.recordTakeover()
            tellSizes()
            return position
        }
        // An update of Vigil is an epoch: what runs on must be of the new version.
        try await Installation.check(on: connection)
        let log = LoadLog(logger: logger, health: options.health)
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
            settings: loaded.catalog.sidecar, threadCount: options.threadCount)
        // Nobody can tell what a new epoch has changed: everything is judged again.
        let isContinued =
            state.snapshot != nil && loaded.epoch == state.epoch && !standing.takesAll()
        let stale = isContinued ? loaded.staleEntityIDs : loaded.detector.scannedEntityIDs
        upkeep = Upkeep(rescoring: stale)
        try await noteUnfinished(on: connection)
        try await catchUp(with: loaded, on: connection)
        try await FeedStore.recordLoad(
            snapshot: loaded.snapshot, epoch: loaded.epoch, on: connection)
        graph = loaded
        readAt = loaded.readAt
        options.metrics.recordLoad()
        tellSizes()
        logFollowing(toScore: stale.count)
        try await MetricHealthStore.write(health.rows(of: loaded.detector), on: connection)
        try await SidecarRegistry.beat(report(state: "following"), on: connection)
        requests.open { connection.wake() }
        return loaded.snapshot
    }

    func logFollowing(toScore staleCount: Int) {
        guard let detector = graph?.detector else { return }
        logger.info(
            "following",
            metadata: [
                "entities": "\(detector.entityCount)",
                "relationships": "\(detector.relationshipCount)",
                "model": "\(detector.modelVersion ?? "none: rules judge")",
                "to_score": "\(staleCount)",
            ])
    }

    /// Stores what the changes since the stored snapshot have brought, and forgets who vanished
    /// without a trace in the feed.
    mutating func catchUp(
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
        var forgotten = missed?.deleted ?? ChangeBatch()
        forgotten.deletedEntityIDs += loaded.vanishedEntityIDs
        try await judgeAndWrite(
            missed?.moved ?? MovedSubjects(), forgetting: forgotten,
            by: loaded.detector, asOf: loaded.readAt, progress: progress, on: connection)
        guard let missed else { return }
        counters.changes += missed.changeCount
        options.metrics.recordReplay(changeCount: missed.changeCount)
    }

    /// Judges what has moved and stores the results, in parts where they are many; the last part comes
    /// with the feed's place.
    mutating func judgeAndWrite(
        _ moved: MovedSubjects, forgetting deleted: ChangeBatch, by detector: AnomalyDetector,
        asOf: Double, progress: FeedProgress?, on connection: PostgresConnection
    ) async throws {
        let parts = judge?.parts(of: moved) ?? []
        upkeep.reconsider(judge?.reconsidered(after: moved) ?? [])
        var lap = options.metrics.startLap()
        for (place, part) in parts.enumerated() {
            guard
                var results = judge?.results(
                    for: part, by: detector, asOf: asOf, sparingRepetitions: true)
            else { return }
            if place == 0 {
                judge?.forget(deleted, &results)
            }
            lap.end(.judge)
            try await store(
                results, by: detector, progress: place == parts.count - 1 ? progress : nil,
                on: connection)
            lap.end(.write)
            if parts.count > 1 { try await beat(for: detector, on: connection) }
        }
    }

    mutating func store(
        _ results: BatchResults, by detector: AnomalyDetector, progress: FeedProgress?,
        on connection: PostgresConnection
    ) async throws {
        let (opened, leftOut) = try await ResultWriter.writeAll(
            results, progress: progress, on: connection)
        judge?.remember(results, except: leftOut, in: detector)
        upkeep.putOff(leftOut)
        upkeep.renew(results.repeated)
        let entityCount = results.judgements.count { $0.subject.entityID != nil }
        counters.entitiesScored += entityCount
        counters.relationshipsScored += results.judgements.count - entityCount
        counters.anomaliesOpened += opened.count
        upkeep.counterfactuals.note(results)
        options.metrics.recordJudgements(
            entities: entityCount, relationships: results.judgements.count - entityCount,
            opened: opened.count)
    }

    mutating func read(after snapshot: FeedSnapshot) async throws -> FeedEvent {
        var lap = options.metrics.startLap()
        guard let batch = try await readBatch(since: snapshot) else { return .epochChanged }
        lap.end(.read)
        if let graph, batch.epoch != graph.epoch {
            logger.notice(
                "the tables are not those that were loaded; loading again",
                metadata: ["epoch": "\(batch.epoch)"])
            return .epochChanged
        }
        if batch.isCut {
            options.health.didRead(
                changeCount: batch.changeCount,
                age: batch.readAt - max(batch.oldestWriteAt, readAt))
            return try await absorb(since: snapshot)
        }
        self.batch = .read(batch)
        noteRead(batch.changeCount, at: batch.readAt, oldest: batch.oldestWriteAt)
        return .batchRead(changeCount: batch.changeCount, snapshot: batch.snapshot)
    }

    /// Tells how old the oldest change is that was read.
    mutating func noteRead(_ changeCount: Int, at now: Double, oldest: Double) {
        // What is new here was committed after the last read, however old its row says that it is.
        batchAge = oldest.isNaN ? .nan : now - max(oldest, readAt)
        readAt = now
        options.health.didRead(changeCount: changeCount, age: batchAge)
    }

    /// Reads the feed; a row of a type that was just added asks for the catalog first, and that
    /// perhaps for another load: then nil.
    mutating func readBatch(since snapshot: FeedSnapshot) async throws -> FeedBatch? {
        do {
            return try await FeedStore.read(since: snapshot, types: types, on: session())
        } catch let error as StorageError where error.code == .staleCatalog {
            try await adoptConfiguration(on: session())
            if needsReload { return nil }
            return try await FeedStore.read(since: snapshot, types: types, on: session())
        }
    }

    /// Applies the batch, judges what it moved, and stores results and snapshot together.
    mutating func write(upTo snapshot: FeedSnapshot) async throws {
        guard let pending = batch, var graph else {
            preconditionFailure("a batch is written after it was read")
        }
        self.batch = nil
        let started = ContinuousClock.now
        // Taken out for the time of the change: two references would copy the whole graph.
        self.graph = nil
        defer { self.graph = graph }
        let before = counters
        var lap = options.metrics.startLap()
        let batch: AppliedBatch
        switch pending {
        case .read(let read):
            batch = try AppliedBatch(read, to: &graph.detector)
            lap.end(.apply)
        case .absorbed(let absorbed): batch = absorbed
        }
        graph.snapshot = snapshot
        try await judgeAndWrite(
            batch.moved, forgetting: batch.deleted, by: graph.detector, asOf: batch.readAt,
            progress: FeedProgress(
                snapshot: snapshot, epoch: batch.epoch, changeCount: batch.changeCount),
            on: session())
        upkeep.noteChange()
        health.changedAt = batch.readAt
        counters.batches += 1
        counters.changes += batch.changeCount
        let took = ContinuousClock.now - started
        counters.lastBatchMilliseconds = took / .milliseconds(1)
        options.metrics.recordBatch(
            changeCount: batch.changeCount, age: batchAge, sinceRead: took)
        options.health.didWrite()
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
    mutating func sleep(_ duration: Duration) async throws -> FeedEvent {
        let connection = try session()
        try await doUpkeep(on: connection)
        if upkeep.isReloadNeeded {
            logger.error("the graph in memory differs from what it counts; loading again")
            return .epochChanged
        }
        tellSizes()
        let timeout = min(duration, upkeep.rest ?? duration)
        var lap = options.metrics.startLap()
        let notifications = try await waitForNotification(timeout, on: connection)
        lap.end(.wait)
        try await heed(notifications, on: connection)
        if needsReload {
            return .epochChanged
        }
        return notifications.contains { $0.channel == "vigil_feed" } ? .doorbell : .timerFired
    }

    /// A shutdown ends the wait at once; it is not an error.
    func waitForNotification(
        _ timeout: Duration, on connection: PostgresConnection
    ) async throws -> [PostgresNotification] {
        try await withGracefulShutdownHandler {
            try await connection.waitForNotification(timeout: timeout)
        } onGracefulShutdown: {
            connection.wake()
        }
    }

    /// The database's clock, in seconds since 1970.
    func clock(on connection: PostgresConnection) async throws -> Double {
        try await connection.query("SELECT date_part('epoch', clock_timestamp())")
            .double(row: 0, column: 0)
    }

    /// Has the health know how large things are.
    func tellSizes() {
        guard let detector = graph?.detector else { return }
        options.health.update(
            SidecarHealth.Sizes(
                entityCount: detector.entityCount, relationshipCount: detector.relationshipCount,
                openAnomalyCount: judge?.open.count ?? 0,
                queueLength: upkeep.rescoring.count, graphEpoch: detector.graphEpoch),
            modelVersion: detector.modelVersion, challengerVersion: detector.challengerVersion)
    }

    func session() throws(PostgresError) -> PostgresConnection {
        guard let connection else {
            throw PostgresError(code: .connectionLost, message: "there is no connection")
        }
        return connection
    }

    /// Gives a sign of life where it is due, between two parts of a large batch.
    mutating func beat(
        for detector: AnomalyDetector, on connection: PostgresConnection
    ) async throws {
        options.health.didMove()
        guard let interval = judge?.settings.heartbeat, upkeep.isHeartbeatDue(every: interval)
        else { return }
        try await SidecarRegistry.beat(report(state: "following", of: detector), on: connection)
    }

    func report(state: String) -> SidecarRegistry.Report {
        report(state: state, of: graph?.detector)
    }

    private func report(state: String, of detector: AnomalyDetector?) -> SidecarRegistry.Report {
        var counters = counters
        counters.tell(options.metrics)
        let encoded = (try? JSONEncoder().encode(counters)) ?? Data("{}".utf8)
        return SidecarRegistry.Report(
            state: state, nodeCount: detector?.entityCount ?? 0,
            edgeCount: detector?.relationshipCount ?? 0,
            modelVersion: detector?.modelVersion,
            graphEpoch: detector?.graphEpoch ?? 0,
            counters: String(decoding: encoded, as: UTF8.self))
    }
}

extension SidecarSettings {
    /// The part of the settings that the feed's state machine follows.
    var feed: FeedConfiguration {
        FeedConfiguration(usesDoorbell: armsDoorbell, fallbackPoll: fallbackPoll)
    }
}
