/// The rows of some pair of nodes, seen as a whole.
struct PairRows {
    /// Whether an active row joins the two.
    var isAdjacent = false
    /// Whether an active row goes from the source that was asked for.
    var hasSameDirection = false
}

/// Reads neighbors from the rows at a node, through pointers alone; made for one call, and valid as
/// long as the graph is neither changed nor gone.
struct IncidenceReader {
    private let ends: PageReader<EdgeEnds>
    private let lists: ListReader

    /// Lists up to this many times longer than the other are read whole, longer ones are searched.
    private static let readRatio = 8
    /// Lists up to here are read whole: what a search of them would read lies as far apart.
    private static let readCountMax = 48

    @inline(__always)
    init(ends: PageReader<EdgeEnds>, lists: ListReader) {
        self.ends = ends
        self.lists = lists
    }

    @inline(__always)
    func list(_ node: NodeIndex) -> UnsafeBufferPointer<EdgeIndex> { lists.list(node) }

    /// Where a row stands, or would stand, among the rows at a node.
    func place(of position: EdgeIndex, in node: NodeIndex, neighbor: NodeIndex) -> Int {
        let list = list(node)
        var low = 0
        var high = list.count
        while low < high {
            let middle = (low + high) >> 1
            let row = list[middle]
            let other = ends[Int(row)].other(than: node)
            if other < neighbor || (other == neighbor && row < position) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Looks at the rows between two nodes in the list of the first, until nothing more can be found.
    func pair(_ node: NodeIndex, _ other: NodeIndex, source: NodeIndex) -> PairRows {
        var rows = PairRows()
        forEachActiveRow(node, other) { ends in
            rows.isAdjacent = true
            if ends.source == source { rows.hasSameDirection = true }
            return !rows.hasSameDirection
        }
        return rows
    }

    /// Calls `body` with each active row between two nodes, from the list of the first, until it
    /// returns false.
    @inline(__always)
    func forEachActiveRow(_ node: NodeIndex, _ other: NodeIndex, _ body: (EdgeEnds) -> Bool) {
        let list = list(node)
        var place = place(of: -1, in: node, neighbor: other)
        while place < list.count {
            let ends = ends[Int(list[place])]
            guard ends.other(than: node) == other else { return }
            if ends.isActive, !body(ends) { return }
            place += 1
        }
    }

    /// Calls `body` with each distinct neighbor over active rows, ascending, until it returns false.
    @inline(__always)
    func forEachNeighbor(of node: NodeIndex, _ body: (NodeIndex) -> Bool) {
        var previous = node
        for row in list(node) {
            let ends = ends[Int(row)]
            let other = ends.other(than: node)
            // Adjacent rows share the neighbor; the node itself is none.
            guard ends.isActive, other != previous, other != node else { continue }
            previous = other
            if !body(other) { return }
        }
    }

    /// Calls `body` with each distinct node that active rows lead to, ascending.
    @inline(__always)
    func forEachSuccessor(of node: NodeIndex, _ body: (NodeIndex) -> Void) {
        var previous: NodeIndex = -1
        for row in list(node) {
            let ends = ends[Int(row)]
            guard ends.isActive, ends.source == node, ends.target != previous else { continue }
            previous = ends.target
            body(previous)
        }
    }

    /// Writes the distinct neighbors over active rows, ascending; there is room for all rows.
    @inline(__always)
    func gather(_ node: NodeIndex, into memory: UnsafeMutablePointer<NodeIndex>) -> Int {
        var count = 0
        var previous = node
        for row in list(node) {
            let ends = ends[Int(row)]
            let other = ends.other(than: node)
            memory[count] = other
            let isNew = ends.isActive && other != previous && other != node
            count += isNew ? 1 : 0
            previous = isNew ? other : previous
        }
        return count
    }

    /// Calls `body` with each node that is adjacent to both, ascending.
    ///
    /// The shorter list is read whole. The longer one is merged with it where it is not much longer;
    /// otherwise the shorter one's neighbors are searched in it all at once: each step of the search
    /// waits for memory, and the steps of different neighbors wait together.
    /// - Complexity: O(min(a + b, a · log b)) for a <= b rows.
    @inline(__always)
    func forEachCommonNeighbor(
        _ first: NodeIndex, _ second: NodeIndex, _ body: (NodeIndex) -> Void
    ) {
        let isFirstShorter = list(first).count <= list(second).count
        let near = isFirstShorter ? first : second
        let far = isFirstShorter ? second : first
        let nearCount = list(near).count
        let farCount = list(far).count
        guard nearCount > 0 else { return }
        let isRead = farCount <= max(Self.readCountMax, Self.readRatio * nearCount)
        withUnsafeTemporaryAllocation(
            of: Int32.self, capacity: nearCount + max(nearCount, isRead ? farCount : 0) + 2
        ) { memory in
            guard let wanted = memory.baseAddress else { return }
            let other = wanted + nearCount + 1
            let count = gather(near, into: wanted)
            if isRead {
                merge(wanted, count, other, gather(far, into: other), body)
            } else {
                search(wanted, count, in: far, places: other, body)
            }
        }
    }

    @inline(__always)
    private func merge(
        _ first: UnsafeMutablePointer<Int32>, _ firstCount: Int,
        _ second: UnsafeMutablePointer<Int32>, _ secondCount: Int, _ body: (NodeIndex) -> Void
    ) {
        var firstIndex = 0
        var secondIndex = 0
        while firstIndex < firstCount, secondIndex < secondCount {
            let left = first[firstIndex]
            let right = second[secondIndex]
            if left == right { body(left) }
            firstIndex += left <= right ? 1 : 0
            secondIndex += right <= left ? 1 : 0
        }
    }

    /// Searches all wanted neighbors in a node's rows at once, one halving of all after the other.
    @inline(__always)
    private func search(
        _ wanted: UnsafeMutablePointer<Int32>, _ wantedCount: Int, in node: NodeIndex,
        places: UnsafeMutablePointer<Int32>, _ body: (NodeIndex) -> Void
    ) {
        let list = list(node)
        places.update(repeating: 0, count: wantedCount)
        var length = list.count
        while length > 1 {
            let half = length >> 1
            for index in 0..<wantedCount {
                let middle = Int(places[index]) + half - 1
                let isBelow = ends[Int(list[middle])].other(than: node) < wanted[index]
                places[index] += isBelow ? Int32(half) : 0
            }
            length -= half
        }
        // A node that is wanted in its own rows would find its self-loops.
        for index in 0..<wantedCount where wanted[index] != node {
            var place = Int(places[index])
            if ends[Int(list[place])].other(than: node) < wanted[index] { place += 1 }
            while place < list.count {
                let ends = ends[Int(list[place])]
                guard ends.other(than: node) == wanted[index] else { break }
                if ends.isActive {
                    body(wanted[index])
                    break
                }
                place += 1
            }
        }
    }
}

extension AdjacencyGraph {
    /// Reads neighbors until the next change.
    @inline(__always)
    var reader: IncidenceReader {
        IncidenceReader(ends: rows.ends.reader, lists: incidence.reader)
    }
}
