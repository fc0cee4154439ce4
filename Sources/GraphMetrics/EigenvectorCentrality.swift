// Eigenvector centrality: P. Bonacich, "Factoring and weighting approaches to status scores and clique
// identification", Journal of Mathematical Sociology 2 (1972), doi:10.1080/0022250X.1972.9989806. The
// method: A. V. Knyazev, "Toward the optimal preconditioned eigensolver: locally optimal block
// preconditioned conjugate gradient method", SIAM J. Sci. Comput. 23 (2001),
// doi:10.1137/S1064827500366124, with a block of one vector and no preconditioner.
//
// The eigenvector of the adjacency matrix A for its largest eigenvalue, nonnegative, L2 norm 1. Each
// round takes, among the combinations of the vector x, its residual r = A x - lambda x and the last
// step p, the one with the largest Rayleigh quotient. That converges as the Lanczos method does, with
// the square root of the gap where power iteration goes with the gap, keeps three vectors and their
// products, and multiplies by A once a round. An eigenvalue -lambda (bipartite graphs) is no tie, as
// the largest quotient is taken. It starts from equal values, as NetworkX does, and all combinations
// are polynomials of A applied to them: so where several components share the largest eigenvalue both
// give the same mixture of them.
//
// With the residual ||A x - lambda x|| an eigenvalue lies within it of lambda, and the angle to the
// eigenvector is at most the residual / the gap to the next eigenvalue (C. Davis, W. M. Kahan, 1970).

package import GraphEngine
import ParallelLoops

/// An eigenvector, and how well it was found.
package struct EigenvectorResult: Sendable {
    /// The value of each node, L2 norm 1.
    package var values: [Double]
    /// The largest eigenvalue of the adjacency matrix.
    package var eigenvalue: Double
    /// The L2 norm of A x - eigenvalue · x, computed from the values before their signs were cleared.
    package var residual: Double
    /// The multiplications by A.
    package var iterationCount: Int
}

/// The eigenvector centrality of each node and the largest eigenvalue of the adjacency matrix.
///
/// Iteration ends when the residual is at most `tolerance` · eigenvalue, which is as far as a step of
/// power iteration would move the values (L2); when rounding leaves nothing to gain; or after
/// `iterationsMax` rounds, with the residual reached.
/// - Complexity: O(nodes + edges) a round; rounds depend on the gap behind the largest eigenvalue.
package func eigenvectorCentrality(
    _ graph: GraphSnapshot, tolerance: Double = 1e-12, iterationsMax: Int = 2000,
    threadCount: Int = 1
) -> EigenvectorResult {
    let nodeCount = graph.nodeCount
    guard nodeCount > 0 else {
        return EigenvectorResult(values: [], eigenvalue: 0, residual: 0, iterationCount: 0)
    }
    let threads = graph.targets.count < 1 << 16 ? 1 : max(1, threadCount)
    return graph.offsets.withShared { offsets in
        graph.targets.withShared { targets in
            let iteration = EigenvectorIteration(
                nodeCount: nodeCount, offsets: offsets, targets: targets,
                shares: graph.offsets.withUnsafeBufferPointer {
                    lanedShares($0, threadCount: threads)
                })
            return iteration.run(tolerance: tolerance, iterationsMax: iterationsMax)
        }
    }
}

/// Rows for each thread that begin at multiples of a vector's lanes.
private func lanedShares(
    _ offsets: UnsafeBufferPointer<UInt32>, threadCount: Int
) -> [Range<Int>] {
    let nodeCount = offsets.count - 1
    let shares = rowShares(offsets, threadCount: threadCount)
    return shares.map { share in
        let lower = (share.lowerBound + 3) & ~3
        let upper = share.upperBound == nodeCount ? nodeCount : (share.upperBound + 3) & ~3
        return min(lower, nodeCount)..<max(min(lower, nodeCount), min(upper, nodeCount))
    }
}

/// The vectors of the iteration.
private struct EigenvectorIteration: ~Copyable {
    private typealias Lanes = SIMD4<Double>
    /// After so many rounds the products, carried along until then, are computed afresh.
    private static let carriedRoundsMax = 64

    private let nodeCount: Int
    private let offsets: SharedElements<UInt32>
    private let targets: SharedElements<Int32>
    private let shares: [Range<Int>]
    private let vectors: Scratch<Lanes>
    private let laneCount: Int

    init(
        nodeCount: Int, offsets: SharedElements<UInt32>, targets: SharedElements<Int32>,
        shares: [Range<Int>]
    ) {
        self.nodeCount = nodeCount
        self.offsets = offsets
        self.targets = targets
        self.shares = shares
        laneCount = (nodeCount + 3) / 4
        vectors = Scratch(repeating: .zero, count: 6 * laneCount)
    }

    /// The vector x, the residual r, the last step p; and A times each of them.
    private var value: SharedElements<Lanes> { vectors.shared }
    private var residual: SharedElements<Lanes> { vectors.shared.dropFirst(laneCount) }
    private var step: SharedElements<Lanes> { vectors.shared.dropFirst(2 * laneCount) }
    private var valueProduct: SharedElements<Lanes> { vectors.shared.dropFirst(3 * laneCount) }
    private var residualProduct: SharedElements<Lanes> { vectors.shared.dropFirst(4 * laneCount) }
    private var stepProduct: SharedElements<Lanes> { vectors.shared.dropFirst(5 * laneCount) }

