import GraphFiles

/// The relationships of a graph set in time order; labels stand aside.
struct EdgeRecords {
    /// The positions of the ends among the entities.
    var sources: [UInt64] = []
    var targets: [UInt64] = []
    /// Seconds since 1970, never falling.
    var times: [Double] = []
    /// Whether a label calls the record anomalous; one without a label counts as normal.
    var isAnomaly: [Bool] = []
    /// The kind of attack where the set names it; empty otherwise.
    var attacks: [String] = []
    /// Records without a label.
    var unlabelledCount = 0
    /// Records that were left out, since the set has no time for them.
    var timelessCount = 0

    var count: Int { times.count }

    init() {}

    /// Reads a set; records of equal time stay in the file's order.
    init(_ set: GraphSet) throws {
        try set.readRelationships { row in
            guard let time = row.timestamp else {
                timelessCount += 1
                return
            }
            if row.groundTruth.label == nil { unlabelledCount += 1 }
            append(
                source: UInt64(row.sourcePosition), target: UInt64(row.targetPosition),
                time: time, isAnomaly: row.groundTruth.label == 1,
                attack: row.groundTruth.notes.first { $0.name == "attack" }?.value ?? "")
        }
        guard count > 0 else {
            throw GraphFileError(
                code: .badValue, file: set.relationshipsFile,
                reason: timelessCount > 0
                    ? "timestamp: no relationship has a time, so there is no stream"
                    : "there are no relationships")
        }
        sortByTime()
    }

    mutating func append(
        source: UInt64, target: UInt64, time: Double, isAnomaly: Bool, attack: String
    ) {
        sources.append(source)
        targets.append(target)
        times.append(time)
        self.isAnomaly.append(isAnomaly)
        attacks.append(attack)
    }

    mutating func sortByTime() {
        let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        sources = order.map { sources[$0] }
        targets = order.map { targets[$0] }
        times = order.map { times[$0] }
        isAnomaly = order.map { isAnomaly[$0] }
        attacks = order.map { attacks[$0] }
    }

    /// Scores of no skill, the first four of the past only, the last ones with the whole minute.
    func baselines() -> [(name: String, scores: [Double])] {
        let sourceMinute = Counter.perMinute(sources, times)
        let targetMinute = Counter.perMinute(targets, times)
        return [
            ("baseline: records of the source in this minute, so far", sourceMinute.soFar),
            ("baseline: records of the target in this minute, so far", targetMinute.soFar),
            ("baseline: degree of the source, so far", Counter.degrees(sources, targets)),
            ("baseline: degree of the target, so far", Counter.degrees(targets, sources)),
            ("no stream: records of the source in the whole minute", sourceMinute.whole),
            ("no stream: records of the target in the whole minute", targetMinute.whole),
        ]
    }

    private enum Counter {
        private struct Minute: Hashable {
            var key: UInt64
            var minute: Double
        }

        private struct Pair: Hashable {
            var key: UInt64
            var partner: UInt64
        }

        static func perMinute(
            _ keys: [UInt64], _ times: [Double]
        ) -> (soFar: [Double], whole: [Double]) {
            var counts: [Minute: Double] = [:]
            let minutes = zip(keys, times).map {
                Minute(key: $0, minute: ($1 / 60).rounded(.down))
            }
            let soFar = minutes.map { minute in
                counts[minute, default: 0] += 1
                return counts[minute, default: 0]
            }
            return (soFar, minutes.map { counts[$0, default: 0] })
        }

        static func degrees(_ keys: [UInt64], _ partners: [UInt64]) -> [Double] {
            var seen: Set<Pair> = []
            var degrees: [UInt64: Double] = [:]
            return zip(keys, partners).map { key, partner in
                if seen.insert(Pair(key: key, partner: partner)).inserted {
                    degrees[key, default: 0] += 1
                }
                return degrees[key, default: 0]
            }
        }
    }
}
