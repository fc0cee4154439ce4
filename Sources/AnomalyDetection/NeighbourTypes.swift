import Foundation
import GraphEngine

/// How many neighbours of each type the entities of a type have in training, by both names.
package typealias NeighbourTypes = [String: [String: Int]]

extension AnomalyDetector {
    /// Pairs of neighbours counted from both sides, of entities that are not `excluded`.
    ///
    /// Of a hub only the sample counts.
    package func neighbourTypes(excluded: Set<Int64> = []) -> NeighbourTypes {
        var counts: [Int32: [Int32: Int]] = [:]
        for id in entityIDs where !excluded.contains(id) {
            guard let (node, state) = live(id) else { continue }
            for other in neighbourSamples.sample(of: node, graph) {
                guard let code = states[Int(other)]?.record.typeCode else { continue }
                counts[state.record.typeCode, default: [:]][code, default: 0] += 1
            }
        }
        var named: NeighbourTypes = [:]
        for (code, others) in counts {
            for (other, count) in others {
                named[catalog.entityTypeName(code), default: [:]][
                    catalog.entityTypeName(other), default: 0] += count
            }
        }
        return named
    }

    /// The least expected type among the neighbours, and its surprise: -log2 of its share among the
    /// neighbours of entities of this type, one more of each counted.
    ///
    /// Nil without a neighbour, or where training saw too few.
    func neighbourTypeSurprise(of node: NodeIndex) -> (bits: Double, typeName: String)? {
        guard let code = states[Int(node)]?.record.typeCode,
            let counts = knownNeighbourTypes[catalog.entityTypeName(code)]
        else { return nil }
        let total = counts.values.reduce(0, +)
        guard total >= PeerGroup.countMin else { return nil }
        var least: (bits: Double, typeName: String)?
        for other in neighbourSamples.sample(of: node, graph) {
            guard let code = states[Int(other)]?.record.typeCode else { continue }
            let name = catalog.entityTypeName(code)
            let share =
                Double((counts[name] ?? 0) + 1) / Double(total + knownNeighbourTypes.count)
            let bits = -log2(min(1, share))
            // Of equals the first by name, so that the order of the neighbours leaves no trace.
            if let known = least, (bits, known.typeName) <= (known.bits, name) { continue }
            least = (bits, name)
        }
        return least
    }
}
