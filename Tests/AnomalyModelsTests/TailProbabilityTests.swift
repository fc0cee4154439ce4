import Foundation
import Testing

@testable import AnomalyModels

@Suite("Chi-square and binomial tails")
struct TailProbabilityTests {
    /// Values of SciPy 1.17, `chi2.sf`.
    @Test(
        "The chi-square tail has the values of SciPy",
        arguments: [
            (15.507, 8, 0.05000521928328078), (26.12448, 8, 0.0010000006147310337),
            (100, 8, 4.269159205144943e-18), (400, 8, 1.8731514627189038e-81),
            (3.3, 1, 0.06927988322120171), (10.83, 1, 0.0009986863791802592),
            (11.1, 5, 0.0494329339438485), (50, 7, 1.4444852779215397e-08),
            (1e-3, 8, 0.9999999999999974), (2, 2, 0.36787944117144245),
        ] as [(Double, Int, Double)])
    func chiSquare(statistic: Double, degrees: Int, expected: Double) {
        #expect(abs(chiSquareTail(statistic, degrees: degrees) / expected - 1) < 1e-12)
    }

    @Test("Eight degrees are e^(-h) (1 + h + h²/2 + h³/6), and the ends are 1 and 0")
    func closedForm() {
        let h = 3.7
        let polynomial = 1 + h + h * h / 2 + h * h * h / 6
        #expect(abs(chiSquareTail(2 * h, degrees: 8) - exp(-h) * polynomial) < 1e-15)
        #expect(chiSquareTail(0, degrees: 8) == 1 && chiSquareTail(-1, degrees: 3) == 1)
        #expect(chiSquareTail(.infinity, degrees: 8) == 0)
        #expect(chiSquareTail(1e6, degrees: 9) == 0)
        #expect(chiSquareTail(.nan, degrees: 8).isNaN)
    }

    /// Values of SciPy 1.17, `binom.sf(k - 1, n, p)`.
    @Test(
        "The binomial tail has the values of SciPy",
        arguments: [
            (3, 10, 0.02, 0.0008639062799509914), (5, 20, 0.02, 3.859090324326966e-05),
            (1, 10, 0.002, 0.019820956648050576), (50, 100, 0.3, 2.2060913327165886e-05),
            (20, 100, 0.3, 0.9911127916838572), (300, 10_000, 0.02, 1.617878396726813e-11),
            (600_000, 1_000_000, 0.6, 0.5004343132067661),
            (601_000, 1_000_000, 0.6, 0.020653427857575287),
            (12, 15, 0.1, 3.403360000000002e-10), (15, 15, 0.1, 1.0000000000000009e-15),
            (10, 100_000, 1e-6, 2.515238412781603e-17),
        ] as [(Int, Int, Double, Double)])
    func binomial(successes: Int, trials: Int, chance: Double, expected: Double) {
        let p = binomialTail(successes, trials: trials, chance: chance)
        #expect(abs(p / expected - 1) < 1e-11, "\(p)")
    }

    @Test("Tails are the sums of all probabilities, which sum to one", arguments: [1, 7, 16, 60])
    func sums(trials: Int) {
        let chance = 0.23
        let all = (0...trials).map { binomialProbability($0, trials, chance) }
        #expect(abs(all.reduce(0, +) - 1) < 1e-13)
        for successes in 0...trials {
            let sum = all[successes...].reduce(0, +)
            let tail = binomialTail(successes, trials: trials, chance: chance)
            #expect(abs(tail - sum) < 1e-13)
        }
    }

    @Test("Impossible and certain counts have their own answers")
    func ends() {
        #expect(binomialTail(0, trials: 10, chance: 0.3) == 1)
        #expect(binomialTail(11, trials: 10, chance: 0.3) == 0)
        #expect(binomialTail(1, trials: 10, chance: 0) == 0)
        #expect(binomialTail(10, trials: 10, chance: 1) == 1)
        #expect(binomialTail(1, trials: 0, chance: 0.5) == 0)
        #expect(binomialTail(1, trials: 2, chance: .nan).isNaN)
    }
}
