// Several searches of Brandes's algorithm at once. The breadth-first searches run in the bits of a
// word (M. Then et al., "The more the merrier: efficient multi-source graph traversal", PVLDB 8
// (2014), doi:10.14778/2735496.2735507), top-down or bottom-up (S. Beamer, K. Asanović, D. Patterson,
// "Direction-optimizing breadth-first search", SC (2012), doi:10.1109/SC.2012.50). What arrives where
// and when is written down; path counts and dependencies are then sums over rows of the adjacency,
// one vector of lanes per neighbor, with no test in the inner loop: `current` holds the numbers of the
// lanes that are at the level in question and 0 in all others.

import GraphEngine
import ParallelLoops

/// Searches from as many sources as there are lanes, with memory reused from batch to batch.
struct LaneSearch<Lanes: PathLanes>: ~Copyable {
    typealias Bits = Lanes.Bits

    static var laneCount: Int { Bits.bitWidth }

    private let graph: FoldedGraph
    /// The lanes that have reached a node, and those that reach it now.
    private let seen: Scratch<Bits>
    private let arriving: Scratch<Bits>
    /// The numbers of shortest paths; on the way back (weight + dependency) / number of paths.
    private let counts: Scratch<Lanes>
    private let current: Scratch<Lanes>
    private let totals: Scratch<Double>
    private var arrivals: ArrivalList<Bits>
    private var levelStarts: [Int] = []
    /// What the path counts of a level were multiplied by, where any was too large.
    private var rescaled: [Int: Lanes] = [:]

    init(_ graph: FoldedGraph) {
        self.graph = graph
        let nodeCount = graph.nodeCount
        seen = Scratch(repeating: 0, count: nodeCount)
        arriving = Scratch(repeating: 0, count: nodeCount)
        counts = Scratch(repeating: .zero, count: nodeCount)
        current = Scratch(repeating: .zero, count: nodeCount)
        totals = Scratch(repeating: 0, count: nodeCount)
        arrivals = ArrivalList(capacity: 2 * nodeCount + 64)
    }

    /// The weighted dependencies of all batches so far, by core node.
    func sums() -> [Double] { totals.array() }

    enum Outcome { case done, outOfRange, cancelled }

    /// Adds the dependencies of distinct sources of one component, at most one for each lane.
    ///
    /// Nothing is added where path counts leave the range of the numbers, or where it was cancelled.
    mutating func run(
        sources: ArraySlice<Int32>, weights: ArraySlice<Double>, isCancelled: () -> Bool
    ) -> Outcome {
        guard let first = sources.first else { return .done }
        let component = Int(graph.components[Int(first)])
        let nodes = graph.componentStarts[component]..<graph.componentStarts[component + 1]
        var laneWeights = Lanes.zero
        for (lane, weight) in weights.enumerated() { laneWeights[lane] = weight }
        let outcome = graph.offsets.withUnsafeBufferPointer { offsets in
            graph.targets.withUnsafeBufferPointer { targets in
                search(from: sources, nodes, offsets, targets, isCancelled)
            }
        }
        guard outcome == .done else { return outcome }
        return graph.offsets.withUnsafeBufferPointer { offsets in
            graph.targets.withUnsafeBufferPointer { targets in
                graph.weights.withUnsafeBufferPointer { weights in
                    collect(laneWeights, offsets, targets, weights, isCancelled)
                }
            }
        }
    }

    private var levelCount: Int { levelStarts.count - 1 }

    private func level(_ level: Int) -> Range<Int> { levelStarts[level]..<levelStarts[level + 1] }

