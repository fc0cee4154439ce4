import AnomalyModels
import Foundation
import Testing

@Suite("Population stability and Kolmogorov-Smirnov")
struct DistributionReferenceTests {
    @Test("The index of two counts is that of the formula")
    func index() {
        // Shares with half a row added to each bin: 30.5/61, 30.5/61 and 15.5/61, 45.5/61.
        let found = PopulationStability([30, 30], [15, 45])
        let (p, q) = (15.5 / 61, 45.5 / 61)
        let expected = (p - 0.5) * log(p / 0.5) + (q - 0.5) * log(q / 0.5)
        #expect(abs(found.index - expected) < 1e-12)
        #expect(found.degrees == 1)
        #expect(
            abs(found.tailProbability - chiSquareTail(expected * 30, degrees: 1)) < 1e-15)
    }

    @Test("Equal shares, a single bin and empty samples")
    func edges() {
        #expect(PopulationStability([10, 20], [10, 20]).index == 0)
        #expect(PopulationStability([10], [3]).tailProbability == 1)
        #expect(PopulationStability([10, 0], [3, 0]).degrees == 0)
        #expect(PopulationStability([10, 2], [0, 0]).index.isNaN)
    }

    @Test("Repeated values have a bin of their own, and so have missing ones")
    func bins() {
        let sample = [Double](repeating: 1, count: 50) + (0..<50).map { 2 + Double($0) } + [.nan]
        let reference = DistributionReference(sample)
        #expect(reference.edges.prefix(2) == [Float(1).nextDown, 1])
        #expect(reference.binCounts[1] == 50)
        #expect(reference.missingCount == 1)
        #expect(reference.count == 101)
        // All of them a hair above the repeated value: another bin.
        let moved = reference.comparison(with: sample.map { $0 == 1 ? 1.01 : $0 })
        #expect(moved.stability.index > 1)
        #expect(reference.comparison(with: sample).stability.index < 1e-9)
        let lost = reference.comparison(with: sample.map { $0 > 30 ? .nan : $0 })
        #expect(lost.stability.index > 0.25)
    }

    @Test("A constant is told from another constant")
    func constants() {
        let reference = DistributionReference([Double](repeating: 0, count: 100))
        #expect(
            reference.comparison(with: [Double](repeating: 1, count: 100)).stability.index > 1)
        #expect(
            reference.comparison(with: [Double](repeating: -1, count: 100)).stability.index > 1)
        #expect(
            reference.comparison(with: [Double](repeating: 0, count: 100)).stability.index == 0)
    }

    @Test("The distance of two small samples is counted by hand")
    func distance() {
        #expect(
            kolmogorovSmirnovStatistic(sorted: [1, 2, 3], quantiles: [2, 3, 4, 5]) == 0.5)
        #expect(kolmogorovSmirnovStatistic(sorted: [1, 2], quantiles: [3, 4]) == 1)
        #expect(kolmogorovSmirnovStatistic(sorted: [1, 1, 2], quantiles: [1, 1, 2]) == 0)
        #expect(kolmogorovSmirnovStatistic(sorted: [], quantiles: [1]).isNaN)
    }

    @Test(
        "Kolmogorov's distribution has its published values",
        // Smirnov 1948, table 1: 1 - L(z).
        arguments: [(0.5, 0.963945), (1.0, 0.270000), (1.36, 0.049486), (1.63, 0.009846)])
    func tail(_ value: (Double, Double)) {
        // With so many rows the correction for finite samples vanishes.
        let count = 1e12
        let statistic = value.0 / (count / 2).squareRoot()
        #expect(abs(kolmogorovSmirnovTail(statistic, count, count) - value.1) < 2e-6)
    }

    @Test("Where nothing has changed, p is spread evenly")
    func null() {
        var random = SeededRandom(seed: 5)
        var (stability, smirnov) = (0, 0)
        for _ in 0..<400 {
            let first = (0..<500).map { _ in random.normal() }
            let second = (0..<200).map { _ in random.normal() }
            let found = DistributionReference(first).comparison(with: second)
            if found.stability.tailProbability <= 0.05 { stability += 1 }
            if found.kolmogorovSmirnovP <= 0.05 { smirnov += 1 }
        }
        // 20 are expected, with a standard deviation of 4.4.
        #expect((7...35).contains(stability), "\(stability)")
        #expect((3...35).contains(smirnov), "\(smirnov)")
    }

    @Test("A reference comes back from JSON, and one that does not fit together is refused")
    func coding() throws {
        let reference = DistributionReference((0..<300).map { Double($0 % 17) / 3 })
        let data = try JSONEncoder().encode(reference)
        #expect(try JSONDecoder().decode(DistributionReference.self, from: data) == reference)
        for text in [
            #"{"missing": 0, "edges": [2, 1], "counts": [1, 1, 1], "quantiles": []}"#,
            #"{"missing": -1, "edges": [], "counts": [1], "quantiles": []}"#,
            #"{"missing": 0, "edges": [1], "counts": [1], "quantiles": []}"#,
        ] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(DistributionReference.self, from: Data(text.utf8))
            }
        }
    }
}

@Suite("Variance ratios")
struct VarianceRatioTests {
    @Test(
        "Fisher's distribution has its published quantiles",
        // Abramowitz and Stegun 1964, table 26.9: upper 5 % and 1 % points.
        arguments: [
            (4.9646, 1.0, 10.0, 0.05), (3.3258, 5, 10, 0.05), (5.6363, 5, 10, 0.01),
            (161.45, 1, 1, 0.05),
        ])
    func quantiles(_ row: (f: Double, first: Double, second: Double, p: Double)) {
        #expect(abs(varianceRatioTail(row.f, row.first, row.second) - row.p) < 2e-4)
    }

    @Test("With one degree and two the tail is elementary")
    func elementary() {
        // Cauchy: both tails of t = 1 are a half; two degrees: 1 - t / sqrt(t² + 2).
        #expect(abs(varianceRatioTail(1, 1, 1) - 0.5) < 1e-13)
        #expect(abs(varianceRatioTail(9, 1, 2) - (1 - 3 / 11.0.squareRoot())) < 1e-13)
        #expect(varianceRatioTail(0, 3, 4) == 1 && varianceRatioTail(.infinity, 3, 4) == 0)
    }

    @Test("An estimate of many degrees is as good as a known one")
    func limit() {
        let known = Dispersion(factor: 2)
        let estimated = Dispersion(factor: 2, degrees: 1e7)
        #expect(
            abs(known.tail(chiSquare: 30, degrees: 9) - estimated.tail(chiSquare: 30, degrees: 9))
                < 1e-6)
        #expect(abs(known.twoSidedTail(3) - estimated.twoSidedTail(3)) < 1e-6)
        #expect(Dispersion(factor: 2, degrees: 5).twoSidedTail(3) > known.twoSidedTail(3))
        #expect(Dispersion(factor: 0.3).factor == 1)
    }
}
