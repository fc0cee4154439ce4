// PageRank: S. Brin, L. Page, "The anatomy of a large-scale hypertextual Web search engine", Computer
// Networks and ISDN Systems 30 (1998), doi:10.1016/S0169-7552(98)00110-X. As a linear system that is
// normalised in the end: G. M. Del Corso, A. Gulli, F. Romani, "Fast PageRank computation via a sparse
// linear system", Internet Mathematics 2 (2005), doi:10.1080/15427951.2005.10129108.
//
// r(v) = (1 - d) / n + d (sum of r(u) / out(u) over the distinct predecessors u of v
//                         + sum of r(u) over the nodes u without successors / n),
// on the distinct directed pairs with self-loops kept; what a node without successors holds is spread
// evenly. That is NetworkX's `pagerank` of a DiGraph. The spread mass only scales the solution, so
//
//     x(v) = (1 - d) / n + d · sum of x(u) / out(u)
//
// is solved and r = x / sum(x). It is solved by Gauss-Seidel sweeps in place: a value that changed is
// used at once, which takes about half the rounds. Each thread sweeps its own rows and sees the
// others' values of the round before.
//
// As r does not depend on the scale of x, each sweep may take another constant for (1 - d) / n: the
// one for which sum(x) is balanced. Without that the scale converges last, by about d a round.
//
// The stopping rule needs no second pass. What is left of b + d P x - x after a sweep comes from values
// that were used before they changed, so its L1 norm is at most d · (the movement of the sweep, over
// the nodes with successors). The error of x is at most that / (1 - d), as no column of P sums to more
// than 1, and the error of r at most twice the error of x / sum(x) of the solution.

package import GraphEngine
import ParallelLoops

/// The PageRank of each node; the values sum to 1.
///
/// Sweeps end when the values are within `tolerance` of the solution altogether (L1), where rounding
/// leaves nothing to gain (about 1e-14), or after `iterationsMax` of them.
/// - Complexity: O(nodes + edges) a sweep; sweeps grow as log(tolerance) / log(damping).
package func pageRank(
    _ graph: GraphSnapshot, damping: Double = 0.85, tolerance: Double = 1e-10,
    iterationsMax: Int = 1000, threadCount: Int = 1
) -> [Double] {
    let nodeCount = graph.nodeCount
    guard nodeCount > 0 else { return [] }
    let threads = graph.inSources.count < 1 << 16 ? 1 : max(1, threadCount)
    let shares = graph.inOffsets.withUnsafeBufferPointer { rowShares($0, threadCount: threads) }
    let passedOn = Scratch<Double>(uninitializedCount: nodeCount * threads)
    return makeArray(count: nodeCount) { ranks in
        graph.inOffsets.withShared { offsets in
            graph.inSources.withShared { sources in
                graph.outDegrees.withShared { outDegrees in
                    let sweeper = RankSweeper(
                        nodeCount: nodeCount, damping: damping, offsets: offsets,
                        sources: sources, outDegrees: outDegrees, ranks: ranks,
                        passedOn: passedOn.shared, shares: shares)
                    sweeper.solve(tolerance: tolerance, iterationsMax: iterationsMax)
                }
            }
        }
    }
}

/// The system, and each thread's view of its solution.
private struct RankSweeper: Sendable {
    let nodeCount: Int
    let damping: Double
    let offsets: SharedElements<UInt32>
    let sources: SharedElements<Int32>
    let outDegrees: SharedElements<UInt32>
    /// x of each node.
    let ranks: SharedElements<Double>
    /// For each thread, what each node passes on to each successor: d · x / out.
    let passedOn: SharedElements<Double>
    /// The rows that each thread sweeps.
    let shares: [Range<Int>]

    /// What a sweep sums up over its rows.
    struct Sums: Sendable {
        /// The sum of x.
        var rank = 0.0
        /// The sum of x over the nodes without successors.
        var dangling = 0.0
        /// The sum of |new x - old x| over the nodes with successors.
        var movement = 0.0

        static func += (sums: inout Sums, other: Sums) {
            sums.rank += other.rank
            sums.dangling += other.dangling
            sums.movement += other.movement
        }
    }

    func solve(tolerance: Double, iterationsMax: Int) {
        _ = parallelFor(threadCount: shares.count) { thread in
            start(passedOn.dropFirst(thread * nodeCount))
        }
        var base = (1 - damping) / Double(nodeCount)
        var sums = Sums()
        for _ in 0..<max(1, iterationsMax) {
            let parts = parallelFor(threadCount: shares.count) { [base] in sweep($0, base: base) }
            sums = Sums()
            for part in parts { sums += part }
            let error = damping / (1 - damping) * sums.movement
            let roundingMax = 4 * Double.ulpOfOne * sums.rank
            if 2 * error <= tolerance * (sums.rank - error) || sums.movement <= roundingMax {
                break
            }
            base = ((1 - damping) * sums.rank + damping * sums.dangling) / Double(nodeCount)
            if shares.count > 1 {
                _ = parallelFor(threadCount: shares.count) { takeOver($0) }
            }
        }
        let scale = 1 / sums.rank
        _ = parallelFor(threadCount: shares.count) { finish($0, scale: scale) }
    }

    /// Sets a thread's view to equal values.
    private func start(_ passedOn: SharedElements<Double>) {
        for node in 0..<nodeCount {
            let successorCount = outDegrees[node]
            passedOn[node] =
                successorCount == 0 ? 0 : damping / Double(nodeCount) / Double(successorCount)
        }
    }

    /// One sweep over a thread's rows.
    private func sweep(_ thread: Int, base: Double) -> Sums {
        let passedOn = passedOn.dropFirst(thread * nodeCount)
        let perDamping = 1 / damping
        var sums = Sums()
        var start = shares[thread].lowerBound
        // Sums of a block at a time: rounding then grows with the blocks.
        while start < shares[thread].upperBound {
            let end = min(start + 512, shares[thread].upperBound)
            var block = Sums()
            for node in start..<end {
                var rank = base
                for entry in Int(offsets[node])..<Int(offsets[node + 1]) {
                    rank += passedOn[Int(sources[entry])]
                }
                block.rank += rank
                let successorCount = Double(outDegrees[node])
                if successorCount == 0 {
                    block.dangling += rank
                    ranks[node] = rank
                } else {
                    block.movement += abs(rank - passedOn[node] * successorCount * perDamping)
                    passedOn[node] = damping * rank / successorCount
                }
            }
            sums += block
            start = end
        }
        return sums
    }

    /// Fills in the ranks of the nodes with successors, and scales all.
    private func finish(_ thread: Int, scale: Double) {
        let passedOn = passedOn.dropFirst(thread * nodeCount)
        for node in shares[thread] {
            let successorCount = Double(outDegrees[node])
            let rank = successorCount == 0 ? ranks[node] : passedOn[node] * successorCount / damping
            ranks[node] = rank * scale
        }
    }

    /// Copies what the other threads' rows pass on into a thread's view.
    private func takeOver(_ thread: Int) {
        for other in shares.indices where other != thread {
            for node in shares[other] {
                passedOn[thread * nodeCount + node] = passedOn[other * nodeCount + node]
            }
        }
    }
}
