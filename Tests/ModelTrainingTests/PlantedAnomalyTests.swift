import AnomalyDetection
import AnomalyModels
import Foundation
import ModelTraining
import TestSupport
import Testing

@Suite("Planted anomalies in a small world")
struct PlantedAnomalyTests {
    static let later = SmallWorld.now + 3600

    /// Trained once; every test plants into a copy.
    static let trained = Result { try TrainedWorld(seed: 7) }

    struct TrainedWorld {
        var world: SmallWorld
        var detector: AnomalyDetector

        init(seed: UInt64) throws {
            world = SmallWorld(communityCount: 30, seed: seed)
            detector = try world.detector(indicators: DefaultIndicators.load())
            detector.adopt(
                model: try ModelTrainer.train(
                    detector, asOf: SmallWorld.now,
                    options: .init(version: "test", createdAt: SmallWorld.now, checkCount: 0)))
        }
    }

    private func anomaly(
        of id: Int64, in detector: AnomalyDetector
    ) throws -> (judgement: Judgement, finding: AnomalyFinding) {
        let judgement = try #require(detector.judge(id, asOf: Self.later))
        let finding = try #require(
            judgement.anomaly, "score \(judgement.anomalyScore): \(judgement.detectors)")
        return (judgement, finding)
    }

    @Test("Of 1,800 ordinary entities few are high, and none is critical")
    func normals() throws {
        let detector = try Self.trained.get().detector
        for days in [0.0, 1, 7] {
            let scores = detector.entityIDs.compactMap {
                detector.judge($0, asOf: SmallWorld.now + days * SmallWorld.day)?.anomalyScore
            }
            #expect(scores.count == 1800)
            // Nominal are 18 at 0.4 and 1.8 at 0.6.
            #expect(scores.count { $0 >= 0.4 } <= 36, "after \(days) days")
            #expect(scores.count { $0 >= 0.6 } <= 5, "after \(days) days")
            #expect(!scores.contains { $0 >= 0.8 })
        }
    }

    @Test("Ordinary entities that arrive after training are ordinary")
    func newcomers() throws {
        var (world, detector) = try (Self.trained.get().world, Self.trained.get().detector)
        let ids = (0..<40).map { Int64(50_000 + $0) }
        var batch = ChangeBatch()
        for (place, id) in ids.enumerated() {
            batch.entities.append(
                EntityRecord(
                    id: id, typeCode: 1, confidence: 0.8, riskScore: 0.1, sourceCount: 1,
                    metadataRichness: 0.5, tagCount: 1, firstSeen: Self.later - 10,
                    lastSeen: Self.later - 10, createdAt: Self.later - 5,
                    updatedAt: Self.later - 5))
            batch.relationships.append(
                world.relationship(
                    id, world.pick(place % 30, 2), 1, time: Self.later - 5))
        }
        _ = try detector.apply(batch)
        let scores = ids.compactMap { detector.judge($0, asOf: Self.later)?.anomalyScore }
        #expect(scores.count == 40)
        #expect(scores.allSatisfy { $0 < 0.5 }, "\(scores)")
    }

    @Test("Sixty messages within an hour are a burst, and those who got them are not")
    func burst() throws {
        var (world, detector) = try (Self.trained.get().world, Self.trained.get().detector)
        let mailbox = world.pick(3, 3)
        let rows = (0..<60).map {
            world.relationship(
                mailbox, world.pick(3, 3), 3, time: Self.later - Double($0) * 60)
        }
        let moved = try detector.apply(ChangeBatch(relationships: rows))
        let (judgement, finding) = try anomaly(of: mailbox, in: detector)
        #expect(judgement.severity >= .high)
        #expect(finding.primaryType == .temporal)
        #expect(finding.allTypes.contains(.behavioral))
        #expect(
            finding.description.hasPrefix(
                "60 new relationships within 2 hours; the most "
                    + "for any of 540 email entities in training was "), "\(finding.description)")
        #expect(finding.explanation.evidence.count == 10)
        #expect(finding.explanation.evidence.allSatisfy { $0.reason == "new within 2 hours" })
        #expect(finding.explanation.evidence[0].relationshipID == rows[0].id)
        let others = moved.entityIDs.subtracting([mailbox])
            .compactMap { detector.judge($0, asOf: Self.later)?.anomalyScore }
        #expect(others.count { $0 >= 0.5 } <= 2)
        // Three hours later nothing is new any more.
        let calm = try #require(detector.judge(mailbox, asOf: Self.later + 3 * 3600))
        #expect(!calm.detectors.contains { $0.detector == .burst })
    }

    @Test("Sixty messages into two communities are a bridge between them as well")
    func burstIntoTwoCommunities() throws {
        var (world, detector) = try (Self.trained.get().world, Self.trained.get().detector)
        let mailbox = world.pick(3, 3)
        let rows = (0..<60).map {
            world.relationship(
                mailbox, world.pick(3 + $0 % 2 * 10, 3), 3, time: Self.later - Double($0) * 60)
        }
        _ = try detector.apply(ChangeBatch(relationships: rows))
        let (judgement, finding) = try anomaly(of: mailbox, in: detector)
        #expect(judgement.severity >= .high)
        #expect(finding.allTypes.contains(.temporal))
        #expect(finding.primaryType == .relationship)
        #expect(finding.description.contains("meet only through it"))
    }

    @Test("Who has just come without a relationship is not strange for that")
    func newborn() throws {
        var (world, detector) = try (Self.trained.get().world, Self.trained.get().detector)
        world.batch = ChangeBatch()
        for (place, type) in [Int32(1), 2, 3, 4].enumerated() {
            var record = world.entity(91_000 + Int64(place), type)
            (record.firstSeen, record.createdAt) = (Self.later, Self.later)
            (record.lastSeen, record.updatedAt) = (Self.later, Self.later)
            world.batch.entities.append(record)
        }
        let ids = world.batch.entities.map(\.id)
        // They have no past.
        world.batch.observations = []
        _ = try detector.apply(world.batch)
        for id in ids {
            let judgement = try #require(detector.judge(id, asOf: Self.later + 1))
            #expect(judgement.anomaly == nil, "\(judgement.detectors)")
        }
    }

    @Test("An address that domains of all communities resolve to is a sinkhole")
    func sinkhole() throws {
        var (world, detector) = try (Self.trained.get().world, Self.trained.get().detector)
        let address = world.pick(5, 2)
        let rows = (0..<60).map {
            world.relationship(
                world.pick($0 % 30, 1), address, 1,
                time: Self.later - 10_800 - Double($0) * 3000)
        }
        _ = try detector.apply(ChangeBatch(relationships: rows))
        let (judgement, finding) = try anomaly(of: address, in: detector)
        #expect(judgement.severity >= .high)
        #expect(finding.primaryType == .infrastructure)
        #expect(finding.indicators.first?.name == "possible_sinkhole")
        #expect(finding.description.contains("different entities point at it by resolves_to"))
        #expect(finding.recommendations.first?.hasPrefix("Possible sinkhole: ") == true)
    }

    @Test("A relationship between two distant communities is a bridge for both ends")
    func bridge() throws {
        var (world, detector) = try (Self.trained.get().world, Self.trained.get().detector)
        let (first, second) = (world.pick(2, 4), world.pick(17, 4))
        let row = world.relationship(first, second, 5, time: Self.later - 10)
        _ = try detector.apply(ChangeBatch(relationships: [row]))
        for id in [first, second] {
            let (judgement, finding) = try anomaly(of: id, in: detector)
            #expect(judgement.severity >= .high, "\(judgement.detectors)")
            #expect(finding.primaryType == .relationship)
            #expect(finding.explanation.evidence.first?.relationshipID == row.id)
            #expect(finding.description.contains("otherwise more than 6 steps apart"))
        }
    }

    @Test("A new relationship within the community is no bridge")
    func nearBridge() throws {
        var (world, detector) = try (Self.trained.get().world, Self.trained.get().detector)
        let (first, second) = (world.pick(2, 4), world.pick(2, 4))
        _ = try detector.apply(
            ChangeBatch(
                relationships: [world.relationship(first, second, 5, time: Self.later - 10)]))
        #expect(try #require(detector.judge(first, asOf: Self.later)).anomaly == nil)
    }

    @Test("A mailbox that wakes after eight months is dormant, while asleep it is ordinary")
    func dormant() throws {
        var (world, detector) = try (Self.trained.get().world, Self.trained.get().detector)
        let id: Int64 = 90_000
        world.batch = ChangeBatch()
        let born = SmallWorld.now - 250 * SmallWorld.day
        var record = world.entity(id, 3)
        (record.firstSeen, record.createdAt) = (born, born)
        (record.lastSeen, record.updatedAt) = (born + 200_000, born + 200_000)
        world.batch = ChangeBatch(entities: [record])
        for place in 0..<9 {
            world.relate(id, world.pick(8, 3), 3, time: born + Double(place) * 20_000)
        }
        _ = try detector.apply(world.batch)
        let asleep = try #require(detector.judge(id, asOf: Self.later))
        #expect(!asleep.detectors.contains { $0.detector == .dormancy })
        let waking = world.relationship(id, world.pick(8, 3), 3, time: Self.later - 10)
        _ = try detector.apply(ChangeBatch(relationships: [waking]))
        let (judgement, finding) = try anomaly(of: id, in: detector)
        #expect(judgement.severity >= .high)
        #expect(judgement.anomalyScore > asleep.anomalyScore)
        #expect(finding.primaryType == .temporal)
        #expect(finding.indicators.first?.name == "dormant_reactivation")
        #expect(finding.explanation.evidence.first?.relationshipID == waking.id)
    }

    @Test("The contributions in the explanation sum to the path length")
    func contributions() throws {
        var (world, detector) = try (Self.trained.get().world, Self.trained.get().detector)
        let (first, second) = (world.pick(2, 4), world.pick(17, 4))
        _ = try detector.apply(
            ChangeBatch(
                relationships: [world.relationship(first, second, 5, time: Self.later - 10)]))
        let explanation = try anomaly(of: first, in: detector).finding.explanation
        let sum = explanation.features.reduce(explanation.expectedPathLength) {
            $0 + $1.contribution
        }
        #expect(abs(sum - explanation.pathLength) < 1e-9)
        #expect(explanation.features.count == 18)
        #expect(explanation.peerGroup.type == "person")
        #expect(explanation.peerGroup.count == 300)
        #expect(explanation.sentences.allSatisfy { $0.hasSuffix(".") && !$0.contains("nan") })
    }

    @Test("A judgement is the same each time, and after a trip through the model file")
    func roundTrip() throws {
        var (world, detector) = try (Self.trained.get().world, Self.trained.get().detector)
        let address = world.pick(5, 2)
        let rows = (0..<60).map {
            world.relationship(world.pick($0 % 30, 1), address, 1, time: Self.later - 9000)
        }
        let moved = try detector.apply(ChangeBatch(relationships: rows))
        var other = detector
        let model = try #require(detector.model)
        let bytes = model.archive().encoded()
        #expect(bytes == model.archive().encoded())
        let read = try DetectionModel(archive: ModelArchive(decoding: bytes))
        #expect(read == model)
        other.adopt(model: read)
        for id in moved.entityIDs.union([1, 500, 1000]) {
            let first = try #require(detector.judge(id, asOf: Self.later))
            let second = try #require(other.judge(id, asOf: Self.later))
            #expect(first.pValue.bitPattern == second.pValue.bitPattern)
            #expect(first.confidence == second.confidence)
            #expect(first.detectors == second.detectors)
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            #expect(
                try encoder.encode(first.anomaly?.explanation)
                    == encoder.encode(second.anomaly?.explanation))
        }
    }

    @Test("Confidence grows with the evidence, and is never constant")
    func confidence() throws {
        let detector = try Self.trained.get().detector
        let values = detector.entityIDs.prefix(300)
            .compactMap { detector.judge($0, asOf: Self.later)?.confidence }
        #expect(Set(values).count > 20)
        #expect(values.allSatisfy { (0...1).contains($0) })
    }
}
