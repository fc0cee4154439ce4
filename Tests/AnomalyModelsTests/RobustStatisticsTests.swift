import AnomalyModels
import Testing

@Suite("Robust statistics")
struct RobustStatisticsTests {
    @Test("The median is the middle value, missing ones left out")
    func median() {
        #expect(RobustStatistics.median([3, 1, 2]) == 2)
        #expect(RobustStatistics.median([4, .nan, 1, 2, 3]) == 2.5)
        #expect(RobustStatistics.median([]).isNaN)
        #expect(RobustStatistics.median([.nan]).isNaN)
    }

    @Test("The deviations from the median are those computed by hand")
    func deviations() {
        let values = [1, 1, 2, 2, 4, 6, 9, Double.nan]
        #expect(RobustStatistics.medianAbsoluteDeviation(values) == 1)
        #expect(abs(RobustStatistics.meanAbsoluteDeviation(values) - 15.0 / 7) < 1e-15)
        #expect(RobustStatistics.meanAbsoluteDeviation([]).isNaN)
    }

    @Test("Quantiles of type 7 are those of R and NumPy")
    func quantiles() {
        let values = [1.0, 2, 3, 4]
        #expect(RobustStatistics.quantile(values, 0) == 1)
        #expect(RobustStatistics.quantile(values, 0.25) == 1.75)
        #expect(RobustStatistics.quantile(values, 0.9) == 3.7)
        #expect(RobustStatistics.quantile(values, 1) == 4)
        #expect(RobustStatistics.quantile([7], 0.3) == 7)
        #expect(RobustStatistics.quantile([-.infinity, 0, .infinity], 0.5) == 0)
    }

    @Test("The robust z-score falls back where the MAD is zero")
    func robustZ() {
        let scaled = RobustStatistics.robustZ(5, median: 2, mad: 2)
        #expect(abs(scaled - 3 / (2 * 1.482_602_218_505_602)) < 1e-15)
        let byMean = RobustStatistics.robustZ(5, median: 2, mad: 0, meanAbsoluteDeviation: 1)
        #expect(abs(byMean - 3 / 1.253_314_137_315_500_3) < 1e-15)
        #expect(RobustStatistics.robustZ(5, median: 2, mad: 0, unit: 0.5) == 6)
        #expect(RobustStatistics.robustZ(.nan, median: 2, mad: 1).isNaN)
    }
}
