import Foundation
import Testing

@testable import AnomalyModels

@Suite("Amounts: structuring, deviation, bursts, types")
struct AmountTests {
    @Test("Three of ten amounts near the threshold against a type with two in a hundred")
    func structuring() throws {
        let own: [Double] = [9_500, 9_000, 9_999.99, 10_000, 8_999, 5, 12, 40, 700, 90]
        let entity = NearThresholdCounts(own)
        #expect(entity.count == 10 && entity.nearCounts == [3])
        // 5,000 others, 99 near: (99 + 1) / (4,999 + 1) = 0.02.
        let others = [Double](repeating: 9_100, count: 99) + [Double](repeating: 1, count: 4_900)
        let result = try #require(Structuring(entity, type: NearThresholdCounts(own + others)))
        #expect(result.usualShare == 0.02 && result.nearCount == 3 && result.share == 0.3)
        #expect(abs(result.tailProbability / 0.0008639062799509914 - 1) < 1e-12)
    }

    @Test("The usual share is at least 0.2 %, and a type with few others calls nothing strange")
    func usualShare() throws {
        let entity = NearThresholdCounts([Double](repeating: 9_500, count: 10))
        let alone = try #require(Structuring(entity, type: entity))
        #expect(alone.usualShare == 1 && alone.tailProbability == 1)
        var type = entity
        for _ in 0..<100_000 { type.add(3) }
        let result = try #require(Structuring(entity, type: type))
        #expect(result.usualShare == 0.002 && abs(result.tailProbability / 1.024e-27 - 1) < 1e-9)
        #expect(Structuring(NearThresholdCounts([1, 2, 3]), type: type) == nil)
    }

