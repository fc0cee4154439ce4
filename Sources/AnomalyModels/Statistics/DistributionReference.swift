// N. Siddiqi, "Credit Risk Scorecards", Wiley 2006: the population stability index, which is the symmetric
// divergence of S. Kullback, R. A. Leibler, "On Information and Sufficiency", Annals of Mathematical
// Statistics 22(1), 1951, 10.1214/aoms/1177729694. Its distribution where nothing has changed:
// B. Yurdakul, J. Naranjo, "Statistical properties of the population stability index", Journal of Risk
// Model Validation 14(4), 2020, 10.21314/JRMV.2020.227.
//
//     PSI = Σ over bins (q - p) ln(q / p), p and q the shares of the two samples
//     PSI / (1/n + 1/m) ~ chi-square with (bins - 1) degrees, n and m the sizes of the samples
//
// Different here: half a row is added to each bin, so that an empty one is finite; a value that has a
// bin's share by itself has a bin to itself, and so have the missing values; rows that come in clusters
// count for as many as they are worth (`dispersion`).

import Foundation

/// A sample reduced to what later samples are compared with: bins, and a sketch of its quantiles.
package struct DistributionReference: Sendable, Equatable, Codable {
    /// So many bins at most besides that of the missing values, about; more where values repeat.
    static let binCountMax = 10
    /// So many quantiles at most, and at least so many rows behind each.
    static let quantileCountMax = 200
    static let rowsPerQuantileMin = 4

    /// How many of the sample had no value.
    package let missingCount: Int
    /// The upper bounds of the bins, ascending; what is above the last is one more bin.
    package let edges: [Float]
    /// How many values each bin has.
    package let binCounts: [Int]
    /// The quantiles at (i + 1/2) / k of the values.
    package let quantiles: [Float]

    /// The reference that this sample makes, NaN being a missing value.
    ///
    /// Values are kept in single precision, so that a model stays small; so are those compared with it.
    package init(_ sample: [Double]) {
        let sorted = sample.filter { !$0.isNaN }.map(Float.init).sorted()
        missingCount = sample.count - sorted.count
        edges = Self.edges(of: sorted)
        binCounts = Self.counts(of: sorted, edges: edges)
        let quantileCount = min(Self.quantileCountMax, sorted.count / Self.rowsPerQuantileMin)
        quantiles = (0..<quantileCount).map { place in
            sorted[(2 * place + 1) * sorted.count / (2 * quantileCount)]
        }
    }

    /// A reference of these parts; nil where they do not fit together.
    package init?(missingCount: Int, edges: [Float], binCounts: [Int], quantiles: [Float]) {
        guard missingCount >= 0, binCounts.count == edges.count + 1,
            binCounts.allSatisfy({ (0...Self.countMax).contains($0) }),
            missingCount <= Self.countMax, edges.count <= 1000, quantiles.count <= 1000,
            edges.allSatisfy(\.isFinite), quantiles.allSatisfy({ !$0.isNaN }),
            zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }),
            zip(quantiles, quantiles.dropFirst()).allSatisfy({ $0 <= $1 })
        else { return nil }
        self.missingCount = missingCount
        self.edges = edges
        self.binCounts = binCounts
        self.quantiles = quantiles
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let parts = Self(
            missingCount: try values.decode(Int.self, forKey: .missingCount),
            edges: try values.decode([Float].self, forKey: .edges),
            binCounts: try values.decode([Int].self, forKey: .binCounts),
            quantiles: try values.decode([Float].self, forKey: .quantiles))
        guard let parts else {
            throw DecodingError.dataCorruptedError(
                forKey: .edges, in: values, debugDescription: "The bins do not fit together.")
        }
        self = parts
    }

    enum CodingKeys: String, CodingKey {
        case edges, quantiles
        case missingCount = "missing"
        case binCounts = "counts"
    }

    /// More rows than any graph has.
    private static let countMax = 1 << 40

    /// How many of the sample had a value.
    package var valueCount: Int { binCounts.reduce(0, +) }
    /// How many rows the sample had.
    package var count: Int { valueCount + missingCount }
    /// The middle of the values; NaN without any.
    package var median: Double {
        quantiles.isEmpty ? .nan : Double(quantiles[quantiles.count / 2])
    }

    /// How another sample differs.
    ///
    /// Such samples may vary more than independent rows would.
    package func comparison(
        with sample: [Double], dispersion: Dispersion = Dispersion()
    ) -> DistributionComparison {
        let sorted = sample.filter { !$0.isNaN }.map(Float.init).sorted()
        let counts = Self.counts(of: sorted, edges: edges)
        let index = PopulationStability(
            binCounts + [missingCount], counts + [sample.count - sorted.count],
            dispersion: dispersion)
        let statistic = kolmogorovSmirnovStatistic(
            sorted: sorted, quantiles: quantiles,
            resolution: valueCount > quantiles.count ? 0.5 / Double(max(1, quantiles.count)) : 0)
        return DistributionComparison(
            stability: index, kolmogorovSmirnov: statistic,
            kolmogorovSmirnovP: kolmogorovSmirnovTail(
                statistic, Double(valueCount) / dispersion.factor,
                Double(sorted.count) / dispersion.factor),
            median: sorted.isEmpty ? .nan : Double(sorted[sorted.count / 2]))
    }

    /// How two other samples differ from each other in the bins of this one.
    package func stability(_ first: [Double], _ second: [Double]) -> PopulationStability {
        func counts(_ sample: [Double]) -> [Int] {
            let sorted = sample.filter { !$0.isNaN }.map(Float.init).sorted()
            return Self.counts(of: sorted, edges: edges) + [sample.count - sorted.count]
        }
        return PopulationStability(counts(first), counts(second))
    }

    /// Cuts at the quantiles, with a bin for itself for a value that has as many rows as a bin.
    private static func edges(of sorted: [Float]) -> [Float] {
        guard let last = sorted.last else { return [] }
        let perBin = max(1, (sorted.count + binCountMax - 1) / binCountMax)
        var edges: [Float] = []
        func cut(at value: Float) {
            if value > edges.last ?? -.infinity, value < last, value.isFinite {
                edges.append(value)
            }
        }
        var (start, filled) = (0, 0)
        while start < sorted.count {
            var end = start
            while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
            if end - start >= perBin {
                cut(at: sorted[start].nextDown)
                cut(at: sorted[start])
                // A value above all that are known is another one.
                if end == sorted.count, last.isFinite { edges.append(last) }
                filled = 0
            } else {
                filled += end - start
                if filled >= perBin {
                    cut(at: sorted[end - 1])
                    filled = 0
                }
            }
            start = end
        }
        return edges
    }

    private static func counts(of sorted: [Float], edges: [Float]) -> [Int] {
        var counts = [Int](repeating: 0, count: edges.count + 1)
        var bin = 0
        for value in sorted {
            while bin < edges.count, value > edges[bin] { bin += 1 }
            counts[bin] += 1
        }
        return counts
    }
}

