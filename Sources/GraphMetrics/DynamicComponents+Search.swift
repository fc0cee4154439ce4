import GraphEngine

/// Searches that start from several nodes, take turns, and become one where they meet.
struct SplitSearch: Sendable {
    struct Search {
        /// The first and the last of the nodes whose neighbors were not looked at yet; -1 for none.
        var head: Int32
        var tail: Int32
        /// The search that this one has become part of, itself where it has not.
        var parent: Int32
        /// The chain of the nodes found, made by `chainNodes`.
        var first: Int32 = -1
        var edgeVisitCount = 0
    }

    private(set) var searches: [Search] = []
    /// The nodes found, and the next in its chain for each.
    private(set) var visited: [NodeIndex] = []
    private var nexts: [Int32] = []
    /// The searches that still run, as a queue from `turn` on.
    private var running: [Int32] = []
    private var turn = 0
    /// The searches that ran out of nodes: each has found a component.
    private(set) var finished: [Int32] = []
    private(set) var runningCount = 0

    var byteCount: Int {
        searches.capacity * MemoryLayout<Search>.stride
            + (visited.capacity + nexts.capacity + running.capacity + finished.capacity) * 4
    }

    mutating func removeAll() {
        searches.removeAll(keepingCapacity: true)
        visited.removeAll(keepingCapacity: true)
        nexts.removeAll(keepingCapacity: true)
        running.removeAll(keepingCapacity: true)
        finished.removeAll(keepingCapacity: true)
        turn = 0
        runningCount = 0
    }

    mutating func start(at node: NodeIndex) -> Int32 {
        let search = Int32(searches.count)
        searches.append(Search(head: -1, tail: -1, parent: search))
        add(node, to: search)
        running.append(search)
        runningCount += 1
        return search
    }

    /// Whose turn it is: of two the one that has looked at fewer edges, otherwise the next in line.
    mutating func nextSearch() -> Int32 {
        let search = nextRunning()
        guard runningCount == 2 else { return search }
        let other = nextRunning()
        let isOther =
            searches[Int(other)].edgeVisitCount < searches[Int(search)].edgeVisitCount
        turn -= 1
        running[turn] = isOther ? search : other
        return isOther ? other : search
    }

    private mutating func nextRunning() -> Int32 {
        while searches[Int(running[turn])].parent != running[turn] { turn += 1 }
        turn += 1
        return running[turn - 1]
    }

    /// The next node of a search to look at; nil where it has run out, and then it is finished.
    mutating func nextNode(of search: Int32) -> NodeIndex? {
        let entry = searches[Int(search)].head
        guard entry >= 0 else {
            finished.append(search)
            runningCount -= 1
            return nil
        }
        searches[Int(search)].head = nexts[Int(entry)]
        return visited[Int(entry)]
    }

    mutating func requeue(_ search: Int32, edgeVisitCount: Int) {
        searches[Int(search)].edgeVisitCount += edgeVisitCount
        running.append(search)
    }

    mutating func add(_ node: NodeIndex, to search: Int32) {
        let entry = Int32(visited.count)
        visited.append(node)
        nexts.append(-1)
        append(entry, entry, to: search)
    }

    /// The search that a search has become part of.
    mutating func representative(of search: Int32) -> Int32 {
        var search = search
        while true {
            let parent = searches[Int(search)].parent
            if parent == search { return search }
            let next = searches[Int(parent)].parent
            searches[Int(search)].parent = next
            search = next
        }
    }

    /// Lets a search become part of another one that is running.
    mutating func join(_ other: Int32, into search: Int32) {
        let joined = searches[Int(other)]
        searches[Int(other)].parent = search
        searches[Int(search)].edgeVisitCount += joined.edgeVisitCount
        runningCount -= 1
        if joined.head >= 0 { append(joined.head, joined.tail, to: search) }
    }

    private mutating func append(_ first: Int32, _ last: Int32, to search: Int32) {
        if searches[Int(search)].head < 0 {
            searches[Int(search)].head = first
        } else {
            nexts[Int(searches[Int(search)].tail)] = first
        }
        searches[Int(search)].tail = last
    }

    /// Chains the nodes found by their searches; no search goes on after that.
    mutating func chainNodes(searchOf: (NodeIndex) -> Int32) {
        for entry in visited.indices {
            let search = representative(of: searchOf(visited[entry]))
            nexts[entry] = searches[Int(search)].first
            searches[Int(search)].first = Int32(entry)
        }
    }

    /// The nodes that a search has found.
    func gatherNodes(of search: Int32, into nodes: inout [NodeIndex]) {
        var entry = searches[Int(search)].first
        while entry >= 0 {
            nodes.append(visited[Int(entry)])
            entry = nexts[Int(entry)]
        }
    }
}

extension DynamicComponents {
    /// Searches from the `ends` until one search is left; false where the budget ran out before.
    mutating func search(_ graph: AdjacencyGraph) -> Bool {
        for end in ends where nodes[Int(end)].search < 0 {
            nodes[Int(end)].search = searches.start(at: end)
        }
        var left = edgeVisitsMax
        while searches.runningCount > 1 {
            guard left > 0 else { return false }
            let search = searches.nextSearch()
            guard let node = searches.nextNode(of: search) else { continue }
            let visits = graph.withNeighbors(of: node) { neighbors in
                for (place, neighbor) in neighbors.enumerated() {
                    let found = nodes[Int(neighbor)].search
                    if found < 0 {
                        nodes[Int(neighbor)].search = search
                        searches.add(neighbor, to: search)
                        continue
                    }
                    guard found != search else { continue }
                    let other = searches.representative(of: found)
                    guard other != search else { continue }
                    searches.join(other, into: search)
                    if searches.runningCount == 1 { return place + 1 }
                }
                return neighbors.count
            }
            left -= max(1, visits)
            edgeVisitCount += visits
            searches.requeue(search, edgeVisitCount: visits)
        }
        return true
    }
}
