import AnomalyModels
import Foundation
import Testing

@testable import AnomalyDetection

@Suite("Activity at unusual hours")
struct OffHoursTests {
    private static let day = Fixtures.day
    /// A Wednesday, 12:00 UTC.
    private static let now = 19_683 * day + day / 2
    /// Everybody works eight hours a day, wherever these lie.
    private static let model: BehaviourModel = {
        var counts = [Double](repeating: 0, count: 168)
        for slot in 0..<168 where (8..<16).contains(slot % 24) { counts[slot] = 20 }
        return BehaviourModel(
            bucketSeconds: Fixtures.day, hours: ["": HourProfile.uniform.drawn(by: counts)],
            autoencoder: nil)
    }()

    @Test("The tail of a count is that of the beta-binomial distribution")
    func tail() {
        func tail(_ count: Int, _ total: Int, _ share: Double, _ known: Double) -> Double {
            OffHoursReading.tail(count, of: total, share: share, knownCount: known)
        }
        // One hit and one miss known: every count is as likely as any other.
        #expect(abs(tail(2, 2, 0.5, 2) - 1.0 / 3) < 1e-12)
        #expect(abs(tail(1, 2, 0.5, 2) - 2.0 / 3) < 1e-12)
        // 1 · 2 · 3 / (10 · 11 · 12).
        #expect(abs(tail(3, 3, 0.1, 10) - 1.0 / 220) < 1e-12)
        #expect(tail(0, 9, 0.1, 10) == 1)
        // Where the share is certain, the binomial one: 0.1³.
        #expect(abs(tail(3, 3, 0.1, 1e9) - 0.001) < 1e-9)
    }

    @Test("What counts are hours, and the windows and sets looked at are paid for")
    func reading() throws {
        // All of its past lies in the eight hours from 8 to 16.
        var past = [Double](repeating: 0, count: 168)
        for slot in 0..<168 where (8..<16).contains(slot % 24) { past[slot] = 20 }
        let profile = HourProfile.uniform.smoothed(by: past)
        let today = Int(Self.now / 3600) / 24 * 24
        let recent = [3, 4, 5, 9].map { today + $0 }
        let reading = try #require(
            OffHoursReading(
                recent: recent, profile: profile, knownCount: 1e9, asOf: Self.now,
                bucketSeconds: Self.day, countMin: 4))
        #expect(reading.eventCount == 4)
        #expect(reading.unusualCount == 3)
        #expect(reading.quietShare <= 0.02)
        #expect(reading.since == Self.now - Self.day)
        // Three windows, and those sets that hold at least an hour.
        let share = reading.quietShare
        let cube: Double = share * share * share
        let tail: Double = 4 * cube * (1 - share) + cube * share
        #expect(abs(reading.surprise + log10(tail) + log10(12)) < 1e-3)
        #expect(
            OffHoursReading(
                recent: Array(recent.prefix(3)), profile: profile, knownCount: 1e9,
                asOf: Self.now, bucketSeconds: Self.day, countMin: 4) == nil)
    }

    @Test(
        "A rhythm is found wherever the days of its entities lie, and laid to where one's days are")
    func rhythm() {
        func worker(from hour: Int) -> [Double] {
            var counts = [Double](repeating: 0, count: 168)
            for slot in 0..<168 where (slot + 168 - hour) % 24 < 8 { counts[slot] = 2 }
            return counts
        }
        let rhythm = HourProfile.rhythm(
            ofAll: [0, 3, 8, 8, 14, 22].map(worker(from:)), from: .uniform)
        #expect(abs(rhythm.shares.reduce(0, +) - 1) < 1e-12)
        // Six mornings tell that its afternoons are no rest, and its nights are.
        var few = [Double](repeating: 0, count: 168)
        for day in 0..<6 { few[24 * day + 9 + day % 2] = 1 }
        let placed = rhythm.placed(by: few).shares
        #expect(abs(placed.reduce(0, +) - 1) < 1e-9)
        #expect(placed[12] > 3 * placed[0])
        #expect(placed[9] > 10 * placed[21])
    }

    /// An entity that acts twice a day from 8 on for forty days, with other acts among them.
    private func detector(
        extra: [Double], hour: Double = 8, isInbound: Bool = false
    ) throws -> AnomalyDetector {
        var batch = ChangeBatch(entities: Fixtures.entities(1...20))
        let midnight = Self.now - Self.day / 2
        let usual: [Double] = (1...40).flatMap { day -> [Double] in
            let first: Double = midnight - Self.day * Double(day) + 3600 * hour
            return [first, first + 4 * 3600]
        }
        for (place, time) in (usual + extra).enumerated() {
            let other = Int64(2 + place % 19)
            let isSent = place < usual.count || !isInbound
            batch.relationships.append(
                Fixtures.relationship(
                    Int64(place), isSent ? 1 : other, isSent ? other : 1, time: time))
        }
        return try Fixtures.detector(batch)
    }

    /// Acts at 1, 2 and 3 o'clock of six nights within twelve.
    private static let nights: [Double] = (0..<6).flatMap { night -> [Double] in
        let midnight: Double = now - day / 2 - 2 * day * Double(night)
        return [midnight + 3600, midnight + 7200, midnight + 10_800]
    }

    private func surprise(_ detector: AnomalyDetector) throws -> OffHoursReading {
        try #require(
            detector.behaviourReading(of: 1, asOf: Self.now, by: Self.model)?.offHours)
    }

    @Test("A few nights among many days are not drowned, in who works at night they are days")
    func nightActs() throws {
        let strange = try surprise(detector(extra: Self.nights))
        #expect(strange.surprise > 4)
        #expect(strange.unusualCount >= 15)
        #expect(strange.eventCount == 18 + 27)
        let worker = try surprise(detector(extra: Self.nights, hour: 0))
        #expect(worker.surprise < 2)
    }

    @Test("Forty rows of one hour are one fact, and who is met at night does not act")
    func nearMisses() throws {
        let three: Double = Self.now - Self.day / 2 + 3 * 3600
        let once: [Double] = (0..<40).map { three + 60 * Double($0) }
        #expect(try surprise(detector(extra: once)).surprise < 2)
        #expect(try surprise(detector(extra: Self.nights, isInbound: true)).surprise < 1)
    }

    @Test(
        "After random changes hours and contacts are those of the rows, from any time",
        arguments: [5, 6])
    func incrementalEqualsRecomputed(seed: UInt64) throws {
        var world = BusyWorld(seed: seed)
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        var spokenCount = 0
        for step in 0..<20 {
            _ = try detector.apply(world.nextBatch())
            guard step % 9 == 1 else { continue }
            let rebuilt = try world.rebuilt()
            let loaded = try world.loaded()
            for id in detector.entityIDs {
                let asOf = BusyWorld.end - 30 * Self.day * world.random.uniform()
                func reading(_ detector: AnomalyDetector) -> BehaviourReading? {
                    detector.behaviourReading(of: id, asOf: asOf, by: Self.model)
                }
                let found = reading(detector)
                if found?.offHours != nil { spokenCount += 1 }
                for other in [reading(rebuilt), reading(loaded)] {
                    #expect(found?.offHours == other?.offHours)
                    #expect(found?.contact?.rhythm == other?.contact?.rhythm)
                    #expect(found?.contact?.entityID == other?.contact?.entityID)
                }
            }
        }
        #expect(spokenCount > 10)
    }
}
