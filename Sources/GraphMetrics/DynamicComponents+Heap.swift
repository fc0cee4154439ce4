import GraphEngine

/// The pairing heaps of the members, by key.
extension DynamicComponents {
    /// Makes one heap of two; gives its root.
    mutating func meld(_ first: Int32, _ second: Int32, _ graph: AdjacencyGraph) -> Int32 {
        let isFirst = graph.nodeKey(at: first) < graph.nodeKey(at: second)
        let root = isFirst ? first : second
        let under = isFirst ? second : first
        let sibling = nodes[Int(root)].child
        nodes[Int(under)].next = sibling
        nodes[Int(under)].previous = root
        if sibling >= 0 { nodes[Int(sibling)].previous = under }
        nodes[Int(root)].child = under
        return root
    }

    /// Takes a node out of the heap and the count of its component; its own key is not looked at.
    /// - Complexity: O(log nodes) amortized.
    mutating func take(_ node: NodeIndex, _ graph: AdjacencyGraph) {
        let component = Int(nodes[Int(node)].component)
        let below = meldChildren(of: node, graph)
        components[component].nodeCount -= 1
        if components[component].root == node {
            components[component].root = below
        } else {
            let (previous, next) = (nodes[Int(node)].previous, nodes[Int(node)].next)
            if nodes[Int(previous)].child == node {
                nodes[Int(previous)].child = next
            } else {
                nodes[Int(previous)].next = next
            }
            if next >= 0 { nodes[Int(next)].previous = previous }
            if below >= 0 {
                components[component].root = meld(components[component].root, below, graph)
            }
        }
        nodes[Int(node)].child = -1
        nodes[Int(node)].next = -1
        nodes[Int(node)].previous = -1
    }

    /// Melds the children in pairs from the left, then the pairs from the right.
    private mutating func meldChildren(of node: NodeIndex, _ graph: AdjacencyGraph) -> Int32 {
        var child = nodes[Int(node)].child
        // The pairs form a chain through `next`, the last one first.
        var pairs: Int32 = -1
        while child >= 0 {
            let second = nodes[Int(child)].next
            let following = second >= 0 ? nodes[Int(second)].next : -1
            let pair = second >= 0 ? meld(child, second, graph) : child
            nodes[Int(pair)].next = pairs
            pairs = pair
            child = following
        }
        guard pairs >= 0 else { return -1 }
        var root = pairs
        var rest = nodes[Int(root)].next
        while rest >= 0 {
            let following = nodes[Int(rest)].next
            root = meld(root, rest, graph)
            rest = following
        }
        nodes[Int(root)].next = -1
        nodes[Int(root)].previous = -1
        return root
    }

    /// Puts the members of a component into `queue`.
    mutating func gatherMembers(of component: Int32) {
        queue.removeAll(keepingCapacity: true)
        queue.append(components[Int(component)].root)
        var place = 0
        while place < queue.count {
            var child = nodes[Int(queue[place])].child
            while child >= 0 {
                queue.append(child)
                child = nodes[Int(child)].next
            }
            place += 1
        }
    }
}