    @Test("Of several thresholds the most crowded counts, times their number")
    func thresholds() throws {
        let own = [Double](repeating: 2_900, count: 4) + [Double](repeating: 50, count: 8)
        let limits = [10_000.0, 3_000]
        let others = (0..<1_000).map { 20 + Double($0) }
        let type = NearThresholdCounts(own + others, thresholds: limits)
        let result = try #require(
            Structuring(NearThresholdCounts(own, thresholds: limits), type: type))
        #expect(result.threshold == 3_000 && result.nearCount == 4)
        let p = binomialTail(4, trials: 12, chance: 0.002)
        #expect(abs(result.tailProbability - 2 * p) < 1e-20)
    }

    @Test("Counts come and go with their amounts")
    func structuringStream() {
        var counts = NearThresholdCounts([9_500, 100, 9_400])
        counts.remove(9_500)
        counts.add(-5)
        counts.add(.nan)
        #expect(counts == NearThresholdCounts([9_400, 100]))
    }

    @Test("A sketch's median lies within 1/128 of a decade, and amounts may leave it again")
    func sketch() {
        var random = SeededRandom(seed: 8)
        let amounts = (0..<3_001).map { _ in exp(random.normal() * 3) }
        var sketch = LogarithmSketch(amounts)
        let exact = RobustStatistics.median(amounts.map { log10($0) })
        #expect(abs(sketch.medianLogarithm - exact) <= LogarithmSketch.errorMax)
        for amount in amounts[1_000...].reversed() { #expect(sketch.remove(amount) == true) }
        #expect(sketch == LogarithmSketch(amounts[..<1_000]))
        for amount in amounts[..<1_000] { #expect(sketch.remove(amount) == true) }
        #expect(sketch == LogarithmSketch() && sketch.medianLogarithm.isNaN)
        for ignored in [0, -1, .nan, .infinity] as [Double] {
            #expect(sketch.add(ignored) == false)
            #expect(sketch.remove(ignored) == false)
        }
        for end in [Double.leastNonzeroMagnitude, .greatestFiniteMagnitude] {
            #expect(
                abs(LogarithmSketch([end]).medianLogarithm - log10(end)) <= LogarithmSketch.errorMax
            )
        }
    }

    @Test("A share of the amounts lies below its logarithm, and merging counts both")
    func sharesAndMerges() {
        let amounts = (0..<11).map { pow(10, Double($0) / 5) }
        let sketch = LogarithmSketch(amounts)
        let error = LogarithmSketch.errorMax
        #expect(abs(sketch.logarithm(atShare: 0.9) - 9.0 / 5) <= error)
        #expect(abs(sketch.logarithm(atShare: 0) - 0) <= error)
        for share in [0, 0.5, 0.9, 1] {
            let same = LogarithmSketch.logarithm(of: amounts.reversed() + [-1], atShare: share)
            #expect(same == sketch.logarithm(atShare: share))
        }
        #expect(LogarithmSketch().logarithm(atShare: 0.5).isNaN)
        #expect(LogarithmSketch.logarithm(of: [], atShare: 0.5).isNaN)
        var merged = LogarithmSketch(amounts.prefix(4))
        merged.merge(LogarithmSketch(amounts.dropFirst(4)))
        merged.merge(LogarithmSketch())
        #expect(merged == sketch)
    }

    @Test("A sender with five amounts is half itself and half its type")
    func amountDeviation() {
        var amounts = AmountDeviation()
        for index in 0..<100 { amounts.add(10, sender: Int64(100 + index), type: 1) }
        for _ in 0..<5 { amounts.add(1_000, sender: 7, type: 1) }
        // The type's median is 10, the sender's 1,000: half way in decades is 100.
        let error = LogarithmSketch.errorMax
        #expect(abs(amounts.usualLogarithm(sender: 7, type: 1) - 2) <= error)
        #expect(abs(amounts.score(1e5, sender: 7, type: 1) - 3) <= error)
        #expect(abs(amounts.score(1e5, sender: 8, type: 1) - 4) <= error)
        #expect(amounts.score(1e5, sender: 7, type: 2).isNaN)
        #expect(amounts.score(-1, sender: 7, type: 1).isNaN)
    }

    @Test("Amounts in any order, with some taken back, give the batch's scores to the bit")
    func amountStream() {
        var random = SeededRandom(seed: 9)
        let rows = (0..<600).map { _ in
            (
                exp(random.normal() * 2 + 5), Int64(random.index(below: 9)),
                Int32(random.index(below: 2))
            )
        }
        let batch = AmountDeviation.scores(
            rows.map(\.0), senders: rows.map(\.1), types: rows.map(\.2))
        var stream = AmountDeviation()
        for row in rows.reversed() { stream.add(row.0, sender: row.1, type: row.2) }
        stream.add(4, sender: 3, type: 0)
        stream.remove(4, sender: 3, type: 0)
        for (row, score) in zip(rows, batch) {
            #expect(stream.score(row.0, sender: row.1, type: row.2).bitPattern == score.bitPattern)
        }
    }

    @Test("The most rows of any window, bucket by bucket")
    func burst() {
        let times: [Double] = [0, 30, 7_100, 7_199, 7_200, 7_260, 20_000]
        // Buckets 0, 0, 118, 119, 120, 121, 333; windows of 120 buckets.
        #expect(Burst.largest(times: times) == 4)
        var stream = Burst()
        var counts: [Int] = []
        for time in times { counts.append(stream.update(time: time)) }
        #expect(counts == [1, 2, 3, 4, 3, 4, 1])
        #expect(stream.largestCount == 4 && stream.currentCount == 1)
        #expect(stream.update(time: 19_000) == 2)
        for ignored in [0, .nan, .infinity] as [Double] {
            #expect(stream.update(time: ignored) == 2)
        }
        #expect(Burst.largest(times: []) == 0)
    }

    @Test(
        "Rows in order stream to the batch's count; memory stays within a window", arguments: 1...5)
    func burstStream(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var time = -50_000.0
        var times: [Double] = []
        var stream = Burst()
        for _ in 0..<3_000 {
            time += -log(1 - random.uniform()) * (random.uniform() < 0.02 ? 5_000 : 60)
            times.append(time)
            stream.update(time: time)
        }
        #expect(stream.largestCount == Burst.largest(times: times.reversed()))
    }

    @Test("Type surprise is the add-one logarithm, silent below 30 rows of a pair")
    func types() {
        let usual = TypeSurprise.Triple(type: 1, source: 1, target: 2)
        let rare = TypeSurprise.Triple(type: 2, source: 1, target: 2)
        var counts = TypeSurprise()
        for _ in 0..<28 { counts.add(usual) }
        counts.add(rare)
        #expect(counts.score(usual).isNaN)
        counts.add(usual)
        // 30 rows of two types, and one for a type never seen: 33.
        #expect(counts.score(usual) == -log2(30.0 / 33))
        #expect(counts.score(rare) == -log2(2.0 / 33))
        #expect(counts.score(.init(type: 3, source: 1, target: 2)) == -log2(1.0 / 33))
        #expect(counts.score(.init(type: 1, source: 2, target: 1)).isNaN)
        counts.remove(rare)
        #expect(counts.score(usual).isNaN)
        counts.remove(rare)
        counts.add(usual)
        #expect(counts.score(usual) == -log2(31.0 / 32))
    }

    @Test("Rows of types in any order give the batch's surprise")
    func typeStream() {
        var random = SeededRandom(seed: 10)
        let rows = (0..<500).map { _ in
            TypeSurprise.Triple(
                type: Int32(random.index(below: 4)), source: Int32(random.index(below: 2)),
                target: Int32(random.index(below: 2)))
        }
        let batch = TypeSurprise.scores(rows)
        var stream = TypeSurprise()
        for row in rows.reversed() { stream.add(row) }
        #expect(zip(rows, batch).allSatisfy { stream.score($0) == $1 })
    }
}
