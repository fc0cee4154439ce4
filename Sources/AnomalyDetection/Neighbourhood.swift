import GraphEngine

/// The entities and relationships around one entity or relationship, as `anomalies.subgraph` keeps them.
package struct Neighbourhood: Sendable, Equatable {
    /// One entity of it.
    package struct Node: Sendable, Equatable {
        /// The entity, how many steps away it is, and its type.
        package var entityID: Int64
        package var hop: Int
        package var typeName: String
    }

    /// One relationship between two of its entities.
    package struct Row: Sendable, Equatable {
        /// The relationship, its ends, and its type.
        package var relationshipID, sourceEntityID, targetEntityID: Int64
        package var typeName: String
    }

    /// The entity in the middle; of a relationship, its source.
    package var centerEntityID: Int64
    /// The relationship in the middle; nil where it is an entity.
    package var centerRelationshipID: Int64?
    /// The entities, the centre first, then by hop.
    package var nodes: [Node]
    /// The active relationships among them, by key.
    package var edges: [Row]
    /// True where the limit left something out.
    package var isTruncated: Bool
}

extension AnomalyDetector {
    /// So many relationships for each entity of the limit are kept at most.
    private static let rowsPerNodeMax = 4

    /// The neighbourhood of an entity by breadth-first search.
    ///
    /// Where the limit bites, the entities of the newest relationships stay. Empty where there is no
    /// such entity.
    package func neighbourhood(
        of entityID: Int64, hops: Int, nodeLimit: Int
    ) -> Neighbourhood {
        var result = Neighbourhood(
            centerEntityID: entityID, nodes: [], edges: [], isTruncated: false)
        guard nodeLimit > 0, let center = graph.nodeIndex(of: NodeKey(entityID)) else {
            return result
        }
        search(around: [center], hops: hops, nodeLimit: nodeLimit, &result)
        return result
    }

    /// The neighbourhood of both ends of a relationship; nil where there is no such relationship.
    package func neighbourhood(
        ofRelationship relationshipID: Int64, hops: Int, nodeLimit: Int
    ) -> Neighbourhood? {
        guard let row = graph.edgeIndex(of: EdgeKey(relationshipID)) else { return nil }
        let edge = graph.edge(at: row)
        var result = Neighbourhood(
            centerEntityID: graph.nodeKey(at: edge.source).rawValue,
            centerRelationshipID: relationshipID, nodes: [], edges: [], isTruncated: false)
        search(
            around: edge.source == edge.target ? [edge.source] : [edge.source, edge.target],
            hops: hops, nodeLimit: max(2, nodeLimit), &result)
        return result
    }

    private func search(
        around centers: [NodeIndex], hops: Int, nodeLimit: Int, _ result: inout Neighbourhood
    ) {
        var hopOf: [NodeIndex: Int] = [:]
        for center in centers { hopOf[center] = 0 }
        var order = centers
        var next = 0
        search: while next < order.count {
            let node = order[next]
            let hop = hopOf[node, default: 0]
            next += 1
            guard hop < hops else { break }
            if graph.incidentEdgeCount(of: node) > Self.recentRowsMax {
                result.isTruncated = true
            }
            // Each centre may fill its part of the picture.
            let limit =
                hop == 0 ? nodeLimit * next / centers.count : nodeLimit / Self.fartherShare
            for neighbour in neighboursByRecency(of: node) where hopOf[neighbour] == nil {
                guard order.count < limit else {
                    result.isTruncated = true
                    if next < centers.count { continue search }
                    break search
                }
                hopOf[neighbour] = hop + 1
                order.append(neighbour)
            }
        }
        result.nodes = order.map { node in
            Neighbourhood.Node(
                entityID: graph.nodeKey(at: node).rawValue, hop: hopOf[node, default: 0],
                typeName: states[Int(node)].map { catalog.entityTypeName($0.record.typeCode) }
                    ?? "unknown")
        }
        collectRows(among: order, hopOf, rowsMax: Self.rowsPerNodeMax * nodeLimit, &result)
    }

    /// Entities beyond the first step fill the picture up to a third of the limit: they are context,
    /// and what is kept is written with every detection.
    private static let fartherShare = 3

    /// A hub's relationships beyond this many are not looked at.
    ///
    /// The newest of the centre, by key, are enough for a picture; those of other hubs with smaller
    /// neighbours are found from the neighbours' side. A hub must not cost more than its picture.
    private static let recentRowsMax = 400

    /// Neighbours by the time of the newest relationship with them, newest first.
    private func neighboursByRecency(of node: NodeIndex) -> [NodeIndex] {
        var newest: [NodeIndex: Double] = [:]
        for row in graph.newestIncidentEdges(of: node, limit: Self.recentRowsMax) {
            let edge = graph.edge(at: row)
            guard edge.attributes.isActive else { continue }
            let other = edge.source == node ? edge.target : edge.source
            let time = edge.attributes.time.isNaN ? -.infinity : edge.attributes.time
            newest[other] = max(newest[other] ?? -.infinity, time)
        }
        newest[node] = nil
        return newest.sorted { first, second in
            first.value != second.value
                ? first.value > second.value
                : graph.nodeKey(at: first.key) < graph.nodeKey(at: second.key)
        }.map(\.key)
    }

    private func row(of edge: Edge) -> Neighbourhood.Row {
        Neighbourhood.Row(
            relationshipID: edge.key.rawValue,
            sourceEntityID: graph.nodeKey(at: edge.source).rawValue,
            targetEntityID: graph.nodeKey(at: edge.target).rawValue,
            typeName: catalog.relationshipTypeName(edge.attributes.typeCode))
    }

    private func collectRows(
        among order: [NodeIndex], _ hopOf: [NodeIndex: Int], rowsMax: Int,
        _ result: inout Neighbourhood
    ) {
        var seen: Set<EdgeIndex> = []
        var rows: [Neighbourhood.Row] = []
        if let id = result.centerRelationshipID, let index = graph.edgeIndex(of: EdgeKey(id)) {
            seen.insert(index)
            rows.append(row(of: graph.edge(at: index)))
        }
        for (place, node) in order.enumerated() {
            guard place == 0 || graph.incidentEdgeCount(of: node) <= Self.recentRowsMax else {
                result.isTruncated = true
                continue
            }
            for index in graph.newestIncidentEdges(of: node, limit: Self.recentRowsMax) {
                let edge = graph.edge(at: index)
                guard edge.attributes.isActive, hopOf[edge.source] != nil,
                    hopOf[edge.target] != nil, seen.insert(index).inserted
                else { continue }
                rows.append(row(of: edge))
            }
            if rows.count > rowsMax { break }
        }
        if rows.count > rowsMax {
            result.isTruncated = true
            rows = Array(rows.prefix(rowsMax))
        }
        result.edges = rows.sorted { $0.relationshipID < $1.relationshipID }
    }
}
