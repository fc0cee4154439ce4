// The step of the locally optimal eigenvector iteration (see EigenvectorCentrality.swift): from the
// inner products of x, r, p with one another and with A times each, the combination with the largest
// Rayleigh quotient.

/// Inner products of x, r and p, summed over one thread's lanes.
struct MomentLanes: Sendable {
    private var (xx, xr, xp) = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
    private var (rr, rp, pp) = (SIMD4<Double>.zero, SIMD4<Double>.zero, SIMD4<Double>.zero)
    private var (xAx, xAp) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
    private var (rAp, pAp) = (SIMD4<Double>.zero, SIMD4<Double>.zero)

    @inline(__always)
    mutating func add(
        _ x: SIMD4<Double>, _ r: SIMD4<Double>, _ p: SIMD4<Double>, _ ax: SIMD4<Double>,
        _ ap: SIMD4<Double>
    ) {
        xx += x * x
        xr += x * r
        xp += x * p
        rr += r * r
        rp += r * p
        pp += p * p
        xAx += x * ax
        xAp += x * ap
        rAp += r * ap
        pAp += p * ap
    }

    /// The sums: x x, x r, x p, r r, r p, p p, x A x, x A p, r A p, p A p.
    var sums: [Double] { [xx, xr, xp, rr, rp, pp, xAx, xAp, rAp, pAp].map { $0.sum() } }
}

/// Inner products of x, r and p with one another and with A times each.
struct Moments: Sendable {
    /// The Rayleigh quotient of x.
    let quotient: Double
    /// r · A r, which the multiplication gives.
    var residualCurvature = 0.0
    private var sums = [Double](repeating: 0, count: 10)

    init(quotient: Double, parts: [MomentLanes]) {
        self.quotient = quotient
        for part in parts { for (index, sum) in part.sums.enumerated() { sums[index] += sum } }
    }

    /// ||r||.
    var residualNorm: Double { sums[3].squareRoot() }

    /// The combination of L2 norm 1 with the largest Rayleigh quotient.
    func bestCombination() -> (value: Double, residual: Double, step: Double, quotient: Double) {
        // x · A r = A x · r = (r + quotient · x) · r.
        let xAr = sums[3] + quotient * sums[1]
        let gram = [
            [sums[0], sums[1], sums[2]], [sums[1], sums[3], sums[4]], [sums[2], sums[4], sums[5]],
        ]
        let form = [
            [sums[6], xAr, sums[7]], [xAr, residualCurvature, sums[8]],
            [sums[7], sums[8], sums[9]],
        ]
        let basis = orthonormalBasis(gram)
        let inner = basis.map { first in basis.map { bilinear(form, first, $0) } }
        let (weights, quotient) = largestEigenvector(inner)
        var best = [0.0, 0.0, 0.0]
        for (weight, vector) in zip(weights, basis) {
            for index in 0..<3 { best[index] += weight * vector[index] }
        }
        let sign: Double = best[0] < 0 ? -1 : 1
        return (sign * best[0], sign * best[1], sign * best[2], quotient)
    }
}

private func bilinear(_ form: [[Double]], _ first: [Double], _ second: [Double]) -> Double {
    var sum = 0.0
    for row in first.indices {
        for column in second.indices { sum += first[row] * form[row][column] * second[column] }
    }
    return sum
}

/// Combinations of x, r, p that are orthonormal by their Gram matrix.
///
/// What depends on the ones before it up to rounding is left out: p in the first round, and where it
/// adds nothing to x and r.
private func orthonormalBasis(_ gram: [[Double]]) -> [[Double]] {
    var basis: [[Double]] = []
    for index in 0..<3 where gram[index][index] > 0 {
        var vector = [0.0, 0.0, 0.0]
        vector[index] = 1 / gram[index][index].squareRoot()
        for _ in 0..<2 {
            for other in basis {
                let overlap = bilinear(gram, vector, other)
                for entry in 0..<3 { vector[entry] -= overlap * other[entry] }
            }
        }
        let square = bilinear(gram, vector, vector)
        guard square > 1e-12 else { continue }
        basis.append(vector.map { $0 / square.squareRoot() })
    }
    return basis
}

/// The eigenvector of a symmetric matrix of at most 3 rows for its largest eigenvalue, by Jacobi's
/// rotations.
private func largestEigenvector(_ form: [[Double]]) -> (vector: [Double], value: Double) {
    var form = form
    let count = form.count
    var vectors = (0..<count).map { row in (0..<count).map { $0 == row ? 1.0 : 0.0 } }
    for _ in 0..<12 {
        for first in 0..<count {
            for second in first + 1..<max(count, first + 1) where form[first][second] != 0 {
                let difference = (form[second][second] - form[first][first]) / 2
                let entry = form[first][second]
                let length = (difference * difference + entry * entry).squareRoot()
                let tangent = (difference < 0 ? -entry : entry) / (abs(difference) + length)
                let cosine = 1 / (1 + tangent * tangent).squareRoot()
                let sine = tangent * cosine
                for index in 0..<count {
                    let (one, two) = (form[index][first], form[index][second])
                    form[index][first] = cosine * one - sine * two
                    form[index][second] = sine * one + cosine * two
                }
                for index in 0..<count {
                    let (one, two) = (form[first][index], form[second][index])
                    form[first][index] = cosine * one - sine * two
                    form[second][index] = sine * one + cosine * two
                    let (left, right) = (vectors[index][first], vectors[index][second])
                    vectors[index][first] = cosine * left - sine * right
                    vectors[index][second] = sine * left + cosine * right
                }
            }
        }
    }
    let best = (0..<count).max { form[$0][$0] < form[$1][$1] } ?? 0
    return (vectors.map { $0[best] }, form[best][best])
}
