import Foundation
import Testing

@testable import AnomalyModels

@Suite("Tail calibration")
struct TailCalibrationTests {
    enum Distribution: String, CaseIterable, Sendable {
        case normal, uniform, exponential, beta, rounded
        /// The logarithm of one plus the size of a Student t with three degrees of freedom.
        case logarithmOfHeavyTail

        func draw(_ random: inout SeededRandom) -> Double {
            switch self {
            case .normal: return random.normal()
            case .uniform: return random.uniform()
            case .exponential: return -log(1 - random.uniform())
            case .beta: return random.uniform() * random.uniform()
            case .rounded: return (random.normal() * 20).rounded() / 20
            case .logarithmOfHeavyTail:
                let squares = (0..<3).reduce(0.0) { sum, _ in
                    let normal = random.normal()
                    return sum + normal * normal
                }
                return log(1 + abs(random.normal()) / (squares / 3).squareRoot())
            }
        }

        func sample(_ count: Int, seed: UInt64) -> [Double] {
            var random = SeededRandom(seed: seed)
            return (0..<count).map { _ in draw(&random) }
        }
    }

    @Test(
        "Tail probabilities of held-back normal rows are as frequent as they say",
        arguments: Distribution.allCases, [600, 1_000, 3_000])
    func heldBack(distribution: Distribution, count: Int) throws {
        let testCount = 4_000
        let seeds = UInt64(1)...8
        var hits = [0.1: 0.0, 0.01: 0.0, 0.001: 0.0]
        for seed in seeds {
            let calibration = try #require(
                TailCalibration.fit(distribution.sample(count, seed: seed)))
            for score in distribution.sample(testCount, seed: 1_000 + seed) {
                let p = calibration.tailProbability(score)
                for level in hits.keys where p <= level { hits[level, default: 0] += 1 }
            }
        }
        for (level, hit) in hits {
            // The rows behind the calibrations and those tested both bring chance: three standard
            // deviations of the two, times 1.5.
            let tested = Double(testCount) * Double(seeds.count)
            let behind = Double(count) * Double(seeds.count)
            let spread = (level * (1 - level) * (1 / tested + 1 / behind)).squareRoot()
            #expect(
                hit / tested < level + 1.5 * 3 * spread,
                "\(distribution) n \(count): \(hit / tested / level) times \(level)")
            // Above all it must not be shy at 0.1 and 0.01; at 0.001 it may be, by its clamp.
            if level > 0.001 {
                #expect(
                    hit / tested > level - 1.5 * 3 * spread,
                    "\(distribution) n \(count): \(hit / tested / level) times \(level)")
            }
        }
    }

    @Test(
        "Probabilities never increase with the score and stay within their bounds",
        arguments: Distribution.allCases, [10, 59, 60, 200, 5_000])
    func monotone(distribution: Distribution, count: Int) throws {
        let scores = distribution.sample(count, seed: 77)
        let calibration = try #require(TailCalibration.fit(scores))
        let lowest = try #require(scores.min())
        let highest = try #require(scores.max())
        let width = highest - lowest
        var last = 1.0
        for step in -100...3_000 {
            let p = calibration.tailProbability(lowest + width * Double(step) / 1_000)
            #expect(p <= last && p >= calibration.smallestProbability)
            last = p
        }
        #expect(calibration.tailProbability(.infinity) == calibration.smallestProbability)
        #expect(calibration.tailProbability(-.infinity) > 0.5)
        #expect(calibration.tailProbability(.nan).isNaN)
    }

    @Test("The curve has no jump where the tail takes over", arguments: [60, 600, 5_000])
    func continuous(count: Int) throws {
        let calibration = try #require(
            TailCalibration.fit(Distribution.normal.sample(count, seed: 5)))
        let last = try #require(calibration.knotScores.last)
        for score in [calibration.threshold, last] {
            let below = calibration.tailProbability(score - 1e-12)
            let above = calibration.tailProbability(score + 1e-12)
            #expect(abs(below - above) < 1e-6)
        }
    }

    @Test("Ten ranks without ties are what the formula says")
    func smallSample() throws {
        let calibration = try #require(TailCalibration.fit((1...10).map(Double.init)))
        // Three scores are greater, one is equal: (3 + 1/2 + 1) / 11.
        #expect(calibration.tailProbability(7) == 4.5 / 11)
        #expect(abs(calibration.tailProbability(6.5) - 5.0 / 11) < 1e-15)
        #expect(calibration.tailProbability(10) == 1.5 / 11)
        #expect(calibration.tailProbability(1_000) == 1.0 / 11)
        #expect(calibration.smallestProbability == 1.0 / 11)
        #expect(!calibration.hasTail && calibration.shape.isNaN)
    }

    @Test("Tied scores take the middle of their ranks")
    func ties() throws {
        let calibration = try #require(
            TailCalibration.fit([0, 0, 0, 0, 0, 0, 0, 0, 1, 2]))
        // Greater ones, half of the equal ones, and one: 2 + 4 + 1 and 1 + 1/2 + 1.
        #expect(calibration.tailProbability(0) == 7.0 / 11)
        #expect(calibration.tailProbability(1) == 2.5 / 11)
    }

    @Test("Many zeros keep their own probability beside a tail that begins at them")
    func manyZeros() throws {
        let tail = Distribution.exponential.sample(100, seed: 4)
        let calibration = try #require(
            TailCalibration.fit([Double](repeating: 0, count: 900) + tail))
        #expect(abs(calibration.tailProbability(0) - 551.0 / 1_001) < 1e-12)
        #expect(calibration.tailProbability(3) < 0.02)
        #expect(calibration.hasTail)
    }

    @Test("Constant scores say one half of themselves and are surprised by anything above")
    func constants() throws {
        let calibration = try #require(
            TailCalibration.fit([Double](repeating: 4, count: 100)))
        #expect(calibration.tailProbability(4) == 51.0 / 101)
        #expect(calibration.tailProbability(4.1) == 1.0 / 101)
        #expect(calibration.tailProbability(3) == 51.0 / 101)
    }

    @Test("Fewer than ten scores are no calibration, and missing ones do not count")
    func tooFew() {
        #expect(TailCalibration.fit([1, 2, 3, 4, 5, 6, 7, 8, 9, .nan, .infinity]) == nil)
        #expect(TailCalibration.fit([]) == nil)
        #expect(TailCalibration.fit([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, .nan])?.count == 10)
    }

    @Test("Few rows far out are left out, and so come out rarer than one in 10,000")
    func farOut() throws {
        let far = (0..<20).map { 30 + Double($0) }
        let scores = Distribution.normal.sample(980, seed: 3) + far
        let with = try #require(TailCalibration.fit(scores, farOut: .init(unit: 1)))
        #expect(with.leftOutCount == 20 && with.count == 980)
        #expect(with.tailProbability(30) < 1e-4)
        let without = try #require(TailCalibration.fit(scores))
        #expect(without.leftOutCount == 0)
        #expect(without.tailProbability(30) > 0.005)
    }

    @Test("Where more than 3 % lie far out it is a heavy tail, and none is left out")
    func heavyTail() throws {
        let far = (0..<40).map { 30 + Double($0) }
        let scores = Distribution.normal.sample(960, seed: 3) + far
        let calibration = try #require(TailCalibration.fit(scores, farOut: .init(unit: 1)))
        #expect(calibration.leftOutCount == 0 && calibration.count == 1_000)
    }

    @Test("The unit keeps small differences beside many zeros from being far out")
    func unit() throws {
        let scores = [Double](repeating: 0, count: 980) + [Double](repeating: 1, count: 20)
        let wide = try #require(TailCalibration.fit(scores, farOut: .init(unit: 1)))
        #expect(wide.leftOutCount == 0)
        let narrow = try #require(TailCalibration.fit(scores, farOut: .init(unit: 0.1)))
        #expect(narrow.leftOutCount == 20)
    }

    @Test("The fitted tail has the shape that the rows have, bounded from below")
    func shapes() throws {
        func fitted(_ shape: Double) throws -> GeneralizedPareto {
            var random = SeededRandom(seed: 12)
            let sample = (0..<20_000).map { _ in
                (pow(1 - random.uniform(), -shape) - 1) / shape * 3
            }
            return try #require(GeneralizedPareto(fitting: sample.sorted()))
        }
        let heavy = try fitted(0.5)
        #expect(abs(heavy.shape - 0.5) < 0.05)
        #expect(abs(heavy.scale - 3) < 0.15)
        let light = try fitted(-0.1)
        #expect(abs(light.shape + 0.1) < 0.03)
        let ending = try fitted(-0.8)
        #expect(ending.shape == -0.25)
        // The mean of this tail is 3 / 1.8; the bounded one keeps it.
        let scale = 3 / 1.8 * 1.25
        #expect(abs(ending.scale - scale) < 0.05)
    }

    @Test("Scores of any size give the same probabilities", arguments: [1e-12, 1e12])
    func units(factor: Double) throws {
        let scores = Distribution.exponential.sample(2_000, seed: 8)
        let plain = try #require(TailCalibration.fit(scores))
        let scaled = try #require(TailCalibration.fit(scores.map { $0 * factor }))
        for score in [0.1, 1, 3, 7, 12] {
            let expected = plain.tailProbability(score)
            #expect(abs(scaled.tailProbability(score * factor) / expected - 1) < 1e-6)
        }
    }

    @Test("A stored body of at most 1,024 points departs by less than one per cent")
    func thinning() throws {
        let scores = Distribution.normal.sample(50_000, seed: 6)
        let calibration = try #require(TailCalibration.fit(scores))
        #expect(calibration.knotScores.count <= TailCalibration.knotCountMax)
        let sorted = scores.sorted()
        for index in stride(from: 0, to: 47_000, by: 97) {
            let exact = (Double(sorted.count - 1 - index) + 1.5) / Double(sorted.count + 1)
            #expect(abs(calibration.tailProbability(sorted[index]) / exact - 1) < 0.01)
        }
    }

    @Test("It survives JSON to the bit", arguments: [10, 100, 5_000])
    func coding(count: Int) throws {
        let calibration = try #require(
            TailCalibration.fit(Distribution.normal.sample(count, seed: 2)))
        let json = try JSONEncoder().encode(calibration)
        let again = try JSONDecoder().decode(TailCalibration.self, from: json)
        #expect(again == calibration)
        for score in [-3, 0, 1.3, 2.5, 9] {
            #expect(again.tailProbability(score) == calibration.tailProbability(score))
        }
    }

    @Test(
        "JSON that is no calibration is refused",
        arguments: [
            #"{"count":5,"leftOutCount":0,"exceedanceCount":0,"knotScores":[1],"knotProbabilities":[1]}"#,
            #"{"count":50,"leftOutCount":0,"exceedanceCount":0,"knotScores":[],"knotProbabilities":[]}"#,
            #"{"count":50,"leftOutCount":0,"exceedanceCount":0,"knotScores":[1,2],"knotProbabilities":[1]}"#,
            #"{"count":50,"leftOutCount":0,"exceedanceCount":0,"knotScores":[2,1],"knotProbabilities":[1,0.5]}"#,
            #"{"count":50,"leftOutCount":0,"exceedanceCount":0,"knotScores":[1,2],"knotProbabilities":[0.5,1]}"#,
            #"{"count":50,"leftOutCount":0,"exceedanceCount":30,"knotScores":[1],"knotProbabilities":[1]}"#,
            #"{"count":100,"leftOutCount":0,"exceedanceCount":30,"threshold":0,"shape":0,"scale":9,"knotScores":[0,1],"knotProbabilities":[0.5,0.01]}"#,
        ])
    func foreignJSON(text: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(TailCalibration.self, from: Data(text.utf8))
        }
    }
}
