// Means over neighbours as features of tree ensembles: J. Tang, F. Hua, Z. Gao, P. Zhao, J. Li, "GADBench:
// Revisiting and Benchmarking Supervised Graph Anomaly Detection", NeurIPS 2023 Datasets and
// Benchmarks, arXiv:2306.12251: trees over such means beat graph networks with few labels.
// Different here: one and two steps by relationship type beside all types together, over the newest
// rows of a node, so that a hub does not cost its degree.

import Foundation
import GraphEngine

extension AnomalyDetector {
    /// So many of the newest rows of an entity are looked at, and so many of each of its neighbours.
    static let surroundingRowsMax = 64
    static let secondStepRowsMax = 16
    /// So many relationship types have means of their own.
    static let surroundingTypesMax = 4

    /// What stands around an entity: mean traits one and two steps away, over all types and by the
    /// relationship types that it has most of, by name; what is unknown is not there.
    ///
    /// Two steps by a type are two relationships of that type. The entity itself is not met again.
    /// - Complexity: at most ``surroundingRowsMax`` times ``secondStepRowsMax`` rows
    func surroundings(of node: NodeIndex, asOf: Double) -> [String: Double] {
        let neighbours = nearest(node, limit: Self.surroundingRowsMax)
        var byType: [Int32: [NodeIndex]] = [:]
        for neighbour in neighbours {
            byType[neighbour.typeCode, default: []].append(neighbour.node)
        }
        let types = byType.map { (name: catalog.relationshipTypeName($0), code: $0, nodes: $1) }
            .sorted { ($1.nodes.count, $0.name) < ($0.nodes.count, $1.name) }
            .prefix(Self.surroundingTypesMax)
        var values: [String: Double] = [:]
        func put(_ group: String, _ nodes: [NodeIndex], code: Int32?) {
            var near = NeighbourTraitSums()
            var far = NeighbourTraitSums()
            for other in nodes.withoutRepetitions {
                near.add(traits(of: other, asOf: asOf))
                var beyond = NeighbourTraitSums()
                let second = nearest(other, limit: Self.secondStepRowsMax, code: code)
                for other in second.map(\.node).withoutRepetitions where other != node {
                    beyond.add(traits(of: other, asOf: asOf))
                }
                far.add(beyond.means)
            }
            for (step, means) in [("neighbours", near.means), ("second_neighbours", far.means)] {
                for (trait, mean) in zip(NeighbourTrait.allCases, means) where !mean.isNaN {
                    values["\(step)(\(group)).\(trait.rawValue)"] = mean.shortened
                }
            }
        }
        guard !neighbours.isEmpty else { return values }
        put(Self.anyTypeName, neighbours.map(\.node), code: nil)
        for type in types { put(type.name, type.nodes, code: type.code) }
        return values
    }

    /// What stands around a relationship: the traits of its ends and of their neighbours, by name.
    func surroundings(of edge: Edge, asOf: Double) -> [String: Double] {
        var values: [String: Double] = [:]
        for (end, node) in [("source", edge.source), ("target", edge.target)] {
            var near = NeighbourTraitSums()
            let others = nearest(node, limit: Self.secondStepRowsMax).map(\.node)
            for other in others.withoutRepetitions { near.add(traits(of: other, asOf: asOf)) }
            let own = traits(of: node, asOf: asOf)
            for (trait, (own, mean)) in zip(NeighbourTrait.allCases, zip(own, near.means)) {
                if !own.isNaN { values["\(end).\(trait.rawValue)"] = own.shortened }
                if !mean.isNaN {
                    values["neighbours(\(end)).\(trait.rawValue)"] = mean.shortened
                }
            }
        }
        return values
    }

    /// The name of all relationship types together.
    private static let anyTypeName = "any"

    /// The other ends of the newest active rows of a node, by key of the row, with their type.
    private func nearest(
        _ node: NodeIndex, limit: Int, code: Int32? = nil
    ) -> [(node: NodeIndex, typeCode: Int32)] {
        graph.newestIncidentEdges(of: node, limit: limit).compactMap { row in
            let edge = graph.edge(at: row)
            guard edge.attributes.isActive, edge.source != edge.target,
                code == nil || edge.attributes.typeCode == code
            else { return nil }
            return (edge.source == node ? edge.target : edge.source, edge.attributes.typeCode)
        }
    }

    /// The traits of a node in the order of the cases, NaN where missing.
    private func traits(of node: NodeIndex, asOf: Double) -> [Double] {
        guard let state = states[Int(node)] else {
            return [Double](repeating: .nan, count: NeighbourTrait.allCases.count)
        }
        let record = state.record
        return NeighbourTrait.allCases.map { trait in
            switch trait {
            case .riskScore: record.riskScore
            case .confidenceScore: record.confidence
            case .degree: log1p(Double(state.degree))
            case .clusteringCoefficient: clustering(of: node, degree: state.degree)
            case .sourceCount: log1p(Double(record.sourceCount))
            case .tagCount: log1p(Double(record.tagCount))
            case .metadataRichness: record.metadataRichness
            case .isVerified: record.isVerified ? 1 : 0
            case .meanRating: meanRating(of: state)
            case .firstSeenAgeDays: log1p(Self.ageDays(of: record.firstSeen, asOf: asOf))
            }
        }
    }
}

extension Double {
    /// The number with four digits: a mean over neighbours is no more exact than that, and a stored
    /// one stays short.
    fileprivate var shortened: Double {
        guard isFinite, self != 0 else { return isNaN ? self : 0 }
        let scale = pow(10, 3 - log10(abs(self)).rounded(.down))
        return (self * scale).rounded() / scale
    }
}

extension [NodeIndex] {
    /// The first of each group of equals, in order.
    fileprivate var withoutRepetitions: [NodeIndex] {
        var seen: Set<NodeIndex> = []
        return filter { seen.insert($0).inserted }
    }
}
