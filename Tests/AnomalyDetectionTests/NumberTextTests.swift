import Testing

@testable import AnomalyDetection

@Suite("Numbers in sentences")
struct NumberTextTests {
    @Test(
        "Numbers are written for people",
        arguments: [
            (0.0, "0"), (-0.0, "0"), (1, "1"), (0.12, "0.12"), (0.1234, "0.123"), (9.999, "10"),
            (99.96, "100"), (1204, "1,204"), (1_234_567.4, "1,234,567"), (-3.2, "-3.2"),
            (0.00042, "0.00042"), (1e-7, "less than 0.0001"), (.nan, "unknown"),
        ])
    func numbers(value: Double, text: String) {
        #expect(NumberText.number(value) == text)
    }

    @Test("A count takes the form of its noun")
    func plurals() {
        #expect(NumberText.quantity(1, "tag") == "1 tag")
        #expect(NumberText.quantity(0, "tag") == "0 tags")
        #expect(NumberText.quantity(2.5, "update") == "2.5 updates")
        #expect(NumberText.entities(1204, ofType: "email") == "1,204 email entities")
        #expect(NumberText.entities(1, ofType: "") == "1 entity of all types")
    }

    @Test("Durations take the unit that suits them")
    func durations() {
        #expect(NumberText.duration(seconds: 7200) == "2 hours")
        #expect(NumberText.duration(seconds: 5400) == "90 minutes")
        #expect(NumberText.duration(seconds: 86_400) == "1 day")
        #expect(NumberText.duration(seconds: 45) == "45 seconds")
    }

    @Test("Probabilities become frequencies, quantiles become percentiles")
    func frequencies() {
        #expect(NumberText.oneIn(0.001) == "one in 1,000")
        #expect(NumberText.oneIn(0.000_813) == "one in 1,200")
        #expect(NumberText.percentile(0.99) == "99th percentile")
        #expect(NumberText.percentile(0.999) == "99.9th percentile")
        #expect(NumberText.percentile(0.01) == "1st percentile")
        #expect(NumberText.percentile(0.5) == "median")
    }
}
