import AnomalyModels
import Foundation
import Testing

@testable import AnomalyDetection

@Suite("What behaviour says")
struct BehaviourReadingTests {
    private static let day = Fixtures.day
    /// A Wednesday, 12:00 UTC.
    private static let now = 19_683 * day + day / 2

    @Test("A day of 40 after days of 3 is nine deviations of a Poisson count above its forecast")
    func spike() {
        let counts = [Double](repeating: 3, count: 49) + [40]
        let reading = ActivityForecast(counts, bucketsPerWeek: 7).readings[49]
        #expect(abs(reading.expected - 3) < 1e-9)
        #expect(abs(reading.z - 2 * (40.375.squareRoot() - 3.375.squareRoot())) < 1e-9)
        #expect(reading.rule == .lastValue)
    }

    @Test("What the last bucket still lacks is no error, in one that is over it is")
    func unfinished() {
        let counts = [Double](repeating: 30, count: 48) + [0, 0]
        let readings = ActivityForecast(counts, bucketsPerWeek: 7).readings
        #expect(readings[49].z == 0)
        #expect(readings[48].z < -9)
    }

    @Test("Quiet weekends are expected, a busy one is not")
    func weekends() {
        // Bucket 0 is a Thursday, so 2 and 3 of each seven are the weekend.
        func count(_ place: Int) -> Double { place % 7 == 2 || place % 7 == 3 ? 0 : 12 }
        let usual = ActivityForecast((0..<50).map(count), bucketsPerWeek: 7).readings
        #expect(usual[35...].allSatisfy { abs($0.z) < 1 })
        var counts = (0..<50).map(count)
        counts[45] = 12
        let busy = ActivityForecast(counts, bucketsPerWeek: 7).readings
        #expect(busy[45].z > 3)
        #expect(busy[45].rule == .weeklyMedian)
    }

    @Test("Too few errors, and gaps, say nothing")
    func silence() {
        let counts = [Double](repeating: .nan, count: 41) + [Double](repeating: 2, count: 9)
        #expect(ActivityForecast(counts, bucketsPerWeek: 7).readings.allSatisfy { $0.z.isNaN })
    }

    @Test("Shares of hours sum to one, and Saturday 02:00 is where it should be")
    func hours() {
        var counts = [Double](repeating: 0, count: 168)
        let saturday = HourProfile.slot(of: 1_772_848_800)
        #expect(saturday == 2 * 24 + 2)
        counts[Int(saturday)] = 50
        let profile = HourProfile.uniform.drawn(by: counts)
        #expect(abs(profile.shares.reduce(0, +) - 1) < 1e-12)
        #expect(profile.shares.allSatisfy { $0 > 0 })
        #expect(profile.shares[Int(saturday)] > 0.6)
        #expect(profile.shares[Int(saturday) + 24] > profile.shares[Int(saturday) - 24])
    }

    /// An entity with so many events a day at an hour for forty days, and then some today.
    private func detector(
        hour: Double, daily: Int = 2, days: Int = 40, today: Int, todayHour: Double
    ) throws -> AnomalyDetector {
        var batch = ChangeBatch(entities: Fixtures.entities(1...20))
        func meet(_ time: Double) {
            let id = Int64(batch.relationships.count)
            batch.relationships.append(Fixtures.relationship(id, 1, 2 + id % 19, time: time))
        }
        let midnight = Self.now - Self.day / 2
        for day in 1...days {
            for place in 0..<daily {
                meet(midnight - Self.day * Double(day) + 3600 * hour + 60 * Double(place))
            }
        }
        for place in 0..<today { meet(midnight + 3600 * todayHour + 60 * Double(place)) }
        return try Fixtures.detector(batch)
    }

    private static let model = BehaviourModel(
        bucketSeconds: Fixtures.day, hours: [:], autoencoder: nil)

