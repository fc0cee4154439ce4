import GraphEngine

/// Keeps the buckets of entities with many relationships up to date with every change.
extension AnomalyDetector {
    /// A relationship is in the graph as it is now.
    ///
    /// - Complexity: O(log relationships) for each end whose history is kept, once O(relationships)
    ///   for an end that has become too large to be scanned.
    mutating func noteInserted(_ row: EdgeIndex) {
        let edge = graph.edge(at: row)
        for node in ends(of: edge) {
            guard states[Int(node)]?.history != nil else {
                if graph.incidentEdgeCount(of: node) > BusyHistory.scanRowCountMax {
                    beginHistory(of: node)
                }
                continue
            }
            changeHistory(of: node, edge) { history, number, graph in
                history.insert(row, edge, at: node, number: number, graph)
            }
            markFirstContact(of: node, edge)
        }
    }

    /// A relationship is about to leave the graph, or to become another.
    mutating func noteRemoval(of row: EdgeIndex) {
        let edge = graph.edge(at: row)
        for node in ends(of: edge) where states[Int(node)]?.history != nil {
            changeHistory(of: node, edge) { history, number, graph in
                history.remove(row, edge, at: node, number: number, graph)
            }
            markFirstContact(of: node, edge)
        }
    }

    /// The risk or the type of an entity is another: the buckets that tell of it are stale.
    /// - Complexity: O(relationships of the entity) where any history is kept.
    mutating func noteChanged(_ node: NodeIndex) {
        guard busyCount > 0 else { return }
        if states[Int(node)]?.history != nil {
            states[Int(node)]?.history?.markAllStale()
            staleHistories.insert(node)
        }
        for row in graph.incidentEdges(of: node) {
            let edge = graph.edge(at: row)
            let other = edge.source == node ? edge.target : edge.source
            guard other != node, states[Int(other)]?.history != nil,
                let number = bucketGrid.bucket(of: edge.attributes.time)
            else { continue }
            states[Int(other)]?.history?.markStale(number)
            staleHistories.insert(other)
        }
    }

    /// Makes anew what the batch made stale.
    /// - Complexity: O(`BehaviourBucket.rowCountMax`) for each bucket.
    mutating func refreshHistories() {
        for node in staleHistories {
            guard var history = states[Int(node)]?.history,
                let risk = states[Int(node)]?.record.riskScore
            else { continue }
            // The history is changed in place: no second reference to it while that lasts.
            states[Int(node)]?.history = nil
            history.refresh { bucket in
                (
                    numbers(of: bucket, at: node, ownRisk: risk),
                    ActiveHours.hours(
                        of: bucket.rows.suffix(BehaviourBucket.rowCountMax)
                            .map(graph.edge(at:)).filter { $0.source == node }
                            .map(\.attributes.time))
                )
            }
            states[Int(node)]?.history = history
        }
        staleHistories.removeAll(keepingCapacity: true)
    }

    /// Begins the histories of all entities that are too large to be scanned.
    mutating func beginHistories() {
        busyCount = 0
        for node in states.indices where states[node] != nil {
            states[node]?.history = nil
            if graph.incidentEdgeCount(of: NodeIndex(node)) > BusyHistory.scanRowCountMax {
                beginHistory(of: NodeIndex(node))
            }
        }
        refreshHistories()
    }

    private mutating func beginHistory(of node: NodeIndex) {
        guard states[Int(node)] != nil else { return }
        let grid = bucketGrid
        let dated = graph.incidentEdges(of: node)
            .map { (row: $0, edge: graph.edge(at: $0)) }
            .filter { $0.edge.attributes.isActive && !$0.edge.attributes.time.isNaN }
            .sorted {
                ($0.edge.attributes.time, $0.edge.key) < ($1.edge.attributes.time, $1.edge.key)
            }
        var history = BusyHistory()
        for (row, edge) in dated {
            guard let number = grid.bucket(of: edge.attributes.time) else { continue }
            history.insert(row, edge, at: node, number: number, graph)
        }
        states[Int(node)]?.history = history
        busyCount += 1
        staleHistories.insert(node)
    }

    private mutating func changeHistory(
        of node: NodeIndex, _ edge: Edge,
        _ change: (inout BusyHistory, Int, AdjacencyGraph) -> Void
    ) {
        guard edge.attributes.isActive,
            let number = bucketGrid.bucket(of: edge.attributes.time),
            var history = states[Int(node)]?.history
        else { return }
        states[Int(node)]?.history = nil
        change(&history, number, graph)
        states[Int(node)]?.history = history
        staleHistories.insert(node)
    }

    /// Whether another relationship of the pair is the first may depend on this one.
    private mutating func markFirstContact(of node: NodeIndex, _ changed: Edge) {
        guard changed.source != changed.target else { return }
        let other = changed.source == node ? changed.target : changed.source
        let first: Double? = graph.withRows(between: node, and: other) { rows in
            guard rows.count <= BehaviourBucket.pairRowCountMax + 1 else { return nil }
            var earliest: Edge?
            for row in rows {
                let edge = graph.edge(at: row)
                guard edge.key != changed.key, edge.attributes.isActive,
                    !edge.attributes.time.isNaN
                else { continue }
                if earliest.map({
                    (edge.attributes.time, edge.key) < ($0.attributes.time, $0.key)
                }) ?? true {
                    earliest = edge
                }
            }
            guard let earliest else { return nil }
            let isBefore =
                changed.attributes.isActive
                && (changed.attributes.time, changed.key)
                    < (earliest.attributes.time, earliest.key)
            return isBefore || rows.count >= BehaviourBucket.pairRowCountMax
                ? earliest.attributes.time : nil
        }
        guard let first, let number = bucketGrid.bucket(of: first) else { return }
        states[Int(node)]?.history?.markStale(number)
        staleHistories.insert(node)
    }

    private func ends(of edge: Edge) -> [NodeIndex] {
        edge.source == edge.target ? [edge.source] : [edge.source, edge.target]
    }
}
