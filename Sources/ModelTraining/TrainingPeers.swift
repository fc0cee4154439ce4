import AnomalyDetection

/// The peers of every type, and of all types together.
struct TrainingPeers {
    let groups: [String: PeerGroup]

    /// The peers among the rows at these places.
    init(
        _ columns: TrainingColumns, rows: [TrainingRow], at places: [Int], tieRanges: [Double],
        loop: TrainingLoop
    ) throws(TrainingError) {
        let ties = PeerDistribution(tieRanges)
        var placesByType = Dictionary(grouping: places) { rows[$0].typeName }
        placesByType[PeerGroup.everyone] = places
        let groupsOfPlaces = placesByType.sorted { $0.key < $1.key }
        // Each measure by itself: half of the work is the group of all types.
        let measures = columns.plain
        let distributions = try loop.each(measures.count) { column in
            let (measure, values) = measures[column]
            return groupsOfPlaces.map { _, places -> PeerDistribution? in
                let own = places.map { values[$0] }
                // An inbound type that none of them has is none of their measures.
                if case .inboundCount = measure, !own.contains(where: { $0 != 0 }) { return nil }
                return PeerDistribution(own, modelValue: measure.modelValue)
            }
        }
        var groups: [String: PeerGroup] = [:]
        for (group, (type, places)) in groupsOfPlaces.enumerated() {
            var own: [Measure: PeerDistribution] = [:]
            for (column, byGroup) in zip(measures, distributions) {
                own[column.measure] = byGroup[group]
            }
            own[.signal(.dormancyDays)] = PeerDistribution(places.flatMap { rows[$0].silences })
            own[.signal(.tieRange)] = ties
            groups[type] = PeerGroup(count: places.count, distributions: own)
        }
        self.groups = groups
    }
}
