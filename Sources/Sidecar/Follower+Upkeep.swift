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
        try await learn(from: settings, on: connection)
        if upkeep.isRefreshDue(every: settings.metricsRefresh) {
            try await startRefresh(on: connection)
        }
        if upkeep.isAuditDue(every: settings.metricAudit) {
            try await auditMetrics(on: connection)
        }
        upkeep.rescoring.insert(
            requests.take { graph?.detector.scannedEntityIDs ?? [] }, withRelationships: true)
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
    mutating func startRefresh(on connection: PostgresConnection) async throws {
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
    mutating func rescore(on connection: PostgresConnection) async throws {
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
    mutating func reconsider(on connection: PostgresConnection) async throws {
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
}
