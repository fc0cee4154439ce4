import AnomalyDetection
import AnomalyModels
import Foundation
import ModelTraining
import Testing

@Suite("Judging relationships")
struct RelationshipJudgementTests {
    private static let now = SmallWorld.now
    private static let payment: Int32 = 8
    private static let contact: Int32 = 9

    private struct Trained: Sendable {
        var world: SmallWorld
        var detector: AnomalyDetector
    }

    /// Made once for all tests.
    private static let trained = Result { try makeWorld() }

    private func world() throws -> (world: SmallWorld, detector: AnomalyDetector) {
        let trained = try Self.trained.get()
        return (trained.world, trained.detector)
    }

    /// A world with payments of each person at a level of its own, and contacts that recur.
    private static func makeWorld() throws -> Trained {
        var world = SmallWorld(communityCount: 6, seed: 5)
        var catalog = SmallWorld.catalog
        catalog.relationshipTypes[Self.payment] = "pays"
        catalog.relationshipTypes[Self.contact] = "contacts"
        for community in world.members.indices {
            for (place, person) in (world.members[community][4] ?? []).enumerated() {
                for _ in 0..<10 {
                    var row = world.relationship(
                        person, world.pick(community, 5), Self.payment, time: world.past())
                    row.weight = 50 * Double(1 + place) * (0.8 + 0.4 * world.random.uniform())
                    world.batch.relationships.append(row)
                }
                for _ in 0..<20 {
                    world.relate(
                        person, world.pick(community, 2), Self.contact, time: world.past())
                }
            }
        }
        var detector = AnomalyDetector(catalog: catalog)
        _ = try detector.apply(world.batch)
        detector.adopt(model: try train(detector))
        return Trained(world: world, detector: detector)
    }

    private static func train(_ detector: AnomalyDetector) throws -> DetectionModel {
        var options = ModelTrainer.Options(version: "v", createdAt: Self.now)
        options.checkCount = 0
        options.behaviourWindowCountMax = 0
        return try ModelTrainer.train(detector, asOf: Self.now, options: options)
    }

    private func judged(
        _ rows: [RelationshipRecord], _ detector: AnomalyDetector
    ) throws -> (last: Judgement, after: AnomalyDetector) {
        var detector = detector
        let moved = try detector.apply(ChangeBatch(relationships: rows))
        #expect(moved.relationshipIDs == Set(rows.map(\.id)))
        let last = try #require(rows.last)
        return (
            try #require(detector.judge(relationshipID: last.id, asOf: Self.now)), detector
        )
    }

