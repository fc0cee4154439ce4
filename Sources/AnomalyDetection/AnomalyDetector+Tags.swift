import Foundation
import GraphEngine

/// How the tags of an entity go with those of its neighbours.
struct TagReading: Sendable {
    /// How many of its own tags are known, and how many of the neighbours looked at have known ones.
    var tagCount = 0
    var neighbourCount = 0
    /// Neighbours that carry one of its own tags.
    var sharingCount = 0
    /// The mean fit of its tags with those of a neighbour, over the neighbours; NaN where it has no tags,
    /// or they.
    var meanFit = Double.nan
    /// Pairs of linked neighbours of whom no two go together with each other or with it.
    var foreignTriangles = 0

    /// How badly its tags fit, larger is worse; NaN where nothing is known.
    ///
    /// The sum over its tags of the mean misfit, times the root of the number of neighbours.
    var misfit: Double { -Double(tagCount) * meanFit * Double(neighbourCount).squareRoot() }
}

extension AnomalyDetector {
    /// How the tags of an entity go with those of its neighbours; nil without a model of tags or without
    /// a neighbour.
    /// - Complexity: at most ``NeighbourSamples/countMax``² looks at a pair, and those only among
    ///   neighbours that do not go together with the entity.
    func tagReading(of node: NodeIndex) -> TagReading? {
        guard let fits = context?.tagFits, let record = states[Int(node)]?.record
        else { return nil }
        let others = neighbourSamples.sample(of: node, graph)
        guard !others.isEmpty else { return nil }
        let own = fits.known(record.tagKeys)
        var reading = TagReading(tagCount: own.count)
        var strangers: [(node: NodeIndex, tags: [Int32], isKnown: Bool)] = []
        var total = Int64(0)
        for other in others {
            guard let tagKeys = states[Int(other)]?.record.tagKeys else { continue }
            let tags = fits.known(tagKeys)
            let mean = fits.mean(own, tags)
            if let mean {
                total += Int64((mean * Self.meanUnit).rounded())
                reading.neighbourCount += 1
                if tags.contains(where: own.contains) { reading.sharingCount += 1 }
            }
            if mean ?? -.infinity < TagFits.foreignMax {
                strangers.append((other, tags, mean != nil))
            }
        }
        if reading.neighbourCount > 0 {
            reading.meanFit =
                Double(total) / Self.meanUnit / Double(reading.neighbourCount)
        }
        guard graph.triangleCount(of: node) > 0 else { return reading }
        for (place, first) in strangers.enumerated() {
            for second in strangers[(place + 1)...] {
                let areForeign = fits.areForeign(first.tags, second.tags)
                // Of three without tags nothing is known.
                guard areForeign ?? (first.isKnown || second.isKnown),
                    graph.areAdjacent(first.node, second.node)
                else { continue }
                reading.foreignTriangles += 1
            }
        }
        return reading
    }

    /// Means are added up in fixed point: the same bits whatever the order.
    private static let meanUnit = Double(1 << 40)

    /// Which tags meet across the relationships of these entities.
    func tagFits(of records: [EntityRecord], excluded: Set<Int64>) -> TagFits? {
        var carriers: [UInt64: Int] = [:]
        for record in records {
            for tag in record.tagKeys { carriers[tag, default: 0] += 1 }
        }
        var counts = TagFits.Counts(carriers: carriers)
        let places = counts.places
        for record in records {
            guard let node = graph.nodeIndex(of: NodeKey(record.id)) else { continue }
            let own = ResolvedTagFits.known(record.tagKeys, places)
            guard !own.isEmpty else { continue }
            for other in neighbourSamples.sample(of: node, graph) {
                guard let other = states[Int(other)]?.record, !excluded.contains(other.id) else {
                    continue
                }
                counts.add(own, ResolvedTagFits.known(other.tagKeys, places))
            }
        }
        return counts.fits
    }
}
