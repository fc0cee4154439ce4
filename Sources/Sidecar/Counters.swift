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

    enum CodingKeys: String, CodingKey {
        case batches, changes, reconnects
        case entitiesScored = "entities_scored"
        case relationshipsScored = "relationships_scored"
        case anomaliesOpened = "anomalies_opened"
        case metricsRefreshes = "metrics_refreshes"
        case changesFollowed = "changes_followed"
        case lastBatchMilliseconds = "last_batch_milliseconds"
    }
}