    /// Levels and path counts.
    private mutating func search(
        from sources: ArraySlice<Int32>, _ nodes: Range<Int>,
        _ offsets: UnsafeBufferPointer<UInt32>, _ targets: UnsafeBufferPointer<Int32>,
        _ isCancelled: () -> Bool
    ) -> Outcome {
        for node in nodes { seen[node] = 0 }
        arrivals.count = 0
        rescaled.removeAll()
        var full: Bits = 0
        for (lane, source) in sources.enumerated() {
            let bit: Bits = 1 << Bits(lane)
            full |= bit
            arrivals.append(source, bit)
            counts[Int(source)][lane] = 1
            seen[Int(source)] = bit
            current[Int(source)] = counts[Int(source)].masked(bit)
        }
        levelStarts = [0, arrivals.count]
        let edgeCount = Int(offsets[nodes.upperBound] - offsets[nodes.lowerBound])
        while true {
            let last = level(levelCount - 1)
            if isCancelled() {
                clear(last)
                return .cancelled
            }
            arrivals.reserve(nodes.count)
            var spreading = 0
            for index in last { spreading += row(offsets, Int(arrivals.nodes[index])).count }
            if spreading > edgeCount / 8 {
                arriveBottomUp(nodes, full, offsets, targets)
            } else {
                arriveTopDown(last, offsets, targets)
            }
            let new = last.upperBound..<arrivals.count
            guard !new.isEmpty else { return .done }
            levelStarts.append(arrivals.count)
            let pathSums = count(new, offsets, targets)
            var isInRange = true
            for lane in 0..<Self.laneCount where pathSums[lane] > Lanes.countMax {
                isInRange = false
            }
            if !isInRange, !rescale(new, pathSums) {
                clear(last)
                return .outOfRange
            }
            clear(last)
            show(new)
        }
    }

    /// Each node of the frontier sends its bits to its neighbors.
    private mutating func arriveTopDown(
        _ frontier: Range<Int>, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>
    ) {
        let (seen, arriving) = (seen.buffer, arriving.buffer)
        let (nodes, bits) = (arrivals.nodes, arrivals.bits)
        let start = frontier.upperBound
        var count = start
        for index in frontier {
            let spread = bits[index]
            for entry in row(offsets, Int(nodes[index])) {
                let neighbor = Int(targets[entry])
                let new = spread & ~seen[neighbor]
                guard new != 0 else { continue }
                let before = arriving[neighbor]
                if before == 0 {
                    nodes[count] = Int32(neighbor)
                    count &+= 1
                }
                arriving[neighbor] = before | new
            }
        }
        for index in start..<count {
            let node = Int(nodes[index])
            bits[index] = arriving[node]
            seen[node] |= arriving[node]
            arriving[node] = 0
        }
        arrivals.count = count
    }

    /// Each node that lacks bits asks its neighbors, those of large degree first, until it has all.
    private mutating func arriveBottomUp(
        _ range: Range<Int>, _ full: Bits, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>
    ) {
        let seen = seen.buffer
        let (nodes, bits) = (arrivals.nodes, arrivals.bits)
        let start = arrivals.count
        var count = start
        for node in range {
            let before = seen[node]
            guard before != full else { continue }
            var after = before
            for entry in row(offsets, node) {
                // What a neighbor has seen by the last level arrives here by this one.
                after |= seen[Int(targets[entry])]
                if after == full { break }
            }
            if after != before {
                nodes[count] = Int32(node)
                bits[count] = after & ~before
                count &+= 1
            }
        }
        for index in start..<count { seen[Int(nodes[index])] |= bits[index] }
        arrivals.count = count
    }

    /// A node has as many paths as its neighbors one level nearer have together.
    ///
    /// Returns a bound on the largest in each lane, the sum over the level.
    private func count(
        _ arrived: Range<Int>, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>
    ) -> Lanes {
        let (counts, current) = (counts.buffer, current.buffer)
        let (nodes, bits) = (arrivals.nodes, arrivals.bits)
        var total = Lanes.zero
        for index in arrived {
            let node = Int(nodes[index])
            var sum = Lanes.zero
            for entry in row(offsets, node) { sum += current[Int(targets[entry])] }
            total += sum
            counts[node] = counts[node].replacing(bits[index], with: sum)
        }
        return total
    }

