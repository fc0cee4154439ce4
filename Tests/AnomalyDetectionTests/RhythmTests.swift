import Foundation
import Testing

@testable import AnomalyDetection

@Suite("Silence against the rhythm before it")
struct RhythmTests {
    private static let day = Fixtures.day

    @Test("The surprise is that of no event in the silence when all are spread evenly")
    func surprise() throws {
        // Active every second day for 40 days, then silent for 60.
        let times = (0...20).map { Double($0) * 2 * Self.day } + [100 * Self.day]
        let last = try #require(Rhythm.beforeSilences(in: times).last)
        #expect(last.silentDays == 60)
        #expect(last.rhythm.activeDayCount == 20)
        #expect(last.rhythm.livedDays == 40)
        #expect(last.rhythm.daysBetween == 2)
        #expect(abs(last.rhythm.surprise - 20 * log(100.0 / 40)) < 1e-12)
    }

    @Test("Many events on one day are one active day, and a first sleep is no surprise")
    func crowded() throws {
        let times = (0..<50).map { Double($0) * 60 } + [200 * Self.day]
        let only = try #require(Rhythm.beforeSilences(in: times).first)
        #expect(only.rhythm.activeDayCount == 0)
        #expect(only.rhythm.surprise == 0)
        #expect(only.rhythm.daysBetween.isNaN)
        #expect(Rhythm.beforeSilences(in: []).isEmpty)
        #expect(Rhythm.beforeSilences(in: [5]).isEmpty)
    }

    @Test("The same silence is stranger for the livelier entity")
    func livelier() {
        let quiet = Rhythm(livedDays: 100, activeDayCount: 4, silentDays: 90)
        let lively = Rhythm(livedDays: 100, activeDayCount: 50, silentDays: 90)
        #expect(lively.surprise > 10 * quiet.surprise)
    }
}
