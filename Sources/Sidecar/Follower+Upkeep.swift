import AnomalyDetection
import Foundation
import GraphMetrics
import Logging
import PostgresClient
import Storage

/// What is done between batches: metrics, audits, judging again, retention, heartbeats.
extension Follower {
    /// Does what is due, a little at a time.
    mutating func doUpkeep(on connection: PostgresConnection) async throws {
        guard let settings = graph?.catalog.sidecar else { return }
        if let refreshed = upkeep.takeRefresh() {
            try await adopt(refreshed)
        }
        upkeep.putOff(
            try await CounterfactualStore.write(upkeep.counterfactuals.takeFound(), on: connection))
        try await takeUnscored(on: connection)
        try await serveAudit(on: connection)
        try await learn(from: settings, on: connection)
        if upkeep.isRefreshDue(every: settings.metricsRefresh) {
            try await startRefresh(on: connection)
        }
        if upkeep.isAuditDue(every: settings.metricAudit) {
            try await auditMetrics(on: connection)
        }
        upkeep.rescoring.insert(
            requests.take { graph?.detector.scannedEntityIDs ?? [] }, withRelationships: true)
        upkeep.takePutOff()
        upkeep.reconsider(every: settings.reconsideration) { judge?.open.subjects ?? [] }
        // Shares its memory: what is written meanwhile copies the pages that it touches.
        requests.lend(graph?.detector.withoutKeptMetrics)
        if upkeep.rest ?? .zero <= .zero { try await workOff(on: connection) }
        if upkeep.isHeartbeatDue(every: settings.heartbeat) {
            if let detector = graph?.detector {
                try await MetricHealthStore.write(health.rows(of: detector), on: connection)
            }
            try await SidecarRegistry.beat(report(state: "following"), on: connection)
        }
    }

    /// Takes the next step of what waits: a change that arrives meanwhile waits for milliseconds only.
    mutating func workOff(on connection: PostgresConnection) async throws {
        let started = ContinuousClock.now
        switch upkeep.nextWork() {
        case .renewal: try await judgeAgain(upkeep.nextRenewals(), on: connection)
        case .counterfactuals:
            guard let detector = graph?.detector.withoutKeptMetrics else { return }
            upkeep.counterfactuals.startSearch(by: detector) { connection.wake() }
        case .rescoring: try await rescore(on: connection)
        case .reconsideration: try await reconsider(on: connection)
        case nil:
            guard upkeep.isRetentionDue() else { return }
            upkeep.isRetaining = try await SidecarRegistry.upkeep(on: connection)
        }
        upkeep.chunkTook(ContinuousClock.now - started)
    }

    /// Queues what another sidecar has left behind: rows older than their scores, anomalies without
    /// what would undo them.
    mutating func noteUnfinished(on connection: PostgresConnection) async throws {
        upkeep.renew(try await AnomalyStore.outdated(on: connection))
        upkeep.counterfactuals.note(
            try await CounterfactualStore.unfinished(
                atMost: PendingCounterfactuals.countMax, on: connection))
    }

    /// Starts global metrics on a frozen copy of the graph, which shares its memory.
    mutating func startRefresh(on connection: PostgresConnection) async throws {
        let now = try await clock(on: connection)
        let touched = graph?.detector.beginRefresh()
        guard let detector = graph?.detector else { return }
        upkeep.startRefresh(
            // One thread: the other cores belong to the feed and the writers.
            MetricsRefresh(
                of: detector.graph, after: detector.epoch, touched: touched,
                ratingTypes: detector.catalog.ratingTypeCodes, asOf: now, seed: options.seed,
                threadCount: 1, whenDone: { connection.wake() }))
    }

    /// Compares kept metrics with recomputed ones at random entities.
    ///
    /// A metric that is kept wrong is recomputed from now on, and says so; where the graph itself
    /// counts wrong, it is loaded again.
    mutating func auditMetrics(on connection: PostgresConnection) async throws {
        let sampleCount = Self.auditSampleCount
        guard let findings = graph?.detector.audit(&audit, sampleCount: sampleCount) else { return }
        health.auditedAt = try await clock(on: connection)
        for finding in findings {
            logger.error("a kept metric is wrong", metadata: ["finding": "\(finding)"])
        }
        upkeep.isReloadNeeded = findings.contains { $0.metric.isCountedByGraph }
    }

    /// Few enough that an audit takes a millisecond or so.
    static let auditSampleCount = 8

    /// Takes over a finished refresh; entities whose global metrics it moved are judged again.
    mutating func adopt(_ refreshed: RefreshedMetrics) async throws {
        guard var graph else { return }
        self.graph = nil
        defer { self.graph = graph }
        health.seconds = refreshed.seconds
        graph.detector.adopt(epoch: refreshed.epoch)
        graph.detector.adopt(pageRank: refreshed.pageRank)
        graph.detector.adopt(standings: refreshed.standings)
        upkeep.rescoring.insert(refreshed.movedEntityIDs, withRelationships: false)
        counters.metricsRefreshes += 1
        options.metrics.recordRefresh()
        logger.debug(
            "metrics refreshed",
            metadata: [
                "epoch": "\(refreshed.epoch.epoch)", "moved": "\(refreshed.movedEntityIDs.count)",
            ])
    }

    /// Judges the next chunk of the queue: a first scan, a new model, moved metrics.
    mutating func rescore(on connection: PostgresConnection) async throws {
        guard let detector = graph?.detector else { return }
        let chunk = upkeep.nextChunk(of: detector)
        try await judgeAgain(chunk, on: connection)
        requests.didJudge(chunk.compactMap(\.entityID))
        if upkeep.rescoring.isEmpty {
            logger.info(
                "every entity is scored", metadata: ["scored": "\(counters.entitiesScored)"])
        }
    }

    /// Judges subjects as they are now, and writes all that there is to say of them.
    private mutating func judgeAgain(
        _ subjects: [Subject], on connection: PostgresConnection
    ) async throws {
        guard let detector = graph?.detector,
            let results = judge?.results(
                for: subjects, by: detector, asOf: try await clock(on: connection))
        else { return }
        try await store(results, by: detector, progress: nil, on: connection)
    }

    /// Judges the next subjects with an open anomaly whose cause may have passed.
    mutating func reconsider(on connection: PostgresConnection) async throws {
        guard let detector = graph?.detector else { return }
        if let results = judge?.reconsidered(
            upkeep.nextReconsidered(), by: detector, asOf: try await clock(on: connection)),
            !results.calmed.isEmpty
        {
            try await store(results, by: detector, progress: nil, on: connection)
        }
    }
}
