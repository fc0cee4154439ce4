// A shortest path drawn evenly from all those between two nodes, by a balanced search from both ends:
// M. Borassi, E. Natale, "KADABRA is an ADaptive Algorithm for Betweenness via Random Approximation",
// ESA (2016), doi:10.4230/LIPIcs.ESA.2016.20.
//
// The side whose frontier has fewer edges goes one whole level, until a level touches the other side.
// Every shortest path has exactly one node on the touching level, so one is drawn there by the number
// of paths through it, and from it back to both ends by the numbers of paths to them.

import GraphEngine
import ParallelLoops

/// Draws shortest paths and counts how many pass through each node.
struct PathSearch: ~Copyable {
    private let graph: FoldedGraph
    private let near: PathSearchSide
    private let far: PathSearchSide
    /// How many of the paths have passed through each core node, ends not counted.
    private let passed: Scratch<UInt32>

    init(_ graph: FoldedGraph) {
        self.graph = graph
        near = PathSearchSide(nodeCount: graph.nodeCount)
        far = PathSearchSide(nodeCount: graph.nodeCount)
        passed = Scratch(repeating: 0, count: graph.nodeCount)
    }

    func counts() -> [UInt32] { passed.array() }

    /// Draws a pair of nodes of the whole graph and a shortest path between them.
    ///
    /// Only what a path does in the core is counted: nothing where the nodes are not connected or hang
    /// on the same core node.
    mutating func sample(_ random: inout SplitMix64) {
        let nodeCount = graph.places.count
        let first = random.below(nodeCount)
        var second = random.below(nodeCount - 1)
        if second >= first { second += 1 }
        let (start, end) = (graph.places[first], graph.places[second])
        guard start >= 0, end >= 0, start != end,
            graph.components[Int(start)] == graph.components[Int(end)]
        else { return }
        graph.offsets.withUnsafeBufferPointer { offsets in
            graph.targets.withUnsafeBufferPointer { targets in
                near.start(at: start, offsets)
                far.start(at: end, offsets)
                var isNear = true
                repeat {
                    isNear = near.frontierEdges <= far.frontierEdges
                    if isNear {
                        near.advance(offsets, targets)
                    } else {
                        far.advance(offsets, targets)
                    }
                } while !(isNear ? near.touches(far) : far.touches(near))
                let meeting =
                    isNear ? near.meeting(far, &random) : far.meeting(near, &random)
                if meeting != start, meeting != end { passed[Int(meeting)] += 1 }
                near.walkBack(from: meeting, offsets, targets, passed, &random)
                far.walkBack(from: meeting, offsets, targets, passed, &random)
                near.clear()
                far.clear()
            }
        }
    }
}

/// One of the two searches.
private final class PathSearchSide {
    private let levels: Scratch<Int32>
    private let paths: Scratch<Double>
    private let reached: Scratch<Int32>
    private var reachedCount = 0
    private var levelStart = 0
    private var depth: Int32 = 0
    private(set) var frontierEdges = 0

    init(nodeCount: Int) {
        levels = Scratch(repeating: -1, count: nodeCount)
        paths = Scratch(repeating: 0, count: nodeCount)
        reached = Scratch(repeating: 0, count: nodeCount)
    }

    func start(at node: Int32, _ offsets: UnsafeBufferPointer<UInt32>) {
        levels[Int(node)] = 0
        paths[Int(node)] = 1
        reached[0] = node
        reachedCount = 1
        levelStart = 0
        depth = 0
        frontierEdges = row(offsets, Int(node)).count
    }

    func advance(
        _ offsets: UnsafeBufferPointer<UInt32>, _ targets: UnsafeBufferPointer<Int32>
    ) {
        let (levels, paths, reached) = (levels.buffer, paths.buffer, reached.buffer)
        let next = depth + 1
        var count = reachedCount
        var edges = 0
        for index in levelStart..<reachedCount {
            let node = Int(reached[index])
            let nodePaths = paths[node]
            for entry in row(offsets, node) {
                let neighbor = Int(targets[entry])
                if levels[neighbor] < 0 {
                    levels[neighbor] = next
                    paths[neighbor] = nodePaths
                    reached[count] = Int32(neighbor)
                    count &+= 1
                    edges &+= row(offsets, neighbor).count
                } else if levels[neighbor] == next {
                    paths[neighbor] += nodePaths
                }
            }
        }
        levelStart = reachedCount
        reachedCount = count
        depth = next
        frontierEdges = edges
    }

    /// Whether the last level reached a node of the other side.
    func touches(_ other: borrowing PathSearchSide) -> Bool {
        for index in levelStart..<reachedCount where other.levels[Int(reached[index])] >= 0 {
            return true
        }
        return false
    }

    /// A node of the touching level, drawn by the number of paths through it.
    func meeting(_ other: borrowing PathSearchSide, _ random: inout SplitMix64) -> Int32 {
        var sum = 0.0
        for index in levelStart..<reachedCount {
            let node = Int(reached[index])
            if other.levels[node] >= 0 { sum += paths[node] * other.paths[node] }
        }
        var left = random.fraction() * sum
        var chosen = reached[levelStart]
        for index in levelStart..<reachedCount {
            let node = Int(reached[index])
            guard other.levels[node] >= 0 else { continue }
            chosen = Int32(node)
            left -= paths[node] * other.paths[node]
            if left < 0 { break }
        }
        return chosen
    }

    /// Counts the nodes on the way to the start of this side, both ends left out.
    func walkBack(
        from meeting: Int32, _ offsets: UnsafeBufferPointer<UInt32>,
        _ targets: UnsafeBufferPointer<Int32>, _ passed: borrowing Scratch<UInt32>,
        _ random: inout SplitMix64
    ) {
        var node = Int(meeting)
        while levels[node] > 1 {
            let previous = levels[node] - 1
            var left = random.fraction() * paths[node]
            var chosen = node
            for entry in row(offsets, node) where levels[Int(targets[entry])] == previous {
                chosen = Int(targets[entry])
                left -= paths[chosen]
                if left < 0 { break }
            }
            node = chosen
            passed[node] += 1
        }
    }

    func clear() {
        for index in 0..<reachedCount { levels[Int(reached[index])] = -1 }
    }
}
