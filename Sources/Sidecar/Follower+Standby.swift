import AnomalyDetection
import ChangeFeed
import Logging
import PostgresClient
import Storage

/// What a process keeps that may lead and may stand by.
struct Standing {
    /// The place of a standby's graph in the feed; nil where there is no warm graph.
    var position: FeedSnapshot?
    /// Renews the lease; nil where another leads.
    var lease: LeaseKeeper?
    /// What nobody has scored, after a change of the lead.
    var check = ScoreCheck()
    /// Memory was found wrong: with the next load everything is judged again.
    var judgesAll = false

    /// Whether everything is to be judged again, once.
    mutating func takesAll() -> Bool {
        defer { judgesAll = false }
        return judgesAll
    }
}

/// Standing by: another process leads, and this one follows without writing, until the lead is free.
extension Follower {
    /// Takes the lead where it is free; where another has it, stands by or refuses, as asked.
    mutating func begin(on connection: PostgresConnection) async throws -> FeedEvent {
        standing.position = nil
        if try await SidecarLead.take(on: connection) {
            try await lead(on: connection)
            logger.info("connected; leading")
            return .connected
        }
        let leader = try await SidecarLead.leader(on: connection)
        guard options.standsBy else {
            throw StorageError(
                code: .anotherSidecar, message: "another sidecar follows this database: \(leader)",
                hint: "stop it first, or let it do the work")
        }
        try await SidecarLead.register(as: .standby, on: connection)
        logger.info("connected; standing by", metadata: ["leader": "\(leader)"])
        return .anotherLeads
    }

    /// What a process does first that has the lock.
    private mutating func lead(on connection: PostgresConnection) async throws {
        try await SidecarLead.register(as: .leader, on: connection)
        standing.lease?.cancel()
        standing.lease = LeaseKeeper(
            for: await connection.processID, options: options, logger: logger)
    }

    /// One step: the lead, where it is free; else what has changed, and a rest.
    mutating func standBy() async throws -> FeedEvent {
        let connection = try session()
        if try await takesLead(on: connection) {
            try await lead(on: connection)
            logger.notice("the lead was free; taking over")
            return .connected
        }
        let isBehind = try await followWarm(on: connection)
        if standing.position != nil {
            options.health.standsBy()
            tellSizes()
        }
        try await doWarmUpkeep(on: connection)
        let notifications = try await waitForNotification(
            isBehind ? .zero : Self.standbyPoll, on: connection)
        try await heedWarm(notifications, on: connection)
        return .anotherLeads
    }

    /// How often a standby looks for the lead and for changes that nobody rings for.
    private static let standbyPoll = Duration.milliseconds(150)

    /// Takes the lock; one that a stalled leader holds is freed first.
    private func takesLead(on connection: PostgresConnection) async throws -> Bool {
        if try await SidecarLead.take(on: connection) { return true }
        guard try await SidecarLead.isStalled(on: connection),
            try await SidecarLead.endStalled(on: connection)
        else { return false }
        logger.warning("the leader has let its lease run out; its session was ended")
        for _ in 0..<Self.releaseAttemptCount {
            if try await SidecarLead.take(on: connection) { return true }
            _ = try await connection.waitForNotification(timeout: .milliseconds(10))
        }
        return false
    }

    /// A session that was ended is gone within milliseconds, unless its server is very busy.
    private static let releaseAttemptCount = 50

    // MARK: - Following

    /// Brings the graph up to what is visible now.
    ///
    /// - Returns: whether there was so much that more is to be expected.
    private mutating func followWarm(on connection: PostgresConnection) async throws -> Bool {
        guard let position = standing.position, !needsReload else {
            try await loadWarm(on: connection)
            return true
        }
        // Whatever fails from here on: the graph is loaded again.
        standing.position = nil
        guard let batch = try await readBatch(since: position) else { return true }
        if batch.isCut { return try await absorbWarm(since: position, on: connection) }
        guard var graph, batch.epoch == graph.epoch else { return true }
        self.graph = nil
        defer { self.graph = graph }
        if batch.changeCount > 0 {
            _ = try graph.detector.apply(batch.changes)
            noteFollowed(batch.changeCount, readAt: batch.readAt)
        }
        standing.position = batch.snapshot
        return batch.changeCount >= Self.largeBatch
    }

