package import Metrics
import Synchronization

/// What the sidecar's work is measured by, recorded through swift-metrics.
///
/// The loop tells each thing where it happens; this type knows under which name it is shown. It is a
/// bundle of references: copies record into the same series.
package struct SidecarMetrics: Sendable {
    /// A part of the way from a change to its result.
    package enum Stage: String, Sendable, CaseIterable {
        /// Asking the database what has changed.
        case read
        /// Taking the changes into the graph.
        case apply
        /// Both for a burst, piece by piece.
        case absorb
        /// Scoring and explaining what they moved.
        case judge
        /// Committing the results.
        case write
        /// Asleep, until the doorbell or the next poll.
        case wait
    }

    private let stages: [Stage: Timer]
    private let commitToDetect: Timer
    private let batchSeconds: Timer
    private let batchChanges: Recorder
    private let batches, changes, replays: Counter
    private let entityJudgements, relationshipJudgements: Counter
    private let anomalies, reconnects, reloads, refreshes, takeovers: Counter
    private let hits, misses: [Cache: Counter]
    private let recent = RecentLatencies()
    private let use = CacheUse()

    /// A store of answers that are not computed again.
    package enum Cache: String, Sendable, CaseIterable {
        case renderings
    }

    /// Instruments of this factory; without one nothing is kept but the latest latencies.
    package init(factory: any MetricsFactory = NOOPMetricsHandler.instance) {
        func counter(_ name: String, _ labels: [(String, String)] = []) -> Counter {
            Counter(label: name, dimensions: labels, factory: factory)
        }
        func timer(_ name: String, _ labels: [(String, String)] = []) -> Timer {
            Timer(label: name, dimensions: labels, factory: factory)
        }
        func byCache(_ name: String) -> [Cache: Counter] {
            let pairs = Cache.allCases.map { ($0, counter(name, [("cache", $0.rawValue)])) }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
        stages = Dictionary(
            uniqueKeysWithValues: Stage.allCases.map {
                ($0, timer("vigil_stage_seconds", [("stage", $0.rawValue)]))
            })
        commitToDetect = timer("vigil_commit_to_detect_seconds")
        batchSeconds = timer("vigil_batch_seconds")
        batchChanges = Recorder(label: "vigil_batch_changes", dimensions: [], factory: factory)
        batches = counter("vigil_batches_total")
        changes = counter("vigil_changes_total")
        replays = counter("vigil_replays_total")
        entityJudgements = counter("vigil_judgements_total", [("subject", "entity")])
        relationshipJudgements = counter("vigil_judgements_total", [("subject", "relationship")])
        anomalies = counter("vigil_anomalies_opened_total")
        reconnects = counter("vigil_reconnects_total")
        reloads = counter("vigil_loads_total")
        refreshes = counter("vigil_metrics_refreshes_total")
        takeovers = counter("vigil_takeovers_total")
        hits = byCache("vigil_cache_hits_total")
        misses = byCache("vigil_cache_misses_total")
    }

    // MARK: - The loop tells

    /// A clock for one stage after the other.
    func startLap() -> Lap { Lap(metrics: self) }

    /// A stage took so long.
    func record(_ stage: Stage, _ duration: Duration) {
        stages[stage]?.recordNanoseconds(duration.nanoseconds)
    }

    /// A batch's results are committed.
    ///
    /// `age` is how old its oldest change was when it was read, in seconds; `sinceRead` what has passed
    /// since.
    func recordBatch(changeCount: Int, age: Double, sinceRead: Duration) {
        batches.increment()
        changes.increment(by: changeCount)
        batchChanges.record(changeCount)
        batchSeconds.recordNanoseconds(sinceRead.nanoseconds)
        guard !age.isNaN else { return }
        let latency = Duration.seconds(max(age, 0)) + sinceRead
        commitToDetect.recordNanoseconds(latency.nanoseconds)
        recent.append(latency)
    }

    /// Changes that nobody had judged were found at a load, and their results are committed.
    func recordReplay(changeCount: Int) {
        replays.increment()
        changes.increment(by: changeCount)
    }

    /// So many subjects were judged and stored, and so many anomalies were opened by it.
    func recordJudgements(entities: Int, relationships: Int, opened: Int) {
        if entities > 0 { entityJudgements.increment(by: entities) }
        if relationships > 0 { relationshipJudgements.increment(by: relationships) }
        if opened > 0 { anomalies.increment(by: opened) }
    }

    /// The feed waits to connect again.
    func recordReconnect() { reconnects.increment() }

    /// The graph was loaded as a whole.
    func recordLoad() { reloads.increment() }

    /// The lead was taken over with a warm graph.
    func recordTakeover() { takeovers.increment() }

    /// Global metrics were computed anew.
    func recordRefresh() { refreshes.increment() }

    /// An answer was there, or was not.
    func record(_ cache: Cache, isHit: Bool) {
        (isHit ? hits : misses)[cache]?.increment()
        use.count(isHit: isHit)
    }

    /// Answers that were kept, and that were not, of all caches.
    var cacheUse: (hits: Int, misses: Int) { use.counts }

    /// Of the latest batches, from the commit of the oldest change to that of its result.
    var recentLatencies: (median: Duration, p99: Duration)? { recent.quantiles() }

    /// Measures stages that follow each other.
    struct Lap {
        private let metrics: SidecarMetrics
        private var startedAt = ContinuousClock.now

        fileprivate init(metrics: SidecarMetrics) {
            self.metrics = metrics
        }

        /// What has passed since the start, or the last stage, was this stage; the next begins.
        mutating func end(_ stage: Stage) {
            let now = ContinuousClock.now
            metrics.record(stage, now - startedAt)
            startedAt = now
        }
    }
}

/// Counts hits and misses: a counter of swift-metrics cannot be read.
private final class CacheUse: Sendable {
    private let state = Mutex((hits: 0, misses: 0))

    var counts: (hits: Int, misses: Int) { state.withLock { $0 } }

    func count(isHit: Bool) {
        state.withLock { if isHit { $0.hits += 1 } else { $0.misses += 1 } }
    }
}

extension Duration {
    /// Whole nanoseconds.
    fileprivate var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
