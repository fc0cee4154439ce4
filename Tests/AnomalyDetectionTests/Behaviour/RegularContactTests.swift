import AnomalyModels
import Foundation
import Testing

@testable import AnomalyDetection

@Suite("Contacts like clockwork")
struct RegularContactTests {
    private static let day = Fixtures.day
    private static let now = 19_683 * day + day / 2

    @Test("A beat of twelve hours, give or take forty seconds, has 9.7 bits")
    func rhythm() throws {
        let times = (0..<11).map { Double($0) * 43_200 + ($0 % 2 == 0 ? 0 : 40) }
        let rhythm = try #require(RegularContact.Rhythm(times))
        #expect(rhythm.gap == 43_200)
        #expect(rhythm.jitter == 40)
        #expect(rhythm.gapCount == 10)
        #expect(abs(rhythm.score + log2(40.0 / 43_200 + 1.0 / 4096)) < 1e-12)
        // A missed beat and one contact in between change nothing.
        var disturbed = times + [times[10] + 86_400]
        disturbed.insert(times[3] + 9000, at: 4)
        let same = try #require(RegularContact.Rhythm(disturbed))
        #expect(same.gap == 43_200)
        #expect(same.jitter == 40)
    }

    @Test("Few gaps, few days, and contacts at one instant are no rhythm")
    func noRhythm() {
        func beats(_ count: Int, every gap: Double) -> [Double] {
            (0..<count).map { Double($0) * gap }
        }
        #expect(RegularContact.Rhythm(beats(9, every: 43_200)) != nil)
        #expect(RegularContact.Rhythm(beats(8, every: 43_200)) == nil)
        #expect(RegularContact.Rhythm(beats(60, every: 3600)) == nil)
        #expect(RegularContact.Rhythm([Double](repeating: 5, count: 9) + [4e5]) == nil)
        #expect(RegularContact.Rhythm([]) == nil)
    }

    /// An entity that acts every other day at some hour, and contacts entity 7 by its own rhythm.
    private func batch(
        gap: Double, jitter: Double, source: Int64 = 1, target: Int64 = 7, others: Int = 0
    ) -> ChangeBatch {
        var batch = ChangeBatch(entities: Fixtures.entities(1...40))
        func meet(_ source: Int64, _ target: Int64, _ time: Double) {
            batch.relationships.append(
                Fixtures.relationship(
                    Int64(batch.relationships.count), source, target, time: time))
        }
        for day in 1...40 {
            meet(1, 8 + Int64(day % 13), Self.now - Self.day * (Double(day) + 0.3))
        }
        for place in 0..<others {
            meet(2, 8 + Int64(place % 30), Self.now - Self.day * (44 - 0.1 * Double(place)))
        }
        var random = SeededRandom(seed: 1)
        for beat in 0..<40 {
            let shift = jitter * (2 * random.uniform() - 1)
            meet(source, target, Self.now - 3600 - gap * Double(40 - beat) + shift)
        }
        return batch
    }

    private func contact(_ batch: ChangeBatch, of id: Int64 = 1) throws -> RegularContact? {
        try Fixtures.detector(batch).behaviourReading(of: id, asOf: Self.now, by: nil)?.contact
    }

    @Test("A beacon is found among other contacts, told with its figures and its sender alone")
    func beacon() throws {
        let batch = batch(gap: 43_200, jitter: 40)
        let found = try #require(try contact(batch))
        #expect(found.entityID == 7)
        #expect(found.score > 9)
        #expect(found.rows.count == 40)
        #expect(try contact(batch, of: 7) == nil)
        let told = try Fixtures.detector(batch)
            .behaviourReading(of: 1, asOf: Self.now, by: nil)?.explanation(by: nil)?.regularity
        let regularity = try #require(told)
        #expect(abs(regularity.gapSeconds - 43_200) < 40)
        #expect(regularity.jitterSeconds < 40)
        #expect(regularity.count == 40)
        #expect(regularity.type == "owns")
    }

    @Test("Jitter of hours is a habit, and says nothing")
    func habit() throws {
        #expect(try contact(batch(gap: 43_200, jitter: 9000)) == nil)
    }

    @Test("Of a busy sender the kept buckets say the same, whatever the order of the changes")
    func busy() throws {
        let all = batch(gap: 43_200, jitter: 40, source: 2, others: 300)
        let whole = try Fixtures.detector(all)
        var stepwise = AnomalyDetector(catalog: Fixtures.catalog)
        _ = try stepwise.apply(ChangeBatch(entities: all.entities))
        for start in stride(from: 0, to: all.relationships.count, by: 70) {
            let part = all.relationships.reversed().dropFirst(start).prefix(70)
            _ = try stepwise.apply(ChangeBatch(relationships: Array(part)))
        }
        #expect(whole.busyCount == 1)
        let found = [whole, stepwise].map {
            $0.behaviourReading(of: 2, asOf: Self.now, by: nil)?.contact
        }
        let rhythm = try #require(found[0]?.rhythm)
        #expect(rhythm == found[1]?.rhythm)
        #expect(found[0]?.entityID == 7)
        // Within the newest 256 rows.
        #expect(rhythm.gapCount == 39)
        #expect(abs(rhythm.gap - 43_200) < 40)
    }
}
