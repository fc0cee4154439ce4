// Local moving, shared by Louvain and Leiden: nodes move to the neighboring community where modularity
// gains most. As in the fast local move of Leiden (V. A. Traag, L. Waltman, N. J. van Eck, "From
// Louvain to Leiden: guaranteeing well-connected communities", Scientific Reports 9 (2019),
// doi:10.1038/s41598-019-41695-z), a queue holds the nodes whose neighborhood has changed.
//
// Moving v, alone, into C gains, times the number of edges m,
//     w(v, C) - gamma k(v) K(C) / 2m.
//
// What is different here: at the lowest level the nodes begin in ascending classes of degree (1, 2,
// 3-4, 5-8, ...), so that leaves gather around their neighbors before hubs choose: fewer, better moves
// than hubs first. Inside a class the order is that of the rows, for locality, but in blocks of 64 that
// are shuffled: else communities grow along the order of the rows in a regular graph. And moving ends
// with a round that gains less than 1e-6 in modularity.

import GraphEngine

/// A partition of a level's nodes that is being improved, with memory for any level.
struct LocalMoving {
    private static let roundGainMin = 1e-6
    private static let blockSize = 64
    /// Differences below are rounding, not gain.
    private static let gainMin = 1e-9

    /// Gamma / 2m.
    let scale: Double
    /// 2m.
    let entryCount: Double
    let labels: Shared<Int32>
    let sums: WeightSums
    private let totals: Shared<UInt32>
    private let isQueued: Shared<Bool>
    private let queue: Shared<Int32>
    /// Labels that lost their last member; used again where a node is better off alone.
    private let emptied: Shared<Int32>

    init(
        _ memory: WorkMemory, nodeCount: Int, entryCount: Int, resolution: Double,
        labels: Shared<Int32>, sums: WeightSums
    ) {
        self.entryCount = Double(entryCount)
        scale = resolution / Double(max(1, entryCount))
        self.labels = labels
        self.sums = sums
        totals = memory.room(nodeCount, of: UInt32.self)
        isQueued = memory.room(nodeCount, of: Bool.self)
        queue = memory.room(max(1, nodeCount), of: Int32.self)
        emptied = memory.room(nodeCount, of: Int32.self)
    }

    /// Moves nodes, all of them to begin with, until no move gains.
    ///
    /// - Parameters:
    ///   - level: The graph.
    ///   - communityCount: Labels are below; the others are free.
    ///   - random: Shuffles the lowest level.
    func run(_ level: CommunityLevel, communityCount: Int, random: inout SplitMix64) {
        isQueued.base.update(repeating: true, count: level.nodeCount)
        if level.weights == nil {
            fillByDegree(level, random: &random)
        } else {
            for node in 0..<level.nodeCount { queue[node] = Int32(level.nodeCount - 1 - node) }
        }
        run(level, communityCount: communityCount, queuedCount: level.nodeCount)
    }

    /// Moves nodes of the lowest level, beginning with some.
    func run(_ level: CommunityLevel, communityCount: Int, from nodes: [Int32]) {
        isQueued.base.update(repeating: false, count: level.nodeCount)
        var count = 0
        for node in nodes where !isQueued[node] {
            isQueued[node] = true
            queue[count] = node
            count += 1
        }
        run(level, communityCount: communityCount, queuedCount: count)
    }

    /// Degrees descend along the positions, so classes are runs, taken from the end.
    private func fillByDegree(_ level: CommunityLevel, random: inout SplitMix64) {
        var filled = 0
        var end = level.nodeCount
        while end > 0 {
            let bound = classBound(level.degrees[end - 1])
            var start = end - 1
            while start > 0, level.degrees[start - 1] <= bound { start -= 1 }
            var blocks = Array(0..<(end - start + Self.blockSize - 1) / Self.blockSize)
            for index in stride(from: blocks.count - 1, to: 0, by: -1) {
                blocks.swapAt(index, random.below(index + 1))
            }
            for block in blocks {
                let top = end - block * Self.blockSize
                for node in stride(from: top - 1, through: max(start, top - Self.blockSize), by: -1)
                {
                    queue[filled] = Int32(node)
                    filled += 1
                }
            }
            end = start
        }
    }

    /// The largest degree of the class that a degree belongs to: a power of two.
    private func classBound(_ degree: UInt32) -> UInt32 {
        degree <= 1 ? 1 : UInt32.max >> UInt32((degree - 1).leadingZeroBitCount) &+ 1
    }

    private func run(_ level: CommunityLevel, communityCount: Int, queuedCount: Int) {
        let nodeCount = level.nodeCount
        totals.base.update(repeating: 0, count: nodeCount)
        for node in 0..<nodeCount { totals[labels[node]] &+= level.degrees[node] }
        var free = FreeLabels(emptied: emptied, next: Int32(communityCount))
        var count = queuedCount
        var head = 0
        var tail = count == nodeCount ? 0 : count
        var roundCount = count
        var roundGain = 0.0
        while count > 0 {
            let node = Int(queue[head])
            head += 1
            if head == nodeCount { head = 0 }
            count -= 1
            isQueued[node] = false
            let gain = move(node, level, &free)
            if gain > 0 {
                roundGain += gain
                let own = labels[node]
                for entry in level.row(node) {
                    let neighbor = level.targets[entry]
                    guard !isQueued[neighbor], labels[neighbor] != own else { continue }
                    isQueued[neighbor] = true
                    queue[tail] = neighbor
                    tail += 1
                    if tail == nodeCount { tail = 0 }
                    count += 1
                }
            }
            roundCount -= 1
            if roundCount == 0 {
                if 2 * roundGain <= Self.roundGainMin * entryCount { break }
                roundGain = 0
                roundCount = count
            }
        }
    }

    /// Moves a node where it gains most; returns the gain times m, 0 where it stays.
    @inline(__always)
    private func move(
        _ node: Int, _ level: CommunityLevel, _ free: inout FreeLabels
    ) -> Double {
        let touchedCount = sums.add(level, node: node, labels: labels, touchedCount: 0)
        let own = labels[node]
        let degree = level.degrees[node]
        let cost = scale * Double(degree)
        let ownWeight = sums.take(own)
        let stay = Double(ownWeight) - cost * Double(totals[own] &- degree)
        var best = stay + Self.gainMin
        var bestLabel = own
        for index in 0..<touchedCount {
            let label = sums.touched[index]
            let weight = sums.take(label)
            let gain = Double(weight) - cost * Double(totals[label])
            if gain > best, weight > 0 {
                best = gain
                bestLabel = label
            }
        }
        if best < 0, totals[own] != degree {
            // Happens only above a resolution of 1: some neighbor's community gains else.
            best = 0
            bestLabel = free.take()
        }
        guard bestLabel != own else { return 0 }
        totals[own] &-= degree
        totals[bestLabel] &+= degree
        if totals[own] == 0 { free.put(own) }
        labels[node] = bestLabel
        return best - stay
    }
}

/// The labels without members: those emptied by moves, then those never used.
private struct FreeLabels {
    let emptied: Shared<Int32>
    var next: Int32
    private var emptiedCount = 0

    init(emptied: Shared<Int32>, next: Int32) {
        self.emptied = emptied
        self.next = next
    }

    mutating func take() -> Int32 {
        if emptiedCount > 0 {
            emptiedCount -= 1
            return emptied[emptiedCount]
        }
        next += 1
        return next - 1
    }

    @inline(__always)
    mutating func put(_ label: Int32) {
        emptied[emptiedCount] = label
        emptiedCount += 1
    }
}
