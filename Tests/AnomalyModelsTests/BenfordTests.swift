import Foundation
import Testing

@testable import AnomalyModels

@Suite("Benford's law")
struct BenfordTests {
    @Test(
        "The first digit is the one that a person reads",
        arguments: [
            (1, 1), (9.999999, 9), (0.001, 1), (1e-300, 1), (.leastNonzeroMagnitude, 5), (0.3, 3),
            (0.1 + 0.2, 3),
            (1e23, 1), (9.9e307, 9), (Double.greatestFiniteMagnitude, 1), (123_456_789, 1),
            (999_999_999_999_999, 9), (0x1p53, 9), (0x1p60, 1), (2e-5, 2), (70.5, 7), (1_000, 1),
            (0.009, 9), (8e15, 8), (4.5e22, 4), (999.999999999999, 9), (1e22, 1), (3e-300, 3),
        ] as [(Double, Int)])
    func digits(amount: Double, digit: Int) {
        #expect(FirstDigits.firstDigit(of: amount) == digit)
    }

    @Test("Every power of ten begins with 1, and the number just below it with 9")
    func powersOfTen() throws {
        for exponent in -307...307 {
            let power = try #require(Double("1e\(exponent)"))
            #expect(FirstDigits.firstDigit(of: power) == 1)
            #expect(FirstDigits.firstDigit(of: power.nextDown) == 9)
        }
    }

    @Test("What is no positive amount has no first digit", arguments: [0, -1, .nan, .infinity])
    func noDigit(amount: Double) {
        #expect(FirstDigits.firstDigit(of: amount) == nil)
        var digits = FirstDigits()
        #expect(digits.add(amount) == false)
        #expect(digits.count == 0)
    }

    // The counts are those of a well-known example, the first 1,000 powers of two.
    @Test("Powers of two follow the law closely")
    func powersOfTwo() throws {
        let digits = FirstDigits((0..<1_000).map { exp2(Double($0)) })
        #expect(digits.counts == [301, 176, 125, 97, 79, 69, 56, 52, 45])
        let benford = try #require(Benford(digits))
        #expect(benford.degrees == 8 && benford.reference == .law)
        #expect(benford.tailProbability > 0.999 && benford.conformity == .close)
    }

    /// SciPy 1.17: `chisquare([60, 40, 25, 20, 15, 12, 10, 9, 9], benford * 200)`.
    @Test("Statistic, p and mean absolute deviation are those of SciPy")
    func reference() throws {
        let amounts = zip(1...9, [60, 40, 25, 20, 15, 12, 10, 9, 9]).flatMap { digit, count in
            (0..<count).map { Double(digit) * pow(10, Double($0 % 4)) }
        }
        let benford = try #require(Benford(FirstDigits(amounts)))
        #expect(abs(benford.chiSquare - 1.228769883636115) < 1e-12)
        #expect(abs(benford.tailProbability - 0.9963494732629798) < 1e-12)
        #expect(abs(benford.meanAbsoluteDeviation - 0.006013331406213872) < 1e-15)
        #expect(benford.conformity == .acceptable)
    }

    @Test("Nigrini's ranges end where he lets them end")
    func conformity() {
        let ends: [(Double, Benford.Conformity)] = [
            (0, .close), (0.006, .close), (0.0061, .acceptable), (0.012, .acceptable),
            (0.013, .marginal), (0.015, .marginal), (0.0151, .nonconforming),
        ]
        for (deviation, expected) in ends {
            #expect(Benford.Conformity(meanAbsoluteDeviation: deviation) == expected)
        }
    }

    @Test("Additions and removals in any order end at the counts of what is left")
    func streaming() {
        var random = SeededRandom(seed: 3)
        let amounts = (0..<2_000).map { _ in exp(random.normal() * 4) }
        var stream = FirstDigits(amounts)
        for amount in amounts[..<1_500] { #expect(stream.remove(amount) == true) }
        #expect(stream == FirstDigits(amounts[1_500...].reversed()))
        #expect(FirstDigits(amounts).subtracting(FirstDigits(amounts[..<1_500])) == stream)
        let exact = amounts[1_500...].map { log10($0) }
        let mean = exact.reduce(0, +) / 500
        let deviation = (exact.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 500).squareRoot()
        #expect(abs(stream.logarithmDeviation - deviation) < 0.001)
    }

    @Test("Few amounts and narrow ones are not judged")
    func silence() {
        var random = SeededRandom(seed: 4)
        let wide = (0..<49).map { _ in pow(10, 4 * random.uniform()) }
        #expect(Benford(FirstDigits(wide)) == nil)
        #expect(Benford(FirstDigits(wide + [77])) != nil)
        // Log-normal with a spread of 0.22 decades: far from the law, and no fault of the sender.
        let narrow = (0..<200).map { _ in 500 * pow(10, 0.22 * random.normal()) }
        #expect(Benford(FirstDigits(narrow)) == nil)
    }

    @Test("Amounts that follow the law are called rare as often as p says", arguments: [50, 200])
    func falseAlarms(count: Int) throws {
        var random = SeededRandom(seed: 5)
        var hits = [0.1: 0, 0.01: 0]
        let runs = 4_000
        for _ in 0..<runs {
            let digits = FirstDigits((0..<count).map { _ in pow(10, 4 * random.uniform()) })
            let p = try #require(Benford(digits)).tailProbability
            for level in hits.keys where p <= level { hits[level, default: 0] += 1 }
        }
        for (level, hit) in hits {
            let spread = (level * (1 - level) / Double(runs)).squareRoot()
            #expect(abs(Double(hit) / Double(runs) - level) < 1.5 * 3 * spread + 0.1 * level)
        }
    }

    @Test("Price lists are compared with those of the type where it has 2,000 other amounts")
    func ownType() throws {
        var random = SeededRandom(seed: 6)
        let prices = [0.99, 4.99, 9.99, 49.9, 99, 499, 990]
        func list(_ count: Int) -> [Double] {
            (0..<count).map { _ in prices[random.index(below: 7)] }
        }
        let entity = FirstDigits(list(300))
        let type = FirstDigits(list(2_000))
        var both = type
        for digit in 0..<300 { both.add(prices[digit % 7]) }
        #expect(try #require(Benford(entity)).tailProbability < 1e-9)
        var all = FirstDigits(list(2_100))
        #expect(try #require(Benford(entity, type: all)).reference == .law)
        // The entity's own amounts are taken out of the type's before.
        let typed = list(2_000)
        let own = list(300)
        all = FirstDigits(typed + own)
        let benford = try #require(Benford(FirstDigits(own), type: all))
        #expect(benford.reference == .ownType && benford.tailProbability > 0.001)
        // Digits that the type hardly has are taken together, so one of them is no alarm.
        #expect(benford.degrees < 8)
        // Many of them are one.
        let sevens = [Double](repeating: 730, count: 60)
        let strange = try #require(
            Benford(FirstDigits(own + sevens), type: FirstDigits(typed + own + sevens)))
        #expect(strange.tailProbability < 1e-9)
        let few = try #require(
            Benford(FirstDigits(own + [730]), type: FirstDigits(typed + own + [730])))
        #expect(few.tailProbability > 0.001)
    }
}
