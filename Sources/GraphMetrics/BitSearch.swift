// Up to 256 breadth-first searches at once, one a bit: M. Then et al., "The more the merrier: efficient
// multi-source graph traversal", PVLDB 8 (2014), doi:10.14778/2735496.2735507; a level with a wide
// frontier is searched bottom-up: S. Beamer, K. Asanović, D. Patterson, "Direction-optimizing
// breadth-first search", SC (2012), doi:10.1109/SC.2012.50.
//
// Different from the papers: the graph is undirected, so d(s, v) = d(v, s), and a node adds up the
// distances of the searches that arrive at it, by a popcount instead of a walk over the bits. Bottom-up
// a node takes what its neighbors have seen altogether, not their last arrivals: that is the same,
// needs no frontier to be kept, and ends early, as neighbors come in descending order of degree.

import GraphEngine
import ParallelLoops

/// The sums of the distances at each node, with memory reused from batch to batch.
struct BitSearch: ~Copyable {
    typealias Bits = SIMD4<UInt64>

    static var laneCount: Int { 256 }

    private let nodeCount: Int
    private let seen: Scratch<Bits>
    private let arriving: Scratch<Bits>
    /// The nodes of the frontier, and the bits that arrived at each.
    private let frontier: Scratch<Int32>
    private let spreading: Scratch<Bits>
    private let distances: Scratch<Int>
    private let reciprocals: Scratch<Double>

    init(nodeCount: Int) {
        self.nodeCount = nodeCount
        seen = Scratch(repeating: .zero, count: nodeCount)
        arriving = Scratch(repeating: .zero, count: nodeCount)
        frontier = Scratch(repeating: 0, count: nodeCount)
        spreading = Scratch(repeating: .zero, count: nodeCount)
        distances = Scratch(repeating: 0, count: nodeCount)
        reciprocals = Scratch(repeating: 0, count: nodeCount)
    }

    /// What arrived at each node: the sum of the distances and that of their reciprocals.
    func sums() -> (distances: [Int], reciprocals: [Double]) {
        (distances.array(), reciprocals.array())
    }

    /// Searches from the sources of some ranks; false where it was cancelled.
    func run(
        _ graph: GraphSnapshot, _ sources: SearchSources, ranks: Range<Int>,
        isCancelled: () -> Bool
    ) -> Bool {
        for node in 0..<nodeCount { seen[node] = .zero }
        var full = Bits.zero
        var frontierCount = 0
        for rank in ranks {
            let lane = rank - ranks.lowerBound
            full[lane / 64] |= 1 << UInt64(lane % 64)
            for index in sources.rankStarts[rank]..<sources.rankStarts[rank + 1] {
                let node = Int(sources.nodes[index])
                var bit = Bits.zero
                bit[lane / 64] = 1 << UInt64(lane % 64)
                seen[node] = bit
                spreading[frontierCount] = bit
                frontier[frontierCount] = Int32(node)
                frontierCount += 1
            }
        }
        return graph.offsets.withUnsafeBufferPointer { offsets in
            graph.targets.withUnsafeBufferPointer { targets in
                var level = 1
                while frontierCount > 0 {
                    if isCancelled() { return false }
                    var edgeCount = 0
                    for index in 0..<frontierCount {
                        edgeCount += row(offsets, Int(frontier[index])).count
                    }
                    let arrivedCount =
                        edgeCount > targets.count / 8
                        ? arriveBottomUp(full, offsets, targets)
                        : arriveTopDown(frontierCount, offsets, targets)
                    book(arrivedCount, level: level)
                    frontierCount = arrivedCount
                    level += 1
                }
                return true
            }
        }
    }

    /// Sends the bits of the frontier to its neighbors; returns how many nodes they are new to.
    private func arriveTopDown(
        _ frontierCount: Int, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>
    ) -> Int {
        let (seen, arriving, spreading) = (seen.buffer, arriving.buffer, spreading.buffer)
        // The frontier is read while the next one is written: that one is gathered apart.
        var arrived: [Int32] = []
        for index in 0..<frontierCount {
            let bits = spreading[index]
            for entry in row(offsets, Int(frontier[index])) {
                let neighbor = Int(targets[entry])
                let new = bits & ~seen[neighbor]
                guard Self.hasAny(new) else { continue }
                let before = arriving[neighbor]
                if !Self.hasAny(before) { arrived.append(Int32(neighbor)) }
                arriving[neighbor] = before | new
            }
        }
        for (index, node) in arrived.enumerated() { frontier[index] = node }
        return arrived.count
    }

    /// Each node that lacks bits takes those its neighbors have seen.
    private func arriveBottomUp(
        _ full: Bits, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>
    ) -> Int {
        let (seen, arriving, frontier) = (seen.buffer, arriving.buffer, frontier.buffer)
        var count = 0
        for node in 0..<nodeCount {
            let before = seen[node]
            guard Self.hasAny(before ^ full) else { continue }
            var after = before
            for entry in row(offsets, node) {
                after |= seen[Int(targets[entry])]
                if !Self.hasAny(after ^ full) { break }
            }
            let new = after ^ before
            guard Self.hasAny(new) else { continue }
            arriving[node] = new
            frontier[count] = Int32(node)
            count &+= 1
        }
        return count
    }

    /// Books the arrivals of one level and makes them the next frontier.
    private func book(_ arrivedCount: Int, level: Int) {
        let reciprocal = 1 / Double(level)
        for index in 0..<arrivedCount {
            let node = Int(frontier[index])
            let new = arriving[node]
            arriving[node] = .zero
            seen[node] |= new
            spreading[index] = new
            let count =
                new[0].nonzeroBitCount + new[1].nonzeroBitCount + new[2].nonzeroBitCount
                + new[3].nonzeroBitCount
            distances[node] += count * level
            reciprocals[node] += Double(count) * reciprocal
        }
    }

    @inline(__always) private static func hasAny(_ bits: Bits) -> Bool {
        (bits[0] | bits[1]) | (bits[2] | bits[3]) != 0
    }
}