    /// Scales a level's path counts in the lanes where one is too large.
    ///
    /// Only ratios between neighboring levels matter. Counts 2^1850 times smaller than the largest of
    /// their level come out too large.
    private mutating func rescale(_ arrived: Range<Int>, _ pathSums: Lanes) -> Bool {
        guard let scale = Lanes.rescaling else { return false }
        var factors = Lanes(repeating: 1)
        for lane in 0..<Self.laneCount where pathSums[lane] > Lanes.countMax {
            factors[lane] = scale
        }
        rescaled[levelCount - 1] = factors
        let least = Lanes(repeating: scale * 0x1p-50)
        for index in arrived {
            let node = Int(arrivals.nodes[index])
            let scaled = counts[node] * factors + least
            counts[node] = counts[node].replacing(arrivals.bits[index], with: scaled)
        }
        return true
    }

    /// delta(v) = sum over the successors w of v of paths(v) / paths(w) · (weight(w) + delta(w)),
    /// the farthest level first.
    private mutating func collect(
        _ laneWeights: Lanes, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>, _ weights: UnsafeBufferPointer<Int32>,
        _ isCancelled: () -> Bool
    ) -> Outcome {
        let (counts, current, totals) = (counts.buffer, current.buffer, totals.buffer)
        let (nodes, bits) = (arrivals.nodes, arrivals.bits)
        clear(level(levelCount - 1))
        for step in stride(from: levelCount - 1, to: 0, by: -1) {
            let arrived = level(step)
            let factors = rescaled[step + 1] ?? Lanes(repeating: 1)
            for index in arrived {
                let node = Int(nodes[index])
                var sum = Lanes.zero
                for entry in row(offsets, node) { sum += current[Int(targets[entry])] }
                let paths = counts[node]
                let dependency = (paths * sum * factors).masked(bits[index])
                totals[node] += dependency.sumOfProducts(laneWeights)
                let coefficient = (Lanes(repeating: Double(weights[node])) + dependency) / paths
                counts[node] = paths.replacing(bits[index], with: coefficient)
            }
            if step + 1 < levelCount { clear(level(step + 1)) }
            show(arrived)
        }
        if levelCount > 1 { clear(level(1)) }
        return .done
    }

    /// Makes a level's numbers those that the sums see.
    private func show(_ arrived: Range<Int>) {
        let (counts, current) = (counts.buffer, current.buffer)
        let (nodes, bits) = (arrivals.nodes, arrivals.bits)
        for index in arrived {
            let node = Int(nodes[index])
            current[node] = counts[node].masked(bits[index])
        }
    }

    private func clear(_ arrived: Range<Int>) {
        let (current, nodes) = (current.buffer, arrivals.nodes)
        for index in arrived { current[Int(nodes[index])] = .zero }
    }
}

/// Which lanes arrive at which nodes, level after level, in memory that grows.
private struct ArrivalList<Bits: BitwiseCopyable>: ~Copyable {
    private(set) var nodes: UnsafeMutableBufferPointer<Int32>
    private(set) var bits: UnsafeMutableBufferPointer<Bits>
    var count = 0

    init(capacity: Int) {
        nodes = .allocate(capacity: capacity)
        bits = .allocate(capacity: capacity)
    }

    deinit {
        nodes.deallocate()
        bits.deallocate()
    }

    mutating func append(_ node: Int32, _ lanes: Bits) {
        reserve(1)
        nodes.initializeElement(at: count, to: node)
        bits.initializeElement(at: count, to: lanes)
        count += 1
    }

    /// Makes room for `more` further entries.
    mutating func reserve(_ more: Int) {
        guard count + more > nodes.count else { return }
        let capacity = max(2 * nodes.count, count + more)
        let (oldNodes, oldBits) = (nodes, bits)
        nodes = .allocate(capacity: capacity)
        bits = .allocate(capacity: capacity)
        for index in 0..<count {
            nodes[index] = oldNodes[index]
            bits[index] = oldBits[index]
        }
        oldNodes.deallocate()
        oldBits.deallocate()
    }
}
