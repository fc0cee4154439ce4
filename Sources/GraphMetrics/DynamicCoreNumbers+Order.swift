// The order within a core number: a linked list whose labels grow along it, so that two places are
// compared by two numbers. P. F. Dietz, D. D. Sleator, "Two algorithms for maintaining order in a
// list", STOC (1987), doi:10.1145/28395.28434: where two neighbors in the list leave no label between
// them, the labels behind are spread evenly over the first stretch that is wide enough for its length,
// O(log) amortized.

import GraphEngine

extension DynamicCoreNumbers {
    /// Labels of new ends lie so far apart.
    private static let gap: Int64 = 1 << 24
    /// Labels stay within plus and minus this; 2^38 ends of a list are added before it is reached.
    private static let labelMax: Int64 = 1 << 62

    /// Makes a node the last of a core number; it stands in no list before.
    mutating func append(_ node: NodeIndex, to core: Int) {
        makeLevel(core)
        let tail = tails[core]
        nodes[Int(node)].core = UInt16(truncatingIfNeeded: core)
        nodes[Int(node)].previous = tail
        nodes[Int(node)].next = -1
        tails[core] = node
        guard tail >= 0 else {
            heads[core] = node
            nodes[Int(node)].label = 0
            return
        }
        nodes[Int(tail)].next = node
        nodes[Int(node)].label = nodes[Int(tail)].label + Self.gap
        if nodes[Int(node)].label > Self.labelMax { spread(core) }
    }

    /// Makes a node the first of a core number; it stands in no list before.
    mutating func prepend(_ node: NodeIndex, to core: Int) {
        makeLevel(core)
        let head = heads[core]
        nodes[Int(node)].core = UInt16(truncatingIfNeeded: core)
        nodes[Int(node)].previous = -1
        nodes[Int(node)].next = head
        heads[core] = node
        guard head >= 0 else {
            tails[core] = node
            nodes[Int(node)].label = 0
            return
        }
        nodes[Int(head)].previous = node
        nodes[Int(node)].label = nodes[Int(head)].label - Self.gap
        if nodes[Int(node)].label < -Self.labelMax { spread(core) }
    }

    /// Puts a node behind another one of the same core number; it stands in no list before.
    mutating func insert(_ node: NodeIndex, behind other: NodeIndex) {
        let next = nodes[Int(other)].next
        guard next >= 0 else { return append(node, to: Int(nodes[Int(other)].core)) }
        if nodes[Int(next)].label - nodes[Int(other)].label < 2 { spread(behind: other) }
        let label = nodes[Int(other)].label
        nodes[Int(node)].label = label + (nodes[Int(next)].label - label) / 2
        nodes[Int(node)].core = nodes[Int(other)].core
        nodes[Int(node)].previous = other
        nodes[Int(node)].next = next
        nodes[Int(other)].next = node
        nodes[Int(next)].previous = node
    }

    /// Takes a node out of its list.
    mutating func unlink(_ node: NodeIndex) {
        let (previous, next) = (nodes[Int(node)].previous, nodes[Int(node)].next)
        let core = Int(nodes[Int(node)].core)
        if previous >= 0 { nodes[Int(previous)].next = next } else { heads[core] = next }
        if next >= 0 { nodes[Int(next)].previous = previous } else { tails[core] = previous }
    }

    private mutating func makeLevel(_ core: Int) {
        while heads.count <= core {
            heads.append(-1)
            tails.append(-1)
        }
    }

    /// Makes room behind a node that has a next one.
    private mutating func spread(behind node: NodeIndex) {
        let start = nodes[Int(node)].label
        var end = nodes[Int(node)].next
        var count: Int64 = 1
        while end >= 0 {
            let room = (nodes[Int(end)].label - start) / count
            if room > count, room >= 256 { break }
            end = nodes[Int(end)].next
            count += 1
        }
        // At the list's end there is room without bound.
        let room = end >= 0 ? (nodes[Int(end)].label - start) / count : Self.gap
        var place = nodes[Int(node)].next
        var label = start
        while place != end {
            label += room
            nodes[Int(place)].label = label
            place = nodes[Int(place)].next
        }
    }

    /// Labels a whole list anew.
    private mutating func spread(_ core: Int) {
        var place = heads[core]
        var label: Int64 = 0
        while place >= 0 {
            nodes[Int(place)].label = label
            label += Self.gap
            place = nodes[Int(place)].next
        }
    }
}
