import AnomalyModels
import Foundation
import Testing

@Suite("Shares of rows at each severity")
struct SeveritySharesTests {
    @Test("A row counts at its own severity and at all below, silence at none")
    func counts() {
        let shares = SeverityShares(
            tailProbabilities: [0.5, 0.01, 0.010001, 0.001, 0.0001, 0, .nan, 1])
        #expect(shares.rowCount == 8 && shares.silentCount == 1)
        #expect(shares.count(atLeast: .low) == 8)
        #expect(shares.count(atLeast: .medium) == 4)
        #expect(shares.count(atLeast: .high) == 3)
        #expect(shares.count(atLeast: .critical) == 2)
        #expect(shares.share(atLeast: .critical) == 0.25)
    }

    @Test("Without rows there is no share")
    func empty() {
        #expect(SeverityShares().share(atLeast: .medium).isNaN)
    }

    @Test("Normals and anomalies are counted apart, samples together")
    func comparison() {
        var comparison = SeverityComparison(
            tailProbabilities: [0.001, 0.2, 0.00001], labels: [false, false, true])
        #expect(comparison.normals.share(atLeast: .medium) == 0.5)
        #expect(comparison.anomalies.share(atLeast: .critical) == 1)
        comparison.add(comparison)
        #expect(comparison.normals.rowCount == 4)
        #expect(comparison.normals.highCount == 2)
        #expect(comparison.anomalies.criticalCount == 2)
    }

    @Test("The JSON has the names that reports use")
    func json() throws {
        let data = try JSONEncoder().encode(SeverityShares(tailProbabilities: [0.001]))
        let object = try #require(
            try JSONSerialization.jsonObject(with: data) as? [String: Int])
        #expect(
            object == [
                "rows": 1, "silent": 0, "at_least_medium": 1, "at_least_high": 1, "critical": 0,
            ])
    }
}
