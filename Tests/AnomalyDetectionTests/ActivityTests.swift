import AnomalyModels
import GraphEngine
import Testing

@testable import AnomalyDetection

@Suite("Activity and structure of one entity")
struct ActivityTests {
    private let now = Fixtures.now
    private let day = Fixtures.day

    private func subject(
        _ batch: ChangeBatch, settings: DetectionSettings = DetectionSettings(),
        asOf: Double = Fixtures.now
    ) throws -> EntitySubject {
        let detector = try Fixtures.detector(batch, settings: settings)
        return try #require(detector.subject(of: 1, asOf: asOf))
    }

    private func star(times: [Double]) -> ChangeBatch {
        ChangeBatch(
            entities: Fixtures.entities(1...Int64(times.count + 1)),
            relationships: times.enumerated().map { place, time in
                Fixtures.relationship(Int64(place + 1), 1, Int64(place + 2), time: time)
            })
    }

    @Test("A burst counts the relationships of the window before the time asked about")
    func burst() throws {
        let batch = star(times: [now - 7200, now - 7199, now - 60, now, now + 1, .nan])
        #expect(try subject(batch).activity.burstCount == 3)
        #expect(try subject(batch, asOf: now + 7300).activity.burstCount == 0)
    }

    @Test("The largest burst of the past is that of any window")
    func largestBurst() {
        let times = [0.0, 10, 20, 100, 101, 102, 103, 200]
        #expect(AnomalyDetector.largestBurst(in: times, windowSeconds: 50) == 4)
        #expect(AnomalyDetector.largestBurst(in: times, windowSeconds: 1) == 1)
        #expect(AnomalyDetector.largestBurst(in: [], windowSeconds: 50) == 0)
        #expect(AnomalyDetector.largestBurst(in: times, windowSeconds: 1000) == 8)
    }

    @Test("A bulk load at one instant is no burst, a large transaction is one")
    func bulkLoad() throws {
        var settings = DetectionSettings()
        settings.bulkInstantRowsMax = 20
        func batch(_ count: Int64) -> ChangeBatch {
            ChangeBatch(
                entities: Fixtures.entities(1...count + 1),
                relationships: (1...count).map {
                    RelationshipRecord(
                        id: $0, sourceEntityID: 1, targetEntityID: $0 + 1, typeCode: 1,
                        createdAt: now - 60)
                })
        }
        #expect(try subject(batch(21), settings: settings).activity.burstCount == 0)
        #expect(try subject(batch(20), settings: settings).activity.burstCount == 20)
    }

    @Test("Dormancy is the silence before the first activity of the last day")
    func dormancy() throws {
        let batch = star(times: [now - 100 * day, now - 90 * day, now - 600, now - 60])
        let activity = try subject(batch).activity
        #expect(abs(activity.dormancyDays - (90 - 600 / day)) < 1e-9)
        #expect(activity.wokeAt == now - 600)
        #expect(try subject(batch, asOf: now + 2 * day).activity.dormancyDays.isNaN)
    }

    @Test("Updates and sightings break a silence, the creation of a row only an earlier nothing")
    func silences() throws {
        var batch = star(times: [now - 100 * day, now - 60])
        batch.observations = [ObservationRecord(.entity(1), observedAt: now - 20 * day)]
        #expect(try Int(subject(batch).activity.dormancyDays) == 19)
        batch.entities[0].lastSeen = now - 5 * day
        #expect(try Int(subject(batch).activity.dormancyDays) == 4)

        var loaded = star(times: [now - 100 * day])
        loaded.entities[0].createdAt = now - 60
        #expect(try subject(loaded).activity.dormancyDays.isNaN, "loaded today, not woken")
        var born = star(times: [now - 60])
        born.entities[0].createdAt = now - 30 * day
        #expect(try Int(subject(born).activity.dormancyDays) == 29)
        #expect(try subject(star(times: [now - 60])).activity.dormancyDays.isNaN)
    }

    @Test("Triangle excess is that of the configuration model, and silent below degree 2")
    func triangleExcess() throws {
        let detector = try Fixtures.detector(Fixtures.smallGraph())
        // Degrees 1, 3, 3, 2, 3: mean 2.4, mean square 6.4.
        let closure = min(1, 16.0 / (5 * 2.4 * 2.4 * 2.4))
        let expected = closure * 3
        let excess = (2 - expected) / (expected + 1).squareRoot()
        // 5 lies in the triangles 2-3-5 and 3-4-5.
        #expect(detector.graph.triangleCount(of: try #require(detector.live(5)).node) == 2)
        let five = try #require(detector.subject(of: 5, asOf: now))
        #expect(abs(five.triangleExcess - excess) < 1e-12)
        #expect(try #require(detector.subject(of: 1, asOf: now)).triangleExcess.isNaN)
    }

