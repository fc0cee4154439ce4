import AnomalyDetection
import Foundation

/// The sequence of an entity straight from the rows, for comparison: no graph and nothing kept.
struct PlainSequence {
    var entities: [Int64: EntityRecord]
    var relationships: [RelationshipRecord]
    var updates: [Int64: [Double]]
    var bucketSeconds = 86_400.0

    func values(of id: Int64, asOf: Double) -> [Double] {
        let last = Int((asOf / bucketSeconds).rounded(.down))
        let own = relationships.filter {
            $0.isActive && ($0.sourceEntityID == id || $0.targetEntityID == id)
                && $0.firstObserved <= asOf
        }.sorted { ($0.firstObserved, $0.id) < ($1.firstObserved, $1.id) }
        var known: Set<Int64> = []
        var buckets: [Int: [(row: RelationshipRecord, isFirst: Bool)]] = [:]
        let all = relationships.filter { $0.sourceEntityID == id || $0.targetEntityID == id }
        let pairCounts = Dictionary(grouping: all) { other($0, than: id) }.mapValues(\.count)
        for row in own {
            let other = other(row, than: id)
            let isFirst =
                other != id && known.insert(other).inserted && pairCounts[other] ?? 0 <= 256
            buckets[bucket(row.firstObserved), default: []].append((row, isFirst))
        }
        let updates = (self.updates[id] ?? []).filter { $0 <= asOf }
        let record = entities[id]
        let born = Double.minimum(record?.firstSeen ?? .nan, record?.createdAt ?? .nan)
        let deeds = own.map { bucket($0.firstObserved) } + updates.map(bucket)
        let firstDeed = deeds.filter { $0 > last - 50 }.min() ?? .max
        let lifeStart = born.isNaN ? Int.min : min(bucket(born), firstDeed)
        return (last - 49...last).flatMap { number in
            number < lifeStart
                ? [Double](repeating: .nan, count: 15)
                : numbers(
                    buckets[number] ?? [], of: id, updates: updates.count { bucket($0) == number })
        }
    }

    private func numbers(
        _ rows: [(row: RelationshipRecord, isFirst: Bool)], of id: Int64, updates: Int
    ) -> [Double] {
        let looked = rows.suffix(64)
        let factor = looked.isEmpty ? 0 : Double(rows.count) / Double(looked.count)
        let others = looked.map { entities[other($0.row, than: id)] }
        let confidences = looked.map(\.row.confidence).filter { !$0.isNaN }
        let risks = others.compactMap { $0?.riskScore }.filter { !$0.isNaN }
        let own = entities[id]?.riskScore ?? .nan
        let sizes = looked.map { abs($0.row.weight) }.filter { !$0.isNaN }
        let first = looked.count { $0.isFirst }
        let loops = looked.count { $0.row.sourceEntityID == $0.row.targetEntityID }
        let times = looked.map(\.row.firstObserved)
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        let rate = gaps.count < 2 ? .nan : (spread(gaps) - mean(gaps)) / (spread(gaps) + mean(gaps))
        return [
            log1p(Double(rows.count { $0.row.sourceEntityID == id })),
            log1p(Double(rows.count { $0.row.targetEntityID == id })),
            log1p(Double(first) * factor),
            log1p(Double(looked.count - first - loops) * factor),
            log1p(Double(updates)),
            mean(confidences), confidences.count > 1 ? spread(confidences) : .nan,
            mean(risks.map { abs($0 - own) }),
            log1p(sizes.reduce(0, +) * factor), log1p(sizes.max() ?? 0),
            log1p(Double(Set(looked.map(\.row.typeCode)).count)),
            log1p(Double(Set(others.compactMap { $0?.typeCode }).count)),
            looked.isEmpty ? 0 : .nan, mean(risks), gaps.count > 1 && mean(gaps) == 0 ? 1 : rate,
        ]
    }

    private func bucket(_ time: Double) -> Int { Int((time / bucketSeconds).rounded(.down)) }

    private func other(_ row: RelationshipRecord, than id: Int64) -> Int64 {
        row.sourceEntityID == id ? row.targetEntityID : row.sourceEntityID
    }

    private func mean(_ values: [Double]) -> Double {
        values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
    }

    private func spread(_ values: [Double]) -> Double {
        let mean = mean(values)
        return self.mean(values.map { ($0 - mean) * ($0 - mean) }).squareRoot()
    }
}