    /// Takes a burst in, piece by piece; where it breaks off, the graph is loaded again.
    private mutating func absorbWarm(
        since position: FeedSnapshot, on connection: PostgresConnection
    ) async throws -> Bool {
        guard var graph else { return true }
        self.graph = nil
        let suspended = graph.detector.suspendMetrics()
        let health = options.health
        let burst: (value: (AnomalyDetector, Int), last: FeedBatch)
        do {
            // The place of the detector is left empty: two references would copy what is changed.
            let detector = graph.detector
            graph.detector = AnomalyDetector(catalog: graph.catalog.types)
            burst = try await FeedStore.absorb(
                since: position, types: types, on: connection, into: (consume detector, 0)
            ) { state, batch in
                _ = try state.0.apply(batch.changes)
                state.1 += batch.changeCount
                health.didMove()
            }
        } catch let error as StorageError where error.code == .staleCatalog {
            return true
        }
        guard burst.last.epoch == graph.epoch else { return true }
        graph.detector = burst.value.0
        graph.detector.resumeMetrics(suspended)
        self.graph = graph
        noteFollowed(burst.value.1, readAt: burst.last.readAt)
        standing.position = burst.last.snapshot
        return true
    }

    private mutating func noteFollowed(_ changeCount: Int, readAt: Double) {
        upkeep.noteChange()
        health.changedAt = readAt
        counters.changesFollowed += changeCount
    }

    private static let largeBatch = 4_096

    /// Loads the graph as a leader does, and judges nothing.
    private mutating func loadWarm(on connection: PostgresConnection) async throws {
        options.health.begin(.load(resuming: nil))
        defer { options.health.begin(.standBy) }
        try await Installation.check(on: connection)
        options.health.loadsWarm()
        let log = LoadLog(logger: logger, health: options.health)
        var loaded = try await GraphLoader.load(on: connection, since: nil, progress: log.report)
        needsReload = false
        types = TypeCodes(loaded.catalog.types)
        try await adoptModels(&loaded, on: connection)
        let seconds = await loaded.computeMetrics(
            seed: options.seed, threadCount: options.threadCount, progress: log.report)
        health = MetricHealthReport(changedAt: loaded.readAt, seconds: seconds)
        upkeep.cancel()
        upkeep = Upkeep()
        standing.position = loaded.snapshot
        graph = loaded
        tellSizes()
        logger.info(
            "standing by",
            metadata: [
                "entities": "\(loaded.detector.entityCount)",
                "relationships": "\(loaded.detector.relationshipCount)",
            ])
        try await SidecarRegistry.beat(report(state: "standing by"), on: connection)
    }

    /// What keeps a graph warm: global metrics, their audit, a sign of life.
    ///
    /// Nothing is judged.
    private mutating func doWarmUpkeep(on connection: PostgresConnection) async throws {
        guard let settings = graph?.catalog.sidecar else { return }
        if let refreshed = upkeep.takeRefresh() {
            try await adopt(refreshed)
            upkeep.rescoring = JudgingQueue()
        }
        if upkeep.isRefreshDue(every: settings.metricsRefresh) {
            try await startRefresh(on: connection)
        }
        if upkeep.isAuditDue(every: settings.metricAudit) {
            try await auditMetrics(on: connection)
            if upkeep.isReloadNeeded { needsReload = true }
        }
        if upkeep.isHeartbeatDue(every: settings.heartbeat) {
            try await SidecarRegistry.beat(report(state: "standing by"), on: connection)
        }
    }

    /// Takes up settings, models and what was learnt from reviews, as the leader does.
    private mutating func heedWarm(
        _ notifications: [PostgresNotification], on connection: PostgresConnection
    ) async throws {
        guard notifications.contains(where: { $0.channel == "vigil_configuration" }) else { return }
        try await adoptConfigurationWarm(on: connection)
    }

