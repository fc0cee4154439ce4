import Foundation
import GraphEngine

extension AnomalyDetector {
    /// The numbers of the 50 newest buckets of a live entity, [bucket][feature], the oldest first;
    /// nil where there is no such entity.
    ///
    /// Buckets before its life are NaN throughout.
    package func behaviourSequence(of entityID: Int64, asOf: Double) -> [Double]? {
        guard let (node, state) = live(entityID),
            let series = behaviourSeries(of: node, state, asOf: asOf)
        else { return nil }
        return behaviourSequence(series, of: node, state)
    }

    func behaviourSequence(
        _ series: BehaviourSeries, of node: NodeIndex, _ state: EntityState
    ) -> [Double] {
        let width = BehaviourFeature.count
        var values = [Double](repeating: .nan, count: BehaviourSeries.bucketCount * width)
        for place in series.lifeStart..<BehaviourSeries.bucketCount {
            let numbers =
                series.rowCounts[place] > 0
                ? bucketNumbers(series, place, of: node, state) : BehaviourBucket.emptyNumbers
            for feature in 0..<width { values[place * width + feature] = Double(numbers[feature]) }
            values[place * width + BehaviourFeature.updates.rawValue] =
                log1p(series.updateCounts[place])
        }
        return values
    }

    private func bucketNumbers(
        _ series: BehaviourSeries, _ place: Int, of node: NodeIndex, _ state: EntityState
    ) -> SIMD16<Float> {
        switch series.rows {
        case .scanned(let entries, let offsets):
            let all = entries[offsets[place]..<offsets[place + 1]]
            let looked = all.suffix(BehaviourBucket.rowCountMax)
            var (outbound, inbound) = (0, 0)
            if looked.count < all.count {
                for entry in all.dropLast(looked.count) {
                    let edge = graph.edge(at: entry.row)
                    if edge.source == node { outbound += 1 }
                    if edge.target == node { inbound += 1 }
                }
            }
            let contacts = looked.map { contact(graph.edge(at: $0.row), $0.isFirst, at: node) }
            return BehaviourBucket.numbers(
                of: contacts, rowCount: all.count,
                outboundCount: outbound + contacts.count { $0.isOutbound },
                inboundCount: inbound + contacts.count { $0.isInbound },
                ownRisk: state.record.riskScore)
        case .busy(let history):
            guard var bucket = history[series.buckets.lowerBound + place] else {
                return BehaviourBucket.emptyNumbers
            }
            if series.rowCounts[place] < bucket.rows.count {
                bucket.rows.removeLast(bucket.rows.count - series.rowCounts[place])
                let edges = bucket.rows.map(graph.edge(at:))
                bucket.outboundCount = edges.count { $0.source == node }
                bucket.inboundCount = edges.count { $0.target == node }
                bucket.isStale = true
            }
            return bucket.isStale
                ? numbers(of: bucket, at: node, ownRisk: state.record.riskScore) : bucket.numbers
        }
    }

    /// The numbers of a kept bucket from its rows.
    /// - Complexity: O(`BehaviourBucket.rowCountMax` · log rows)
    func numbers(
        of bucket: BusyHistory.Bucket, at node: NodeIndex, ownRisk: Double
    ) -> SIMD16<Float> {
        let contacts = bucket.rows.suffix(BehaviourBucket.rowCountMax).map { row in
            let edge = graph.edge(at: row)
            let isFirst =
                edge.source != edge.target
                && firstContact(of: node, edge.source == node ? edge.target : edge.source)
                    .map { $0 == edge.key } ?? false
            return contact(edge, isFirst, at: node)
        }
        return BehaviourBucket.numbers(
            of: contacts, rowCount: bucket.rows.count, outboundCount: bucket.outboundCount,
            inboundCount: bucket.inboundCount, ownRisk: ownRisk)
    }

    /// The first relationship between two entities; nil where there is none with a time, or there
    /// are so many that they have known each other all along.
    func firstContact(of node: NodeIndex, _ other: NodeIndex) -> EdgeKey? {
        graph.withRows(between: node, and: other) { rows in
            guard rows.count <= BehaviourBucket.pairRowCountMax else { return nil }
            var first: (time: Double, key: EdgeKey)?
            for row in rows {
                let edge = graph.edge(at: row)
                let time = edge.attributes.time
                guard edge.attributes.isActive, !time.isNaN else { continue }
                if first.map({ (time, edge.key) < ($0.time, $0.key) }) ?? true {
                    first = (time, edge.key)
                }
            }
            return first?.key
        }
    }

    private func contact(
        _ edge: Edge, _ isFirst: Bool, at node: NodeIndex
    ) -> BehaviourBucket.Contact {
        let other = Int(edge.source == node ? edge.target : edge.source)
        return BehaviourBucket.Contact(
            time: edge.attributes.time, isOutbound: edge.source == node,
            isInbound: edge.target == node, isFirst: isFirst,
            confidence: edge.attributes.confidence, weight: edge.attributes.weight,
            typeCode: edge.attributes.typeCode,
            neighbourTypeCode: states[other]?.record.typeCode ?? -1,
            neighbourRisk: states[other]?.record.riskScore ?? .nan,
            sourceCount: sourceCount(of: edge))
    }

    /// How many sources name a relationship; NaN while nobody keeps it.
    private func sourceCount(of edge: Edge) -> Float { .nan }
}