    @Test("A payment far beyond its sender's habit is an anomaly, one at its level is none")
    func amounts() throws {
        var (world, detector) = try world()
        let sender = try #require(world.members[3][4]?.first)
        var usual = world.relationship(
            sender, world.pick(3, 5), Self.payment, time: Self.now - 60)
        usual.weight = 52
        let (calm, _) = try judged([usual], detector)
        #expect(calm.anomaly == nil, "\(calm.detectors)")
        #expect(calm.detectors.contains { $0.detector == .amount && $0.tailProbability > 0.1 })

        // Others send as much.
        var large = usual
        large.weight = 520
        let (mild, _) = try judged([large], detector)
        var huge = usual
        huge.weight = 52_000
        let (strange, after) = try judged([huge], detector)
        #expect(mild.pValue > strange.pValue)
        let finding = try #require(strange.anomaly, "\(strange.detectors)")
        let amount = try #require(strange.detectors.first { $0.detector == .amount })
        let row = try #require(
            after.relationshipSample(sampleCount: 1_000_000, seed: 1, excluded: [])
                .map { after.relationshipTrainingRow($0, asOf: Self.now) }
                .first { $0.id == huge.id })
        // Eleven own amounts around 50, five at the median of all, about 250.
        let decades = row.signal(.amountDeviation)
        #expect(decades > 2.6 && decades < 2.9)
        // What is judged is in units of how far its amounts spread, less than a decade.
        #expect(amount.score == row.amountScore && amount.score > decades)
        #expect(amount.tailProbability < 0.001)
        #expect(
            finding.explanation.sentences.contains {
                $0.contains("52,000 from {source} to {target} by ") && $0.contains("99 in 100")
            }, "\(finding.explanation.sentences)")
        #expect(finding.explanation.evidence.first?.relationshipID == huge.id)
        #expect(finding.explanation.evidence.first?.reason == "the relationship itself")
        #expect(finding.explanation.evidence.count > 5, "the sender's other payments")
        #expect(finding.explanation.affectedEntityIDs.prefix(2) == [sender, huge.targetEntityID])
        #expect(finding.explanation.peerGroup.type == "pays")

        // The contributions sum to the path length, and who sent it inherits.
        let sum = finding.explanation.features.reduce(0) { $0 + $1.contribution }
        #expect(
            abs(finding.explanation.expectedPathLength + sum - finding.explanation.pathLength)
                < 1e-9)
        let entity = try #require(after.judge(sender, asOf: Self.now))
        let inherited = try #require(
            entity.detectors.first { $0.detector == .relationships })
        #expect(inherited.tailProbability == min(1, strange.pValue))
        let sentences = try #require(entity.anomaly).explanation.sentences
        #expect(
            sentences.contains { $0.contains("pays relationship \(huge.id)") },
            "\(sentences)")
        let target = try #require(after.judge(huge.targetEntityID, asOf: Self.now))
        #expect(!target.detectors.contains { $0.detector == .relationships })
    }

    @Test("A type that such ends are never joined by is an anomaly of meaning")
    func types() throws {
        var (world, detector) = try world()
        // Mailboxes never resolve to anything but talk a lot; people own mailboxes.
        let odd = world.relationship(
            world.pick(2, 3), world.pick(2, 3), 4, time: Self.now - 3 * SmallWorld.day)
        let (judgement, _) = try judged([odd], detector)
        let verdict = try #require(judgement.detectors.first { $0.detector == .typeSurprise })
        #expect(verdict.score > 5)
        // One in 61 is the rarest that 60 relationships of its type can tell.
        #expect(verdict.tailProbability < 0.017, "\(judgement.detectors)")
        #expect(!judgement.detectors.contains { $0.detector == .amount }, "a weight of 1 is none")
        let usual = world.relationship(
            world.pick(2, 3), world.pick(2, 3), 3, time: Self.now - 3 * SmallWorld.day)
        let (calm, _) = try judged([usual], detector)
        #expect(calm.anomaly == nil, "\(calm.detectors)")
    }

    @Test("Only a type that recurs is a stream; a flood of it is strange, and its figures are told")
    func streams() throws {
        var (world, detector) = try world()
        #expect(detector.model?.relationships?.recurringTypes == ["contacts"])
        let scanner = world.pick(1, 4)
        let flood = (0..<200).map { place in
            world.relationship(
                scanner, world.pick(place % 6, 2), Self.contact,
                time: Self.now - 30 + 0.1 * Double(place))
        }
        let (last, _) = try judged(flood, detector)
        let verdict = try #require(last.detectors.first { $0.detector == .stream })
        #expect(verdict.tailProbability < 0.01, "\(last.detectors)")
        let finding = try #require(last.anomaly)
        #expect(
            finding.explanation.sentences.contains { $0.contains("{source} within minutes") },
            "\(finding.explanation.sentences)")
        // A single record at another time is nothing.
        let calm = world.relationship(
            world.pick(1, 4), world.pick(1, 2), Self.contact, time: Self.now - 5)
        let (one, _) = try judged([calm], detector)
        let quiet = try #require(one.detectors.first { $0.detector == .stream })
        #expect(quiet.tailProbability > 0.01)
        // Other types have no records.
        let other = world.relationship(
            world.pick(1, 1), world.pick(1, 2), 1, time: Self.now - 5)
        let (fact, _) = try judged([other], detector)
        #expect(!fact.detectors.contains { $0.detector == .stream })
    }

    @Test("A model with relationships survives its archive, and judges the same bits")
    func archive() throws {
        let (_, detector) = try world()
        let model = try #require(detector.model)
        let bytes = model.archive().encoded()
        let read = try DetectionModel(archive: ModelArchive(decoding: bytes))
        #expect(read == model)
        var other = detector
        other.adopt(model: read)
        for id in detector.relationshipIDs.prefix(200) {
            let first = detector.judge(relationshipID: id, asOf: Self.now)
            let second = other.judge(relationshipID: id, asOf: Self.now)
            #expect(first?.pValue.bitPattern == second?.pValue.bitPattern)
        }
    }

    @Test("Few relationships are judged by rules alone")
    func rulesAlone() throws {
        var batch = ChangeBatch()
        for id in Int64(1)...60 { batch.entities.append(EntityRecord(id: id, typeCode: 1)) }
        batch.relationships = [
            RelationshipRecord(
                id: 1, sourceEntityID: 1, targetEntityID: 1, typeCode: 1, confidence: 0.1)
        ]
        let indicator = try Indicator(
            name: "self_loop", anomalyType: "relationship", scope: "relationship",
            conditionJSON: #"{"signal": "is_self_loop", "op": "=", "value": 1}"#, weight: 0.6,
            description: "Leads to itself", recommendation: "Ask why {source} names itself")
        var detector = AnomalyDetector(catalog: SmallWorld.catalog, indicators: [indicator])
        _ = try detector.apply(batch)
        let before = try #require(detector.judge(relationshipID: 1, asOf: Self.now))
        let model = try Self.train(detector)
        #expect(model.relationships == nil)
        #expect(model.card.parameters["relationship_rows"] == 1)
        #expect(model.card.parameters["relationship_rows_needed"] == 50)
        detector.adopt(model: model)
        let after = try #require(detector.judge(relationshipID: 1, asOf: Self.now))
        for judgement in [before, after] {
            #expect(judgement.detectionMethod == "rules")
            #expect(abs(judgement.anomalyScore - 0.6) < 1e-12)
            let finding = try #require(judgement.anomaly)
            #expect(finding.primaryType == .relationship)
            #expect(finding.description == "It leads from {source} to itself.")
        }
    }
}