    private mutating func adoptConfigurationWarm(
        on connection: PostgresConnection
    ) async throws {
        try await adoptConfiguration(on: connection)
        // Its state machine is told when it leads.
        configuration = nil
        upkeep.rescoring = JudgingQueue()
        let head = try? await activeReviewHead(on: connection)
        guard var graph, graph.detector.reviewHead?.version != head?.version else { return }
        self.graph = nil
        defer { self.graph = graph }
        graph.detector.adopt(reviewHead: head)
    }

    // MARK: - Taking over

    /// Goes on where the leader before has stopped, on the warm graph; nil where a whole load is due.
    ///
    /// One snapshot shows what the graph does not have yet and what nobody has judged: so nothing is
    /// lost, and what the other one has stored is not judged a second time.
    mutating func takeOver(on connection: PostgresConnection) async throws -> FeedSnapshot? {
        guard let position = standing.position else { return nil }
        standing.position = nil
        let started = ContinuousClock.now
        try await Installation.check(on: connection)
        let state = try await FeedStore.state(on: connection)
        try await adoptConfigurationWarm(on: connection)
        guard !needsReload, let stored = state.snapshot, state.epoch == graph?.epoch,
            try await bringUp(from: position, storedAt: stored, on: connection), let loaded = graph
        else { return nil }
        configuration = loaded.catalog.sidecar.feed
        judge = Judge(
            open: OpenAnomalies(loaded.openAnomalies, in: loaded.detector),
            settings: loaded.catalog.sidecar, threadCount: options.threadCount)
        learning.isDue = true
        try await catchUp(with: loaded, on: connection)
        try await FeedStore.recordTakeover(
            snapshot: loaded.snapshot, epoch: loaded.epoch, on: connection)
        readAt = loaded.readAt
        tellSizes()
        logger.notice(
            "took over",
            metadata: [
                "missed": "\(loaded.missed?.changeCount ?? 0)",
                "milliseconds": "\((ContinuousClock.now - started) / .milliseconds(1))",
            ])
        logFollowing(toScore: 0)
        try await noteUnfinished(on: connection)
        standing.check.start(
            loaded.detector.withoutKeptMetrics, options: options, logger: logger
        ) { connection.wake() }
        try await SidecarRegistry.beat(report(state: "following"), on: connection)
        requests.open { connection.wake() }
        return loaded.snapshot
    }

    /// Makes the warm graph what a load would make it; false where it takes a load.
    private mutating func bringUp(
        from position: FeedSnapshot, storedAt stored: FeedSnapshot,
        on connection: PostgresConnection
    ) async throws -> Bool {
        guard var graph else { return false }
        self.graph = nil
        let taken: TakenOver
        do {
            // The place of the detector is left empty: two references would copy what is changed.
            let detector = graph.detector
            graph.detector = AnomalyDetector(catalog: graph.catalog.types)
            taken = try await FeedStore.takeOver(
                consume detector, at: position, storedAt: stored, types: types, on: connection)
        } catch let error as StorageError where error.code == .staleCatalog {
            return false
        }
        guard taken.epoch == graph.epoch else { return false }
        graph.detector = taken.detector
        graph.snapshot = taken.snapshot
        graph.readAt = taken.readAt
        graph.missed = taken.missed
        graph.openAnomalies = taken.openAnomalies
        graph.staleEntityIDs = []
        graph.vanishedEntityIDs = []
        self.graph = graph
        return true
    }

    /// Queues what the check after a change of the lead has found.
    mutating func takeUnscored(on connection: PostgresConnection) async throws {
        guard let found = standing.check.take(), let graph else { return }
        upkeep.rescoring.insert(found.staleEntityIDs, withRelationships: true)
        // The feed has gone on meanwhile: what has come since is no more vanished.
        let vanished = found.vanishedEntityIDs.filter { graph.detector.record(of: $0) == nil }
        guard !vanished.isEmpty else { return }
        try await judgeAndWrite(
            MovedSubjects(), forgetting: ChangeBatch(deletedEntityIDs: vanished),
            by: graph.detector, asOf: try await clock(on: connection), progress: nil,
            on: connection)
    }

    /// Gives up whatever comes with the lead or with standing by.
    mutating func standDown() {
        standing.lease?.cancel()
        standing.lease = nil
        standing.check.cancel()
        desk.close()
        standing.position = nil
    }
}