    /// Two rings with chords, far apart, and a new relationship between them.
    private func islands(joinedAt time: Double) -> ChangeBatch {
        var batch = ChangeBatch(entities: Fixtures.entities(1...20))
        var next: Int64 = 1
        for base in [Int64(0), 10] {
            for place in Int64(0)..<10 {
                for step in [Int64(1), 2] {
                    let other = base + (place + step) % 10 + 1
                    batch.relationships.append(
                        Fixtures.relationship(
                            next, base + place + 1, other, time: now - 9 * day))
                    next += 1
                }
            }
        }
        batch.relationships.append(Fixtures.relationship(next, 1, 11, time: time))
        return batch
    }

    @Test("A new relationship between islands has the longest tie there is")
    func tieRange() throws {
        let tie = try #require(try subject(islands(joinedAt: now - 60)).longestTie)
        #expect(tie.range == 7)
        #expect(tie.checkedCount == 1)
        #expect(try subject(islands(joinedAt: now - 3 * day)).longestTie == nil)
    }

    @Test("A tie speaks only where both ends have three other neighbours")
    func poorTies() throws {
        var batch = islands(joinedAt: now - 60)
        batch.entities += Fixtures.entities(21...21)
        batch.relationships.removeLast()
        batch.relationships.append(Fixtures.relationship(99, 1, 21, time: now - 60))
        #expect(try subject(batch).longestTie == nil)
    }

    @Test("Signals count what points at the entity, its neighbours' types and their risk")
    func signals() throws {
        var batch = ChangeBatch(
            entities: Fixtures.entities(1...2) + Fixtures.entities(3...3, type: 2)
                + Fixtures.entities(4...4, type: 3))
        batch.entities[0].riskScore = 0.9
        batch.entities[1].riskScore = 0.1
        batch.entities[2].riskScore = 0.2
        batch.entities[0].hasName = false
        batch.relationships = [
            Fixtures.relationship(1, 2, 1, type: 1), Fixtures.relationship(2, 2, 1, type: 1),
            Fixtures.relationship(3, 3, 1, type: 1), Fixtures.relationship(4, 1, 4, type: 2),
            Fixtures.relationship(5, 3, 1, type: 3, weight: -6),
        ]
        let detector = try Fixtures.detector(batch)
        let subject = try #require(detector.subject(of: 1, asOf: now))
        let signals = detector.signals(of: subject)
        #expect(signals.inboundCounts == ["resolves_to": 2, "rates": 1])
        #expect(signals.value(.inDegree) == 4)
        #expect(signals.value(.outDegree) == 1)
        #expect(signals.value(.degree) == 3)
        #expect(signals.value(.distinctNeighbourTypes) == 3)
        #expect(abs(signals.value(.neighbourRiskGap) - 0.75) < 1e-12)
        // Of two neighbours: √(2 / 4).
        #expect(abs(signals.value(.neighbourRiskExcess) - 0.75 * 0.5.squareRoot()) < 1e-12)
        #expect(signals.value(.hasName) == 0)
        #expect(signals.value(.meanRating) == -2)
        #expect(signals.value(.ratingCount) == 1)
        #expect(
            signals.value(.inboundCount(relationshipType: "owns"), features: subject.features)
                == 0)
    }

    @Test("The neighbourhood keeps the newest when the limit bites, and says that it did")
    func neighbourhood() throws {
        let batch = star(times: (0..<9).map { now - Double($0) * 100 })
        let detector = try Fixtures.detector(batch)
        let whole = detector.neighbourhood(of: 1, hops: 2, nodeLimit: 50)
        #expect(whole.nodes.count == 10)
        #expect(whole.edges.map(\.relationshipID) == Array(1...9))
        #expect(!whole.isTruncated)
        let part = detector.neighbourhood(of: 1, hops: 1, nodeLimit: 4)
        #expect(part.nodes.map(\.entityID) == [1, 2, 3, 4])
        #expect(part.nodes.map(\.hop) == [0, 1, 1, 1])
        #expect(part.edges.count == 3)
        #expect(part.isTruncated)
        let far = detector.neighbourhood(of: 5, hops: 2, nodeLimit: 50)
        #expect(far.nodes.count == 10)
        #expect(far.nodes[1] == .init(entityID: 1, hop: 1, typeName: "domain"))
        #expect(detector.neighbourhood(of: 99, hops: 2, nodeLimit: 5).nodes.isEmpty)
    }
}
