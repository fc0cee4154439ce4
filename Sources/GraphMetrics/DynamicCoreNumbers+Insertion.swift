import GraphEngine

extension DynamicCoreNumbers {
    /// Takes in a pair that became adjacent; the graph has it already.
    mutating func insert(_ one: NodeIndex, _ other: NodeIndex, _ graph: AdjacencyGraph) {
        if nodes[Int(other)].core >= nodes[Int(one)].core { nodes[Int(one)].support += 1 }
        if nodes[Int(one)].core >= nodes[Int(other)].core { nodes[Int(other)].support += 1 }
        let front = precedes(one, other) ? one : other
        nodes[Int(front)].behind += 1
        let core = nodes[Int(front)].core
        guard nodes[Int(front)].behind > Int32(core) else { return }

        push(front)
        while let node = popFirst() {
            visitedCount += 1
            let before = nodes[Int(node)].candidatesBefore
            if before + nodes[Int(node)].behind > Int32(core) {
                makeCandidate(node, core, graph)
            } else if before > 0 {
                reject(node, core, graph)
            }
        }
        promote(from: core, graph)
    }

    /// Counts a node as one that may rise; its neighbors behind may follow.
    private mutating func makeCandidate(
        _ node: NodeIndex, _ core: UInt16, _ graph: AdjacencyGraph
    ) {
        nodes[Int(node)].flags |= Flag.isCandidate
        candidates.append(node)
        let label = nodes[Int(node)].label
        graph.withNeighbors(of: node) { neighbors in
            for neighbor in neighbors {
                let entry = nodes[Int(neighbor)]
                guard entry.core == core, entry.label > label else { continue }
                nodes[Int(neighbor)].candidatesBefore += 1
                if entry.flags & Flag.waits == 0 { push(neighbor) }
            }
        }
    }

    /// Leaves a node where it is; candidates that counted on it may not rise either, and go behind it.
    private mutating func reject(_ node: NodeIndex, _ core: UInt16, _ graph: AdjacencyGraph) {
        graph.withNeighbors(of: node) { neighbors in
            for neighbor in neighbors
            where nodes[Int(neighbor)].flags & Flag.isCandidate != 0 {
                nodes[Int(neighbor)].behind -= 1
                reconsider(neighbor, core)
            }
        }
        nodes[Int(node)].behind += nodes[Int(node)].candidatesBefore
        nodes[Int(node)].candidatesBefore = 0
        var last = node
        while let fallen = pending.popLast() {
            visitedCount += 1
            nodes[Int(fallen)].flags &= ~(Flag.isCandidate | Flag.isRejected)
            let label = nodes[Int(fallen)].label
            graph.withNeighbors(of: fallen) { neighbors in
                for neighbor in neighbors {
                    let entry = nodes[Int(neighbor)]
                    guard entry.core == core else { continue }
                    if entry.label > label {
                        guard entry.candidatesBefore > 0 else { continue }
                        nodes[Int(neighbor)].candidatesBefore -= 1
                    } else {
                        guard entry.flags & Flag.isCandidate != 0 else { continue }
                        nodes[Int(neighbor)].behind -= 1
                    }
                    if entry.flags & Flag.isCandidate != 0 { reconsider(neighbor, core) }
                }
            }
            unlink(fallen)
            insert(fallen, behind: last)
            last = fallen
            nodes[Int(fallen)].behind += nodes[Int(fallen)].candidatesBefore
            nodes[Int(fallen)].candidatesBefore = 0
        }
    }

    /// Lets a candidate fall that has too few neighbors left.
    private mutating func reconsider(_ node: NodeIndex, _ core: UInt16) {
        let entry = nodes[Int(node)]
        guard entry.candidatesBefore + entry.behind <= Int32(core),
            entry.flags & Flag.isRejected == 0
        else { return }
        nodes[Int(node)].flags |= Flag.isRejected
        pending.append(node)
    }

    /// Lifts the candidates that are left to the front of the next core number, in their order.
    private mutating func promote(from core: UInt16, _ graph: AdjacencyGraph) {
        candidates.removeAll { nodes[Int($0)].flags & Flag.isCandidate == 0 }
        for node in candidates.reversed() {
            nodes[Int(node)].candidatesBefore = 0
            unlink(node)
            prepend(node, to: Int(core) + 1)
        }
        for node in candidates {
            var support: Int32 = 0
            graph.withNeighbors(of: node) { neighbors in
                for neighbor in neighbors {
                    let entry = nodes[Int(neighbor)]
                    guard entry.core > core else { continue }
                    support += 1
                    if entry.core == core + 1, entry.flags & Flag.isCandidate == 0 {
                        nodes[Int(neighbor)].support += 1
                    }
                }
            }
            nodes[Int(node)].support = support
        }
        for node in candidates { nodes[Int(node)].flags &= ~Flag.isCandidate }
        candidates.removeAll(keepingCapacity: true)
    }

    /// Puts a node into the heap by its place in the order.
    private mutating func push(_ node: NodeIndex) {
        nodes[Int(node)].flags |= Flag.waits
        let label = nodes[Int(node)].label
        var place = heap.count
        heap.append(node)
        while place > 0 {
            let parent = (place - 1) >> 1
            guard nodes[Int(heap[parent])].label > label else { break }
            heap[place] = heap[parent]
            place = parent
        }
        heap[place] = node
    }

    /// Takes the node that stands first out of the heap.
    private mutating func popFirst() -> NodeIndex? {
        guard let first = heap.first, let node = heap.popLast() else { return nil }
        nodes[Int(first)].flags &= ~Flag.waits
        guard !heap.isEmpty else { return first }
        let label = nodes[Int(node)].label
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count,
                nodes[Int(heap[child + 1])].label < nodes[Int(heap[child])].label
            {
                child += 1
            }
            guard nodes[Int(heap[child])].label < label else { break }
            heap[place] = heap[child]
            place = child
        }
        heap[place] = node
        return first
    }
}