    func run(tolerance: Double, iterationsMax: Int) -> EigenvectorResult {
        let equal = 1 / Double(nodeCount).squareRoot()
        let values = value.scalars
        for node in 0..<nodeCount { values[node] = equal }
        multiply(value, into: valueProduct)
        var iterationCount = 1
        var moments = combine(value: 1, residual: 0, step: 0, quotient: nil)
        var carriedRounds = 0
        var lastExact = Double.infinity
        while moments.quotient > 0, iterationCount < iterationsMax {
            let isSmall = moments.residualNorm <= tolerance * moments.quotient
            if isSmall || carriedRounds == Self.carriedRoundsMax {
                if carriedRounds > 0 {
                    multiply(value, into: valueProduct)
                    iterationCount += 1
                    moments = combine(value: 1, residual: 0, step: 1, quotient: nil)
                    carriedRounds = 0
                }
                let exact = moments.residualNorm
                if exact <= tolerance * moments.quotient || isSmall && exact > lastExact / 2 {
                    break
                }
                if isSmall { lastExact = exact }
            }
            moments.residualCurvature = multiply(residual, into: residualProduct)
            iterationCount += 1
            let best = moments.bestCombination()
            moments = combine(
                value: best.value, residual: best.residual, step: best.step,
                quotient: best.quotient)
            carriedRounds += 1
        }
        return EigenvectorResult(
            values: cleared(), eigenvalue: moments.quotient, residual: moments.residualNorm,
            iterationCount: iterationCount)
    }

    /// The values with the signs of rounding cleared, L2 norm 1.
    private func cleared() -> [Double] {
        let values = value.scalars
        var square = 0.0
        for node in 0..<nodeCount { square += values[node] * values[node] }
        let scale = 1 / square.squareRoot()
        return makeArray(count: nodeCount) { cleared in
            for node in 0..<nodeCount { cleared[node] = abs(values[node]) * scale }
        }
    }

    /// Multiplies a vector by A; returns its inner product with the result.
    @discardableResult
    private func multiply(
        _ vector: SharedElements<Lanes>, into product: SharedElements<Lanes>
    ) -> Double {
        let (vector, product) = (vector.scalars, product.scalars)
        let (offsets, targets, shares) = (offsets, targets, shares)
        return parallelFor(threadCount: shares.count) { thread in
            var inner = 0.0
            for node in shares[thread] {
                var sum = 0.0
                for entry in Int(offsets[node])..<Int(offsets[node + 1]) {
                    sum += vector[Int(targets[entry])]
                }
                product[node] = sum
                inner += sum * vector[node]
            }
            return inner
        }.reduce(0, +)
    }

    /// Moves to value · x + residual · r + step · p, and takes the moments there.
    ///
    /// `quotient` is its Rayleigh quotient; nil asks for x as it is, whose quotient is then computed.
    private func combine(
        value a: Double, residual b: Double, step c: Double, quotient: Double?
    ) -> Moments {
        let lanes = laneShares()
        let (x, r, p) = (value, residual, step)
        let (ax, ar, ap) = (valueProduct, residualProduct, stepProduct)
        var known = quotient ?? 0
        if quotient == nil {
            let parts = parallelFor(threadCount: lanes.count) { thread in
                var (square, inner) = (Lanes.zero, Lanes.zero)
                for lane in lanes[thread] {
                    square += x[lane] * x[lane]
                    inner += x[lane] * ax[lane]
                }
                return SIMD2(inner.sum(), square.sum())
            }.reduce(SIMD2<Double>.zero, +)
            known = parts[0] / parts[1]
        }
        let theta = known
        let parts = parallelFor(threadCount: lanes.count) { thread in
            var sums = MomentLanes()
            for lane in lanes[thread] {
                let p1 = b * r[lane] + c * p[lane]
                let ap1 = b * ar[lane] + c * ap[lane]
                let x1 = quotient == nil ? x[lane] : a * x[lane] + p1
                let ax1 = quotient == nil ? ax[lane] : a * ax[lane] + ap1
                let r1 = ax1 - theta * x1
                (x[lane], r[lane], p[lane]) = (x1, r1, p1)
                (ax[lane], ap[lane]) = (ax1, ap1)
                sums.add(x1, r1, p1, ax1, ap1)
            }
            return sums
        }
        return Moments(quotient: theta, parts: parts)
    }

    private func laneShares() -> [Range<Int>] {
        shares.map { ($0.lowerBound + 3) / 4..<($0.upperBound + 3) / 4 }
    }
}

extension SharedElements<SIMD4<Double>> {
    /// The same memory, number by number.
    fileprivate var scalars: SharedElements<Double> {
        SharedElements<Double>(
            UnsafeMutableRawPointer(pointer(to: 0)).assumingMemoryBound(to: Double.self))
    }
}
