import AnomalyModels
import Testing

@Suite("Seeded random numbers")
struct SeededRandomTests {
    @Test("SplitMix64 and xoshiro256** give the numbers of an independent computation")
    func publishedSequence() {
        var random = SeededRandom(seed: 42)
        let drawn = (0..<4).map { _ in random.next() }
        #expect(
            drawn == [
                1_546_998_764_402_558_742, 6_990_951_692_964_543_102, 12_544_586_762_248_559_009,
                17_057_574_109_182_124_193,
            ])
    }

    @Test("The same seed repeats its numbers and another stream has others")
    func streams() {
        var first = SeededRandom(seed: 7, stream: 3)
        var again = SeededRandom(seed: 7, stream: 3)
        var other = SeededRandom(seed: 7, stream: 4)
        let numbers = (0..<8).map { _ in first.next() }
        #expect(numbers == (0..<8).map { _ in again.next() })
        #expect(numbers != (0..<8).map { _ in other.next() })
    }

    @Test("Uniform and normal numbers have the moments of their distributions")
    func moments() {
        var random = SeededRandom(seed: 1)
        let uniform = (0..<20_000).map { _ in random.uniform() }
        let normal = (0..<20_000).map { _ in random.normal() }
        #expect(uniform.allSatisfy { (0..<1).contains($0) })
        #expect(abs(uniform.reduce(0, +) / 20_000 - 0.5) < 0.01)
        #expect(abs(normal.reduce(0, +) / 20_000) < 0.03)
        #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / 20_000 - 1) < 0.05)
    }

    @Test("An index stays below its bound and reaches every value")
    func indices() {
        var random = SeededRandom(seed: 5)
        #expect(Set((0..<500).map { _ in random.index(below: 7) }) == Set(0..<7))
        #expect(random.index(below: 0) == 0)
    }

    @Test("A sample holds distinct positions, all of them where more are asked for")
    func samples() {
        var random = SeededRandom(seed: 5)
        let sample = random.sample(10, below: 30)
        #expect(Set(sample).count == 10 && sample.allSatisfy { (0..<30).contains($0) })
        #expect(random.sample(9, below: 4).sorted() == [0, 1, 2, 3])
    }
}