    @Test("A spike is told with what was expected, a drift with its beginning")
    func spikeAndDrift() throws {
        let spike = try detector(hour: 8, today: 60, todayHour: 9)
            .behaviourReading(of: 1, asOf: Self.now, by: Self.model)
        #expect(try #require(spike).residual > 8)
        #expect(spike?.residualPlace == 49)
        let told = try #require(spike?.explanation(by: Self.model)?.forecast)
        #expect(told.value == 60)
        #expect(abs(told.expected - 2) < 0.01)
        #expect(told.time == "2023-11-22T00:00:00Z")

        var batch = ChangeBatch(entities: Fixtures.entities(1...20))
        for day in 0..<45 {
            for place in 0..<(day < 8 ? 14 : 2) {
                let id = Int64(batch.relationships.count)
                let time = Self.now - Self.day * Double(day) - 60 * Double(place + 1)
                batch.relationships.append(Fixtures.relationship(id, 1, 2 + id % 19, time: time))
            }
        }
        let drift = try #require(
            try Fixtures.detector(batch).behaviourReading(of: 1, asOf: Self.now, by: nil))
        #expect(drift.drift > 8)
        #expect(drift.driftDirection == .up)
        #expect(drift.driftPlace == 42)
        let figures = try #require(drift.explanation(by: nil)?.drift)
        #expect(figures.since == "2023-11-15T00:00:00Z")
        #expect(figures.mean == 14)
        #expect(figures.meanBefore < 2.01)
    }

    @Test("Without enough of a past there is no verdict", arguments: [(15, 2), (5, 40)])
    func noHistory(days: Int, daily: Int) throws {
        let reading = try #require(
            try detector(hour: 8, daily: daily, days: days, today: 50, todayHour: 9)
                .behaviourReading(of: 1, asOf: Self.now, by: Self.model))
        #expect(reading.forecast == nil)
        #expect(BehaviourReading.detectors.allSatisfy { reading.score($0).isNaN })
        #expect(reading.explanation(by: Self.model) == nil)
    }

    @Test(
        "Values that go back and forth swing, a steady rise does not, in whatever order they come")
    func swings() throws {
        func swing(_ values: [(Double, Double)]) -> Double {
            var recent = RecentValues()
            for (day, value) in values {
                recent.insert(
                    ObservationRecord(
                        .entity(1), observedAt: Self.now - Self.day * day, confidence: value))
            }
            return recent.confidenceSwing(asOf: Self.now)
        }
        #expect(abs(swing([(3, 0.2), (2, 0.8), (1, 0.2)]) - 0.6) < 1e-6)
        #expect(abs(swing([(1, 0.2), (3, 0.2), (2, 0.8)]) - 0.6) < 1e-6)
        #expect(abs(swing([(3, 0.2), (2, 0.5), (1, 0.9)])) < 1e-6)
        #expect(swing([(3, 0.2), (2, 0.8)]).isNaN)
        #expect(swing([(95, 0.2), (2, 0.8), (1, 0.2)]).isNaN)
    }

    @Test("The part of a model about behaviour survives its archive, and a damaged one is refused")
    func archive() throws {
        var windows = SequenceWindows(stepCount: 50, featureCount: 15)
        for place in 0..<4 {
            windows.append((0..<750).map { Double(($0 * 7 + place) % 11) })
        }
        let network = try LSTMAutoencoder.fit(
            windows, parameters: .init(hiddenSizes: [4], latentSize: 2, epochCountMax: 1)
        ).model
        var counts = [Double](repeating: 1, count: 168)
        counts[7] = 30
        let model = BehaviourModel(
            bucketSeconds: 3600,
            hours: ["": .uniform, "domain": HourProfile.uniform.drawn(by: counts)],
            autoencoder: network)
        var archive = ModelArchive(metadata: [:], tensors: [:])
        #expect(try BehaviourModel(archive: archive) == nil)
        model.encode(into: &archive)
        #expect(try BehaviourModel(archive: archive) == model)
        var damaged = archive
        damaged.tensors["behaviour.hours"] = Tensor([Double](repeating: -1, count: 336))
        #expect(throws: ModelFileError.self) { try BehaviourModel(archive: damaged) }
        damaged.tensors["behaviour.hours"] = Tensor([1.0])
        #expect(throws: ModelFileError.self) { try BehaviourModel(archive: damaged) }
    }
}
