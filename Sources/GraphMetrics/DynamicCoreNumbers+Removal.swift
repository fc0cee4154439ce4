import GraphEngine

extension DynamicCoreNumbers {
    /// Counts a pair that ceased to be adjacent; `settle` draws the conclusions.
    mutating func detach(_ one: NodeIndex, _ other: NodeIndex) {
        let front = precedes(one, other) ? one : other
        nodes[Int(front)].behind -= 1
        let (coreOfOne, coreOfOther) = (nodes[Int(one)].core, nodes[Int(other)].core)
        if coreOfOther >= coreOfOne { takeSupport(of: one) }
        if coreOfOne >= coreOfOther { takeSupport(of: other) }
    }

    @inline(__always)
    private mutating func takeSupport(of node: NodeIndex) {
        nodes[Int(node)].support -= 1
        guard nodes[Int(node)].support < Int32(nodes[Int(node)].core),
            nodes[Int(node)].flags & Flag.waits == 0
        else { return }
        nodes[Int(node)].flags |= Flag.waits
        pending.append(node)
    }

    /// Lets the nodes fall that have too little support, until none is left.
    mutating func settle(_ graph: AdjacencyGraph) {
        while let node = pending.popLast() {
            nodes[Int(node)].flags &= ~Flag.waits
            while nodes[Int(node)].support < Int32(nodes[Int(node)].core) {
                visitedCount += 1
                if graph.degree(of: node) == 0 {
                    unlink(node)
                    append(node, to: 0)
                } else {
                    demote(node, graph)
                }
            }
        }
    }

    /// Puts a node at the end of the core number below its own.
    private mutating func demote(_ node: NodeIndex, _ graph: AdjacencyGraph) {
        let old = nodes[Int(node)]
        unlink(node)
        append(node, to: Int(old.core) - 1)
        var behind: Int32 = 0
        var support: Int32 = 0
        graph.withNeighbors(of: node) { neighbors in
            for neighbor in neighbors {
                let entry = nodes[Int(neighbor)]
                if entry.core >= old.core {
                    behind += 1
                    support += 1
                    guard entry.core == old.core else { continue }
                    if entry.label < old.label { nodes[Int(neighbor)].behind -= 1 }
                    takeSupport(of: neighbor)
                } else if entry.core + 1 == old.core {
                    support += 1
                }
            }
        }
        nodes[Int(node)].behind = behind
        nodes[Int(node)].support = support
    }
}
