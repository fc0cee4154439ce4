import Telemetry

/// What the sidecar has done since it started; a JSON object in `vigil.sidecars.counters`.
struct Counters: Codable, Sendable {
    var batches = 0
    var changes = 0
    var entitiesScored = 0
    var relationshipsScored = 0
    var anomaliesOpened = 0
    var reconnects = 0
    var metricsRefreshes = 0
    /// Changes applied while another process led.
    var changesFollowed = 0
    /// Milliseconds of the last batch: from the read to the visible result.
    var lastBatchMilliseconds = 0.0
    /// Milliseconds from a change to its visible result, of the latest batches; nil before the first.
    var medianLatencyMilliseconds, p99LatencyMilliseconds: Double?
    var cacheHits = 0
    var cacheMisses = 0
    /// Memory of the process that is in RAM.
    var residentBytes: Int?

    enum CodingKeys: String, CodingKey {
        case batches, changes, reconnects
        case entitiesScored = "entities_scored"
        case relationshipsScored = "relationships_scored"
        case anomaliesOpened = "anomalies_opened"
        case metricsRefreshes = "metrics_refreshes"
        case changesFollowed = "changes_followed"
        case lastBatchMilliseconds = "last_batch_milliseconds"
        case medianLatencyMilliseconds = "latency_p50_milliseconds"
        case p99LatencyMilliseconds = "latency_p99_milliseconds"
        case cacheHits = "cache_hits"
        case cacheMisses = "cache_misses"
        case residentBytes = "resident_bytes"
    }

    /// Takes over what is measured elsewhere.
    mutating func tell(_ metrics: SidecarMetrics) {
        if let latencies = metrics.recentLatencies {
            medianLatencyMilliseconds = latencies.median / .milliseconds(1)
            p99LatencyMilliseconds = latencies.p99 / .milliseconds(1)
        }
        (cacheHits, cacheMisses) = metrics.cacheUse
        residentBytes = ProcessSamples.residentByteCount
    }
}
