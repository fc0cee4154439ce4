import AnomalyDetection

/// The peers of every type, and of all types together.
struct TrainingPeers {
    let groups: [String: PeerGroup]

    init(rows: [TrainingRow], tieRanges: [Double]) {
        let ties = PeerDistribution(tieRanges)
        func group(_ rows: [TrainingRow]) -> PeerGroup {
            let measures = rows.reduce(into: Set<Measure>()) { $0.formUnion($1.values.keys) }
            var distributions: [Measure: PeerDistribution] = [:]
            for measure in measures {
                // An entity without a row of some inbound type has none of them: a true zero.
                let absent = if case .inboundCount = measure { 0.0 } else { Double.nan }
                distributions[measure] = PeerDistribution(
                    rows.map { $0.values[measure] ?? absent }, modelValue: measure.modelValue)
            }
            distributions[.signal(.dormancyDays)] = PeerDistribution(rows.flatMap(\.silences))
            distributions[.signal(.tieRange)] = ties
            return PeerGroup(count: rows.count, distributions: distributions)
        }
        var groups = Dictionary(grouping: rows, by: \.typeName).mapValues(group)
        groups[PeerGroup.everyone] = group(rows)
        self.groups = groups
    }
}
