// What Louvain and Leiden share: graphs of communities, each level's built from the one below.
//
// A level is an undirected graph in compressed sparse rows whose edges weigh the number of edges they
// stand for, so that every weight, degree and sum is an integer and adds up in any order. Edges inside
// a node are not kept: they do not change with where it moves, and its degree still counts them.

import GraphEngine
import ParallelLoops

/// A graph whose nodes are communities of the level below, or the graph itself.
///
/// Unchecked because of the pointers: nobody writes to a level once it is built.
struct CommunityLevel: @unchecked Sendable {
    let nodeCount: Int
    let offsets: UnsafePointer<UInt32>
    let targets: UnsafePointer<Int32>
    /// The weight of each entry; nil where each weighs 1.
    let weights: UnsafePointer<UInt32>?
    /// The sum of each node's weights, twice those inside it included.
    let degrees: UnsafePointer<UInt32>

    @inline(__always)
    func row(_ node: Int) -> Range<Int> {
        Range(uncheckedBounds: (Int(offsets[node]), Int(offsets[node + 1])))
    }
}

/// Memory for one level and for its making.
struct LevelMemory {
    let offsets: Shared<UInt32>
    let bounds: Shared<UInt32>
    let targets: Shared<Int32>
    let weights: Shared<UInt32>
    let degrees: Shared<UInt32>

    init(_ memory: WorkMemory, nodeCount: Int, entryCount: Int) {
        offsets = memory.room(nodeCount + 1, of: UInt32.self)
        bounds = memory.room(nodeCount + 1, of: UInt32.self)
        targets = memory.room(entryCount, of: Int32.self)
        weights = memory.room(entryCount, of: UInt32.self)
        degrees = memory.room(nodeCount, of: UInt32.self)
    }

    /// Makes one node of each community.
    ///
    /// - Parameters:
    ///   - below: The level whose nodes are joined; it lies in other memory.
    ///   - labels: The community of each of its nodes, in 0..<communityCount.
    ///   - members: The nodes of each community.
    ///   - communityCount: The number of communities; none is empty.
    ///   - sums: Memory for each thread, as many as there are to be threads.
    /// - Returns: The level above, in this memory.
    func join(
        _ below: CommunityLevel, labels: Shared<Int32>, members: CommunityMembers,
        communityCount: Int, sums: [WeightSums]
    ) -> CommunityLevel {
        // Each community's row has at most as many entries as its members have, which says where a
        // thread may write before anybody knows how many are left after joining.
        var entryCount = 0
        bounds[0] = 0
        for community in 0..<communityCount {
            for index in members.range(community) {
                entryCount += below.row(Int(members.nodes[index])).count
            }
            bounds[community + 1] = UInt32(entryCount)
        }
        let threads = sums.count
        let starts = (0...threads).map { thread in
            // Rows without entries at the end belong to the last thread.
            thread == threads
                ? communityCount
                : firstIndex(notBelow: entryCount * thread / threads, last: communityCount)
        }
        offsets[0] = 0
        _ = parallelFor(threadCount: threads) { [self] thread -> Int in
            joinPart(
                below, labels: labels, members: members,
                communities: starts[thread]..<starts[thread + 1], sums: sums[thread])
            return 0
        }
        // The threads' parts are moved together.
        var end = Int(offsets[starts[1]])
        for thread in 1..<max(1, threads) where starts[thread] < starts[thread + 1] {
            let start = Int(bounds[starts[thread]])
            let count = Int(offsets[starts[thread + 1]]) - start
            (targets.base + end).update(from: targets.base + start, count: count)
            (weights.base + end).update(from: weights.base + start, count: count)
            for community in starts[thread]..<starts[thread + 1] {
                offsets[community + 1] -= UInt32(start - end)
            }
            end += count
        }
        return CommunityLevel(
            nodeCount: communityCount, offsets: offsets.base, targets: targets.base,
            weights: weights.base, degrees: degrees.base)
    }

    private func joinPart(
        _ below: CommunityLevel, labels: Shared<Int32>, members: CommunityMembers,
        communities: Range<Int>, sums: WeightSums
    ) {
        var entry = Int(bounds[communities.lowerBound])
        for community in communities {
            var degree: UInt32 = 0
            var touchedCount = 0
            for index in members.range(community) {
                let node = Int(members.nodes[index])
                degree &+= below.degrees[node]
                touchedCount = sums.add(
                    below, node: node, labels: labels, touchedCount: touchedCount)
            }
            degrees[community] = degree
            for index in 0..<touchedCount {
                let neighbor = sums.touched[index]
                let weight = sums.take(neighbor)
                targets[entry] = neighbor
                weights[entry] = weight
                entry += Int(neighbor) == community ? 0 : 1
            }
            offsets[community + 1] = UInt32(entry)
        }
    }

    /// The first community in 0...last whose bound is not below a value.
    private func firstIndex(notBelow value: Int, last: Int) -> Int {
        var low = 0
        var high = last
        while low < high {
            let middle = (low + high) >> 1
            if Int(bounds[middle]) < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// The nodes of each community, ascending in each.
struct CommunityMembers {
    let nodes: Shared<Int32>
    private let starts: Shared<UInt32>

    init(_ memory: WorkMemory, nodeCount: Int) {
        nodes = memory.room(nodeCount, of: Int32.self)
        starts = memory.room(nodeCount + 2, of: UInt32.self)
    }

    /// Deals the nodes out by label.
    func gather(nodeCount: Int, labels: Shared<Int32>, communityCount: Int) {
        starts.base.update(repeating: 0, count: communityCount + 2)
        for node in 0..<nodeCount { starts[Int(labels[node]) + 2] &+= 1 }
        for community in 0..<communityCount { starts[community + 2] &+= starts[community + 1] }
        // Entry c + 1 walks from where community c begins to where it ends.
        for node in 0..<nodeCount {
            let community = Int(labels[node])
            nodes[Int(starts[community + 1])] = Int32(node)
            starts[community + 1] &+= 1
        }
    }

    @inline(__always)
    func range(_ community: Int) -> Range<Int> {
        Range(uncheckedBounds: (Int(starts[community]), Int(starts[community + 1])))
    }
}

/// Sums of weights by label, all zero between uses, and the list of the labels that are not.
struct WeightSums {
    let sums: Shared<UInt32>
    let touched: Shared<Int32>

    init(_ memory: WorkMemory, labelCount: Int) {
        sums = memory.room(labelCount, repeating: 0)
        // One place beyond the last label, for the entry that is written but not counted.
        touched = memory.room(labelCount + 1, of: Int32.self)
    }

    /// Adds a node's weights to the sums of its neighbors' labels; returns how many are touched now.
    @inline(__always)
    func add(
        _ level: CommunityLevel, node: Int, labels: Shared<Int32>, touchedCount: Int
    ) -> Int {
        var count = touchedCount
        if let weights = level.weights {
            for entry in level.row(node) {
                let label = labels[level.targets[entry]]
                let sum = sums[label]
                touched[count] = label
                count += sum == 0 ? 1 : 0
                sums[label] = sum &+ weights[entry]
            }
        } else {
            for entry in level.row(node) {
                let label = labels[level.targets[entry]]
                let sum = sums[label]
                touched[count] = label
                count += sum == 0 ? 1 : 0
                sums[label] = sum &+ 1
            }
        }
        return count
    }

    /// The sum of a label, which is zero afterwards.
    @inline(__always)
    func take(_ label: Int32) -> UInt32 {
        let sum = sums[label]
        sums[label] = 0
        return sum
    }
}
