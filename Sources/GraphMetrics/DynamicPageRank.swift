// PageRank kept under changes by pushing residuals: N. Ohsaka, T. Maehara, K. Kawarabayashi, "Efficient
// PageRank tracking in evolving networks", KDD (2015), doi:10.1145/2783258.2783297; the change of a
// node's own value that leaves its old targets alone: H. Zhang, P. Lofgren, A. Goel, "Approximate
// personalized PageRank on dynamic graphs", KDD (2016), doi:10.1145/2939672.2939804.
//
// PageRank with the mass of nodes without successors spread evenly is the normalised solution of
//
//     y = (1 - d) 1 + d P^T y,    P(u, v) = 1 / out(u) for each of the out(u) successors v of u,
//
// without any term for that mass: a solution of r = c 1 + d P^T r, whatever the number c, is a multiple
// of y. So a change is local. Kept are y and its residual
//
//     rho = (1 - d) 1 + d P^T y - y.
//
// A push at u moves rho(u) into y(u) and gives d rho(u) / out(u) to each successor; sum |rho| falls by at
// least (1 - d) |rho(u)|. A new successor v of u among k keeps the share y(u) / k that each successor
// gets, so that y(u) grows by the share, rho(u) falls by it and rho(v) grows by d times it; a removed one
// is the same backwards. Without other successors y(u) stays, and rho(v) changes by d y(u).
//
// The error. Let y* be the solution, M = (I - d P^T)^-1, e = y* - y = M rho, S = sum y, S* = sum y*.
// M is nonnegative and its columns sum to at most 1 / (1 - d). Let a and b be the sums of M rho+ and
// M rho-, for the positive and negative parts of rho with sums p and q. The values returned are y / S:
//
//     |y*/S* - y/S| = |e - (y/S) sum e| / S* <= (|e| + |sum e|) / S* <= (a + b + |a - b|) / S*
//                   = 2 max(a, b) / S* <= 2 max(p, q) / ((1 - d) S*),   S* >= S - q / (1 - d),
//
// in L1. `errorBound` is that, and `finishBatch` pushes until it is at most the argument. The nodes of the
// largest |rho(u)| / out(u) go first, by powers of two: not the largest |rho|, because a hub's push costs
// its many edges, while the residuals that come to it from all sides cancel as long as it waits. (That y is nowhere negative is used; where a residual beyond
// all bounds made it so, the error would be of second order.)
//
// Rounding: each push changes the invariant by about 1e-16 of what it moves, so that the budget of
// 0.075 for a million nodes and 1e-6 is not reached in 1e12 pushes; the sums are added up anew each time
// that as many residuals have changed as there are nodes.

package import GraphEngine

/// A change of the graph as `DynamicPageRank` sees it.
package enum PageRankChange: Sendable {
    /// A node came, without edges.
    case insertion(NodeIndex)
    /// A node went, after its edges.
    case removal(NodeIndex)
    /// A distinct directed pair appeared or vanished.
    case edge(DirectedEdgeChange)
}

