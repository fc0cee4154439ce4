import Foundation
import GraphEngine

extension AnomalyDetector {
    static let secondsPerDay = 86_400.0
    /// Over how many days the spread of daily updates is taken.
    static let updateSpreadDays = 30

    /// The 18 features of a live entity in the order of ``EntityFeature``, NaN where missing; nil
    /// where there is no such entity.
    /// - Complexity: O(log n + updates within 30 days), O(degree) for a node that came after the
    ///   last epoch of global metrics.
    package func featureVector(of entityID: Int64, asOf: Double) -> [Double]? {
        guard let (node, state) = live(entityID) else { return nil }
        return featureVector(of: node, state, asOf: asOf)
    }

    func featureVector(of node: NodeIndex, _ state: EntityState, asOf: Double) -> [Double] {
        let record = state.record
        var vector = [Double](repeating: .nan, count: EntityFeature.count)
        func set(_ feature: EntityFeature, _ value: Double) { vector[feature.rawValue] = value }

        let degree = state.degree
        let nodeCount = graph.nodeCount
        set(.degreeCentrality, nodeCount > 1 ? Double(degree) / Double(nodeCount - 1) : 0)
        set(.clusteringCoefficient, clustering(of: node, degree: degree))
        if let epoch {
            let values = epoch.values(of: NodeKey(record.id), degree: degree) {
                // By key, so that sums over them have the same bits whatever the history.
                graph.neighbors(of: node).map { graph.nodeKey(at: $0) }.sorted()
                    .map { epoch.position(of: $0) }
            }
            set(.betweennessCentrality, values.betweenness)
            set(.closenessCentrality, values.closeness)
            set(.eigenvectorCentrality, values.eigenvector)
        }
        set(.relationshipCount, Double(rowCount(of: node)))

        set(.sourceCount, Double(record.sourceCount))
        set(.confidenceScore, record.confidence)
        set(.riskScore, record.riskScore)
        set(.isVerified, record.isVerified ? 1 : 0)
        set(.metadataRichness, record.metadataRichness)
        set(.tagCount, Double(record.tagCount))
        set(.entityTypeEncoded, typeRarity(of: record.typeCode))

        set(.firstSeenAgeDays, Self.ageDays(of: record.firstSeen, asOf: asOf))
        set(.lastUpdatedAgeDays, Self.ageDays(of: record.updatedAt, asOf: asOf))
        set(.temporalActivityScore, exp(-Self.ageDays(of: record.lastSeen, asOf: asOf) / 30))
        let livedDays = Self.livedDays(of: record, asOf: asOf)
        if !livedDays.isNaN {
            // A lifetime below a day counts as one: a first update is not thousands a day.
            let count = Double(state.updates.totalThrough(asOf))
            set(.updateFrequency, count / max(1, livedDays))
        }
        set(
            .updateFrequencyDeviation,
            Self.dailyDeviation(of: state.updates, livedDays: livedDays, asOf: asOf))
        return vector
    }

    /// Local clustering 2T / (d (d - 1)), 0 below degree 2.
    func clustering(of node: NodeIndex, degree: Int) -> Double {
        guard degree >= 2 else { return 0 }
        return 2 * Double(graph.triangleCount(of: node)) / (Double(degree) * Double(degree - 1))
    }

    /// Active relationship rows in both directions; a self-loop counts in both.
    func rowCount(of node: NodeIndex) -> Int {
        graph.outDegreeRows(of: node) + graph.inDegreeRows(of: node)
    }

    /// -log2 of the share of the type among the live entities.
    func typeRarity(of code: Int32) -> Double {
        guard let count = typeCounts[code], count > 0 else { return .nan }
        let rarity = -log2(Double(count) / Double(liveCount))
        return rarity == 0 ? 0 : rarity
    }

    /// Days from `time` to `asOf`; what lies ahead, by a clock that differs, is 0 days old.
    static func ageDays(of time: Double, asOf: Double) -> Double {
        guard !time.isNaN else { return .nan }
        return max(0, asOf - time) / secondsPerDay
    }

    /// Days since it was first seen or created, whichever is earlier; NaN where both are unknown.
    static func livedDays(of record: EntityRecord, asOf: Double) -> Double {
        ageDays(of: .minimum(record.firstSeen, record.createdAt), asOf: asOf)
    }

    /// Standard deviation of the daily numbers of updates over the days before `asOf` that it has
    /// lived, 30 at most; NaN below two days.
    ///
    /// Where older updates were dropped, only the days that are wholly kept count.
    static func dailyDeviation(
        of updates: ActivityTimes, livedDays: Double, asOf: Double
    ) -> Double {
        guard livedDays >= 2 else { return .nan }
        var dayCount = Int(min(Double(updateSpreadDays), livedDays))
        if updates.isTruncated, let oldest = updates.times.first {
            dayCount = min(dayCount, Int(max(0, asOf - oldest) / secondsPerDay))
        }
        guard dayCount >= 2 else { return .nan }
        var counts = [Double](repeating: 0, count: dayCount)
        var position = updates.countThrough(asOf)
        while position > 0 {
            position -= 1
            let day = Int((asOf - updates.times[position]) / secondsPerDay)
            guard day < dayCount else { break }
            counts[day] += 1
        }
        let mean = counts.reduce(0, +) / Double(dayCount)
        let squares = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(dayCount)).squareRoot()
    }
}
