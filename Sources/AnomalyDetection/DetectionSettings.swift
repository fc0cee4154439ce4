/// What an administrator may set about detection, with defaults.
package struct DetectionSettings: Sendable, Codable, Equatable {
    /// From this score on a judgement is an anomaly: 0.5 is one row in about 300.
    package var anomalyThreshold = 0.5
    /// The length of the window in which new relationships count as one burst.
    package var burstWindowSeconds = 7200.0
    /// Fewer new relationships than this within the window are no burst.
    package var burstCountMin = 5
    /// From how many days of silence on an entity counts as dormant.
    package var dormancyDays = 60.0
    /// How many neighbours of changed relationships are scored again in one batch at most.
    package var neighboursScoredMax = 1000
    /// How many entities the stored neighbourhood of an anomaly has at most.
    package var neighbourhoodNodeLimit = 100
    /// How far the stored neighbourhood of an anomaly reaches.
    package var neighbourhoodHops = 2
    /// How many of the newest relationships are checked for joining distant regions.
    package var tieEdgesMax = 4
    /// Ends farther apart than this many steps count as "farther".
    package var tieRangeMax = 6
    /// How many nodes one search for another path may visit; about 100 microseconds.
    package var tieVisitedMax = 2000
    /// How many neighbours are looked at for the groups that an entity joins; 64 at most.
    package var bridgeNeighboursMax = 16
    /// Entities with more neighbours than this are hubs: who meets there has nothing in common.
    package var bridgeHubDegree = 64
    /// More rows than this with one creation instant and no observation time are a bulk load: their
    /// creation says when they were loaded, not when they came about.
    package var bulkInstantRowsMax = 1000
    /// How many rows of evidence an explanation names at most.
    package var evidenceRowsMax = 10
    /// The length of a bucket of behaviour: what an entity did is counted by bucket.
    package var behaviourBucketSeconds = 86_400.0
    /// The first activity lies at least so many buckets back before behaviour is judged.
    package var behaviourHistoryBucketsMin = 21
    /// So many buckets of the last 50 have activity before behaviour is judged.
    package var behaviourActiveBucketsMin = 7
    /// Fewer hours with activity than this say nothing about the hour.
    package var offHoursCountMin = 4
    /// Limits from which on payments are reported, say: amounts just below one of them are structuring.
    package var structuringThresholds = [10_000.0]
    /// How many relationships may be named as those without which there would be no anomaly.
    package var counterfactualCandidatesMax = 10
    /// How many sets of them are judged at most, each in about as long as a judgement; 0 for none.
    package var counterfactualTrialsMax = 40
    /// What rules alone can reach: without calibration nothing is critical.
    package var ruleScoreMax = 0.75

    /// The defaults.
    package init() {}

    /// Decodes; what is absent keeps its default.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
            if let found = try values.decodeIfPresent(Value.self, forKey: key) { value = found }
        }
        try read(.anomalyThreshold, &anomalyThreshold)
        try read(.burstWindowSeconds, &burstWindowSeconds)
        try read(.burstCountMin, &burstCountMin)
        try read(.dormancyDays, &dormancyDays)
        try read(.neighboursScoredMax, &neighboursScoredMax)
        try read(.neighbourhoodNodeLimit, &neighbourhoodNodeLimit)
        try read(.neighbourhoodHops, &neighbourhoodHops)
        try read(.tieEdgesMax, &tieEdgesMax)
        try read(.tieRangeMax, &tieRangeMax)
        try read(.tieVisitedMax, &tieVisitedMax)
        try read(.bridgeNeighboursMax, &bridgeNeighboursMax)
        try read(.bridgeHubDegree, &bridgeHubDegree)
        try read(.bulkInstantRowsMax, &bulkInstantRowsMax)
        try read(.evidenceRowsMax, &evidenceRowsMax)
        try read(.behaviourBucketSeconds, &behaviourBucketSeconds)
        try read(.behaviourHistoryBucketsMin, &behaviourHistoryBucketsMin)
        try read(.behaviourActiveBucketsMin, &behaviourActiveBucketsMin)
        try read(.offHoursCountMin, &offHoursCountMin)
        try read(.structuringThresholds, &structuringThresholds)
        try read(.counterfactualCandidatesMax, &counterfactualCandidatesMax)
        try read(.counterfactualTrialsMax, &counterfactualTrialsMax)
        try read(.ruleScoreMax, &ruleScoreMax)
    }

    /// The number behind a name that a condition may use as its bound; nil when there is none.
    package func bound(named name: String) -> Double? {
        switch name {
        case "burst_count_min": Double(burstCountMin)
        case "dormancy_days": dormancyDays
        case "anomaly_threshold": anomalyThreshold
        case "tie_range_max": Double(tieRangeMax)
        default: nil
        }
    }

    /// The names that a condition may use as its bound.
    package static let boundNames = boundUnits.map(\.name)

    /// The names that a condition may use as its bound, with what they are counted in.
    static let boundUnits: [(name: String, unit: String)] = [
        ("anomaly_threshold", "share"), ("burst_count_min", "relationships"),
        ("dormancy_days", "days"), ("tie_range_max", "steps"),
    ]

    enum CodingKeys: String, CodingKey {
        case anomalyThreshold = "anomaly_threshold"
        case burstWindowSeconds = "burst_window_seconds"
        case burstCountMin = "burst_count_min"
        case dormancyDays = "dormancy_days"
        case neighboursScoredMax = "neighbours_scored_max"
        case neighbourhoodNodeLimit = "neighbourhood_node_limit"
        case neighbourhoodHops = "neighbourhood_hops"
        case tieEdgesMax = "tie_edges_max"
        case tieRangeMax = "tie_range_max"
        case tieVisitedMax = "tie_visited_max"
        case bridgeNeighboursMax = "bridge_neighbours_max"
        case bridgeHubDegree = "bridge_hub_degree"
        case bulkInstantRowsMax = "bulk_instant_rows_max"
        case evidenceRowsMax = "evidence_rows_max"
        case behaviourBucketSeconds = "behaviour_bucket_seconds"
        case behaviourHistoryBucketsMin = "behaviour_history_buckets_min"
        case behaviourActiveBucketsMin = "behaviour_active_buckets_min"
        case offHoursCountMin = "off_hours_count_min"
        case structuringThresholds = "structuring_thresholds"
        case counterfactualCandidatesMax = "counterfactual_candidates_max"
        case counterfactualTrialsMax = "counterfactual_trials_max"
        case ruleScoreMax = "rule_score_max"
    }
}