/// How a sample differs from a reference.
package struct DistributionComparison: Sendable, Equatable {
    /// How far the shares of the bins have moved.
    package var stability: PopulationStability
    /// The largest distance of the two distribution functions; NaN where one has no values.
    package var kolmogorovSmirnov: Double
    /// The asymptotic probability of such a distance where nothing has changed.
    package var kolmogorovSmirnovP: Double
    /// The middle of the new values; NaN without any.
    package var median: Double
}

/// The population stability index of two samples in bins, and how likely it is by chance.
package struct PopulationStability: Sendable, Equatable {
    /// The index: 0 where the shares agree; by custom 0.1 is a small change and 0.25 a large one.
    package let index: Double
    /// The probability of such an index where nothing has changed; 1 for a single bin.
    package let tailProbability: Double
    /// One less than the bins that either sample has rows in.
    package let degrees: Int

    /// The index of two counts of the same bins; NaN where one sample is empty.
    package init(_ first: [Int], _ second: [Int], dispersion: Dispersion = Dispersion()) {
        precondition(first.count == second.count, "Both samples are counted in the same bins.")
        // A bin that neither has is none.
        let bins = first.indices.filter { first[$0] + second[$0] > 0 }
        degrees = max(0, bins.count - 1)
        let n = Double(first.reduce(0, +))
        let m = Double(second.reduce(0, +))
        guard n > 0, m > 0 else {
            index = .nan
            tailProbability = .nan
            return
        }
        guard bins.count > 1 else {
            index = 0
            tailProbability = 1
            return
        }
        let added = 0.5 * Double(bins.count)
        var sum = 0.0
        for bin in bins {
            let p = (Double(first[bin]) + 0.5) / (n + added)
            let q = (Double(second[bin]) + 0.5) / (m + added)
            sum += (q - p) * log(q / p)
        }
        index = sum
        tailProbability = dispersion.tail(
            chiSquare: sum / (1 / n + 1 / m), degrees: bins.count - 1)
    }
}