/// The PageRank of every node of an `AdjacencyGraph`, within a stated L1 error after `finishBatch`.
package struct DynamicPageRank: Sendable {
    /// What is kept of a node.
    struct Node {
        /// The unnormalised value y.
        var value = 0.0
        var residual = 0.0
        /// The distinct nodes it points to.
        var successorCount: Int32 = 0
        /// The highest bucket that it waits in, 0 where it waits in none.
        var bucket: UInt8 = 0
        var isLive = false
    }

    var nodes: [Node] = []
    /// The nodes whose residual is at least a power of two, by its exponent; entries may be outdated.
    var buckets = [[NodeIndex]](repeating: [], count: Self.bucketCount)
    var topBucket = 0
    /// Entries of all buckets, the outdated ones included.
    var waitingCount = 0
    /// Residuals below this power of two do not wait in a bucket; all of them are a part of the budget.
    var floorExponent = 0
    /// The nodes and twice the pairs for which the floor was chosen.
    var floorSize = 0
    /// The distinct directed pairs.
    var pairCount = 0
    /// Sum of the values, of the residuals and of their sizes.
    var valueSum = 0.0
    var residualSum = 0.0
    var residualSizeSum = 0.0
    var changeCount = 0
    var successors: [NodeIndex] = []

    /// The damping factor d.
    package let damping: Double
    /// The L1 error that `finishBatch` leaves at most.
    package let errorMax: Double
    /// How many nodes there are.
    package private(set) var nodeCount = 0
    /// Residuals pushed and edges that they went along, since the start.
    package internal(set) var pushCount = 0
    package internal(set) var edgePushCount = 0

    static let bucketCount = 64
    /// An audited residual is off by rounding, for a value of 1 by at most this.
    static let roundingMax = 1e-9

    /// Starts from an empty graph.
    package init(damping: Double = 0.85, errorMax: Double = 1e-6) {
        self.damping = damping
        self.errorMax = errorMax
        chooseFloor()
    }

    /// Starts from the PageRank of a snapshot that was just taken of a graph.
    /// - Parameters:
    ///   - snapshot: The frozen graph.
    ///   - ranks: Its PageRank by position, more accurate than `errorMax` by some digits.
    ///   - indices: The `NodeIndex` at each position.
    ///   - nodeIndexBound: Every `NodeIndex` of the graph is below.
    ///   - damping: The damping factor that the ranks were computed for.
    ///   - errorMax: The L1 error that `finishBatch` leaves at most.
    /// - Complexity: O(nodes + edges).
    package init(
        snapshot: GraphSnapshot, ranks: [Double], nodes indices: [NodeIndex],
        nodeIndexBound: Int, damping: Double = 0.85, errorMax: Double = 1e-6
    ) {
        self.damping = damping
        self.errorMax = errorMax
        nodes = [Node](repeating: Node(), count: nodeIndexBound)
        nodeCount = snapshot.nodeCount
        var lost = 0.0
        for position in 0..<nodeCount where snapshot.outDegrees[position] == 0 {
            lost += ranks[position]
        }
        let scale = Double(nodeCount) * (1 - damping) / (1 - damping + damping * lost)
        for position in 0..<nodeCount {
            let index = Int(indices[position])
            nodes[index].value = ranks[position] * scale
            nodes[index].successorCount = Int32(snapshot.outDegrees[position])
            nodes[index].isLive = true
            pairCount += Int(snapshot.outDegrees[position])
        }
        for position in 0..<nodeCount {
            var sum = 0.0
            for entry in row(snapshot.inOffsets, position) {
                let source = nodes[Int(indices[Int(snapshot.inSources[entry])])]
                sum += source.value / Double(source.successorCount)
            }
            let index = Int(indices[position])
            nodes[index].residual = 1 - damping + damping * sum - nodes[index].value
        }
        chooseFloor()
    }

    /// The PageRank of a node now.
    package func rank(of node: NodeIndex) -> Double { nodes[Int(node)].value / valueSum }

    /// The L1 error of all values is at most this now.
    package var errorBound: Double {
        guard nodeCount > 0 else { return 0 }
        // Kept by differences: where next to nothing is left, rounding leaves it below 0.
        let sizeSum = max(residualSizeSum, abs(residualSum))
        let excess = (sizeSum - residualSum) / 2 / (1 - damping)
        let solutionSum = max(valueSum - excess, (1 - damping) * Double(nodeCount))
        return (sizeSum + abs(residualSum)) / ((1 - damping) * solutionSum)
    }

    /// The bytes held.
    package var byteCount: Int {
        nodes.capacity * MemoryLayout<Node>.stride + successors.capacity * 4
            + buckets.reduce(0) { $0 + $1.capacity * 4 }
    }

    /// Takes in a node that was inserted, without edges.
    package mutating func insertNode(_ node: NodeIndex) {
        while nodes.count <= Int(node) { nodes.append(Node()) }
        guard !nodes[Int(node)].isLive else { return }
        // Without predecessors its value is known.
        nodes[Int(node)].isLive = true
        nodes[Int(node)].value = 1 - damping
        valueSum += 1 - damping
        nodeCount += 1
        chooseFloorIfGrown()
    }

    /// Takes in that a node was removed with all its edges.
    package mutating func removeNode(_ node: NodeIndex, _ changes: [DirectedEdgeChange]) {
        apply(changes)
        change(node, by: -nodes[Int(node)].residual)
        valueSum -= nodes[Int(node)].value
        let bucket = nodes[Int(node)].bucket
        nodes[Int(node)] = Node()
        nodes[Int(node)].bucket = bucket
        nodeCount -= 1
    }

    /// Takes in the distinct directed pairs that appeared or vanished.
    package mutating func apply(_ changes: [DirectedEdgeChange]) {
        for change in changes {
            if change.appeared {
                insert(change.source, change.target)
            } else {
                remove(change.source, change.target)
            }
        }
        chooseFloorIfGrown()
    }

    /// Takes in changes that came while these values were computed from a snapshot.
    package mutating func replay(_ changes: [PageRankChange]) {
        for change in changes {
            switch change {
            case .insertion(let node): insertNode(node)
            case .removal(let node): removeNode(node, [])
            case .edge(let edge) where edge.appeared: insert(edge.source, edge.target)
            case .edge(let edge): remove(edge.source, edge.target)
            }
        }
        chooseFloorIfGrown()
    }

    private mutating func chooseFloorIfGrown() {
        if nodeCount + 2 * pairCount > floorSize { chooseFloor() }
    }

    private mutating func insert(_ source: NodeIndex, _ target: NodeIndex) {
        let count = nodes[Int(source)].successorCount
        let value = nodes[Int(source)].value
        nodes[Int(source)].successorCount = count + 1
        pairCount += 1
        guard count > 0 else { return change(target, by: damping * value) }
        let share = value / Double(count)
        nodes[Int(source)].value = value + share
        valueSum += share
        change(source, by: -share)
        change(target, by: damping * share)
    }

    private mutating func remove(_ source: NodeIndex, _ target: NodeIndex) {
        let count = nodes[Int(source)].successorCount
        let value = nodes[Int(source)].value
        nodes[Int(source)].successorCount = count - 1
        pairCount -= 1
        guard count > 1 else { return change(target, by: -damping * value) }
        let share = value / Double(count)
        nodes[Int(source)].value = value - share
        valueSum -= share
        change(source, by: share)
        change(target, by: -damping * share)
    }

    private mutating func change(_ node: NodeIndex, by difference: Double) {
        let old = nodes[Int(node)].residual
        let new = old + difference
        nodes[Int(node)].residual = new
        residualSum += new - old
        residualSizeSum += abs(new) - abs(old)
        changeCount += 1
        let bucket = self.bucket(for: new, nodes[Int(node)].successorCount)
        if bucket > nodes[Int(node)].bucket { wait(node, in: bucket) }
    }
}
