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
                near.start(at: start)
                far.start(at: end)
                var nearEdges = near.frontierEdges(offsets)
                var farEdges = far.frontierEdges(offsets)
                var isNear = true
                while true {
                    isNear = nearEdges <= farEdges
                    if isNear {
                        near.advance(offsets, targets)
                    } else {
                        far.advance(offsets, targets)
                    }
                    if isNear ? near.touches(far) : far.touches(near) { break }
                    // Counted only now: the level that touches is the largest and not gone on from.
                    if isNear {
                        nearEdges = near.frontierEdges(offsets)
                    } else {
                        farEdges = far.frontierEdges(offsets)
                    }
                }
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
    /// A node's level and paths lie side by side, as they are read together; -1: not reached.
    private struct Mark: BitwiseCopyable {
        var paths: Double
        var level: Int32
    }

    private let marks: Scratch<Mark>
    private let reached: Scratch<Int32>
    private var reachedCount = 0
    private var levelStart = 0
    private var depth: Int32 = 0

    init(nodeCount: Int) {
        marks = Scratch(repeating: Mark(paths: 0, level: -1), count: nodeCount)
        reached = Scratch(repeating: 0, count: nodeCount)
    }

    func start(at node: Int32) {
        marks[Int(node)] = Mark(paths: 1, level: 0)
        reached[0] = node
        reachedCount = 1
        levelStart = 0
        depth = 0
    }

    func advance(
        _ offsets: UnsafeBufferPointer<UInt32>, _ targets: UnsafeBufferPointer<Int32>
    ) {
        let (marks, reached) = (marks.buffer, reached.buffer)
        let next = depth + 1
        var count = reachedCount
        for index in levelStart..<reachedCount {
            let node = Int(reached[index])
            let paths = marks[node].paths
            for entry in row(offsets, node) {
                let neighbor = Int(targets[entry])
                let level = marks[neighbor].level
                if level < 0 {
                    marks[neighbor] = Mark(paths: paths, level: next)
                    reached[count] = Int32(neighbor)
                    count &+= 1
                } else if level == next {
                    marks[neighbor].paths += paths
                }
            }
        }
        levelStart = reachedCount
        reachedCount = count
        depth = next
    }

    /// The number of edges that the next level looks at.
    func frontierEdges(_ offsets: UnsafeBufferPointer<UInt32>) -> Int {
        var sum = 0
        for index in levelStart..<reachedCount { sum += row(offsets, Int(reached[index])).count }
        return sum
    }

    /// Whether the last level reached a node of the other side.
    func touches(_ other: borrowing PathSearchSide) -> Bool {
        for index in levelStart..<reachedCount where other.marks[Int(reached[index])].level >= 0 {
            return true
        }
        return false
    }

    /// A node of the touching level, drawn by the number of paths through it.
    func meeting(_ other: borrowing PathSearchSide, _ random: inout SplitMix64) -> Int32 {
        var sum = 0.0
        for index in levelStart..<reachedCount {
            let node = Int(reached[index])
            if other.marks[node].level >= 0 { sum += marks[node].paths * other.marks[node].paths }
        }
        var left = random.fraction() * sum
        var chosen = reached[levelStart]
        for index in levelStart..<reachedCount {
            let node = Int(reached[index])
            guard other.marks[node].level >= 0 else { continue }
            chosen = Int32(node)
            left -= marks[node].paths * other.marks[node].paths
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
        while marks[node].level > 1 {
            let previous = marks[node].level - 1
            var left = random.fraction() * marks[node].paths
            var chosen = node
            for entry in row(offsets, node) where marks[Int(targets[entry])].level == previous {
                chosen = Int(targets[entry])
                left -= marks[chosen].paths
                if left < 0 { break }
            }
            node = chosen
            passed[node] += 1
        }
    }

    func clear() {
        for index in 0..<reachedCount { marks[Int(reached[index])].level = -1 }
    }
}
