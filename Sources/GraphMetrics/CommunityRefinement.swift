// The refinement of Leiden (V. A. Traag, L. Waltman, N. J. van Eck, "From Louvain to Leiden: guaranteeing
// well-connected communities", Scientific Reports 9 (2019), doi:10.1038/s41598-019-41695-z).
//
// Inside each community every node begins alone. A node v that is still alone and well connected to its
// community S,
//     w(v, S - v) >= gamma k(v) (K(S) - k(v)) / 2m,
// joins the well-connected part of S where modularity gains most, if it gains. A part grows only by
// nodes that have an edge to it, and loses none: it is connected.
//
// Different from the paper: the part is the best one instead of a random one with weight exp(gain /
// theta), the limit of small theta; that needs no random numbers, and communities are independent of
// each other, so threads take them in any order and the result is the same.

import GraphEngine
import ParallelLoops

/// Divides communities into connected parts, with memory for any level.
struct CommunityRefinement {
    let scale: Double
    private let sums: [WeightSums]
    /// The weight between a part and the rest of its community, at the part's first node.
    private let outward: Shared<UInt32>
    /// The sum of the degrees of a part.
    private let totals: Shared<UInt32>
    private let isJoined: Shared<Bool>

    init(_ memory: WorkMemory, nodeCount: Int, scale: Double, sums: [WeightSums]) {
        self.scale = scale
        self.sums = sums
        outward = memory.room(nodeCount, of: UInt32.self)
        totals = memory.room(nodeCount, of: UInt32.self)
        isJoined = memory.room(nodeCount, of: Bool.self)
    }

    /// Writes each node's part, named by one of its nodes, to `parts`.
    func run(
        _ level: CommunityLevel, labels: Shared<Int32>, members: CommunityMembers,
        communityCount: Int, parts: Shared<Int32>
    ) {
        parallelForChunks(
            count: communityCount, chunkSize: max(1, min(64, communityCount / (16 * sums.count))),
            threadCount: sums.count
        ) { [self] communities, thread in
            for community in communities {
                refine(level, labels, members, community, parts, sums[thread])
            }
        }
    }

    private func refine(
        _ level: CommunityLevel, _ labels: Shared<Int32>, _ members: CommunityMembers,
        _ community: Int, _ parts: Shared<Int32>, _ sums: WeightSums
    ) {
        let range = members.range(community)
        if range.count == 1 {
            let node = members.nodes[range.lowerBound]
            parts[node] = node
            return
        }
        let label = Int32(truncatingIfNeeded: community)
        var whole = 0.0
        for index in range {
            let node = Int(members.nodes[index])
            parts[node] = Int32(truncatingIfNeeded: node)
            isJoined[node] = false
            totals[node] = level.degrees[node]
            whole += Double(level.degrees[node])
            outward[node] = weight(level, node, labels, into: label)
        }
        for index in range.reversed() {
            let node = Int(members.nodes[index])
            let degree = Double(level.degrees[node])
            guard !isJoined[node],
                Double(outward[node]) >= scale * degree * (whole - degree)
            else { continue }
            join(level, node, labels, parts, whole: whole, sums)
        }
    }

    @inline(__always)
    private func join(
        _ level: CommunityLevel, _ node: Int, _ labels: Shared<Int32>, _ parts: Shared<Int32>,
        whole: Double, _ sums: WeightSums
    ) {
        let label = labels[node]
        var touchedCount = 0
        for entry in level.row(node) where labels[level.targets[entry]] == label {
            let part = parts[level.targets[entry]]
            let sum = sums.sums[part]
            sums.touched[touchedCount] = part
            touchedCount += sum == 0 ? 1 : 0
            sums.sums[part] = sum &+ (level.weights?[entry] ?? 1)
        }
        let cost = scale * Double(level.degrees[node])
        var best = 0.0
        var bestPart: Int32 = -1
        var bestWeight: UInt32 = 0
        for index in 0..<touchedCount {
            let part = sums.touched[index]
            let weight = sums.take(part)
            let total = Double(totals[part])
            let gain = Double(weight) - cost * total
            guard gain > best, Double(outward[part]) >= scale * total * (whole - total) else {
                continue
            }
            best = gain
            bestPart = part
            bestWeight = weight
        }
        guard bestPart >= 0 else { return }
        parts[node] = bestPart
        isJoined[node] = true
        isJoined[Int(bestPart)] = true
        outward[bestPart] = outward[bestPart] &+ outward[node] &- 2 &* bestWeight
        totals[bestPart] &+= level.degrees[node]
    }

    @inline(__always)
    private func weight(
        _ level: CommunityLevel, _ node: Int, _ labels: Shared<Int32>, into label: Int32
    ) -> UInt32 {
        var sum: UInt32 = 0
        if let weights = level.weights {
            for entry in level.row(node) {
                sum &+= labels[level.targets[entry]] == label ? weights[entry] : 0
            }
        } else {
            for entry in level.row(node) {
                sum &+= labels[level.targets[entry]] == label ? 1 : 0
            }
        }
        return sum
    }
}
