import AnomalyDetection
import AnomalyModels
import Foundation
import ModelTraining
import Testing

@Suite("Explanations of planted anomalies")
struct ExplanationTests {
    static let later = PlantedAnomalyTests.later

    /// Anomalies of several kinds in a copy of the trained world: a burst, a bridge, a sinkhole.
    private func planted() throws -> (detector: AnomalyDetector, ids: [Int64], bridge: Int64) {
        let trained = try PlantedAnomalyTests.trained.get()
        var (world, detector) = (trained.world, trained.detector)
        let (mailbox, address) = (world.pick(3, 3), world.pick(5, 2))
        let (first, second) = (world.pick(2, 4), world.pick(17, 4))
        let bridge = world.relationship(first, second, 5, time: Self.later - 10)
        var rows = [bridge]
        for place in 0..<60 {
            rows.append(
                world.relationship(
                    mailbox, world.pick(3, 3), 3, time: Self.later - Double(place) * 60))
            rows.append(
                world.relationship(world.pick(place % 30, 1), address, 1, time: Self.later - 9000))
        }
        _ = try detector.apply(ChangeBatch(relationships: rows))
        return (detector, [mailbox, address, first], bridge.id)
    }

    @Test("Without the relationships that it names, once they are deleted, it is no anomaly")
    func counterfactuals() throws {
        let (detector, ids, bridge) = try planted()
        for id in ids {
            let judgement = try #require(detector.judge(id, asOf: Self.later))
            let found = try #require(judgement.anomaly?.explanation.counterfactual)
            #expect(found.trialCount <= detector.settings.counterfactualTrialsMax)
            var changed = detector
            _ = try changed.apply(ChangeBatch(deletedRelationshipIDs: found.relationshipIDs))
            let without = try #require(changed.judge(id, asOf: Self.later))
            #expect(without.anomalyScore.bitPattern == found.anomalyScore.bitPattern)
            #expect(without.pValue.bitPattern == found.pValue.bitPattern)
            #expect((without.anomaly == nil) == !found.relationshipIDs.isEmpty)
        }
        let person = try #require(detector.judge(ids[2], asOf: Self.later)?.anomaly)
        #expect(person.explanation.counterfactual?.relationshipIDs == [bridge])
        let burst = try #require(detector.judge(ids[0], asOf: Self.later)?.anomaly)
        #expect(burst.explanation.counterfactual?.relationshipIDs == [])
    }

    @Test("Replayed from the stored document and the model's file it has the same bits")
    func replay() throws {
        let (detector, ids, _) = try planted()
        let model = try #require(detector.model)
        let read = try DetectionModel(archive: ModelArchive(decoding: model.archive().encoded()))
        for id in ids {
            let judgement = try #require(detector.judge(id, asOf: Self.later))
            let document = try JSONEncoder().encode(judgement.anomaly?.explanation)
            let stored = try JSONDecoder().decode(Explanation.self, from: document)
            let again = try #require(stored.inputs).replayed(by: read)
            #expect(again.differences(from: stored).isEmpty)
            #expect(again.anomalyScore.bitPattern == judgement.anomalyScore.bitPattern)
            #expect(again.pValue.bitPattern == judgement.pValue.bitPattern)
            #expect(again.confidence.bitPattern == judgement.confidence.bitPattern)
            #expect(again.severity == judgement.severity)
            #expect(again.detectors == judgement.detectors)
        }
    }

    @Test("What was changed in the stored document shows in the replay")
    func tampered() throws {
        let (detector, ids, _) = try planted()
        let model = try #require(detector.model)
        let judgement = try #require(detector.judge(ids[0], asOf: Self.later))
        var stored = try #require(judgement.anomaly?.explanation)
        stored.inputs?.features[EntityFeature.riskScore.rawValue] = 0.987
        let again = try #require(stored.inputs).replayed(by: model)
        let names = again.differences(from: stored).map(\.name)
        #expect(names.contains("value of risk_score"))
        #expect(names.contains("score of isolation_forest"))
        #expect(names.contains("path length"))
        #expect(!names.contains("score of burst"))
    }

    /// The documented schema, beside the sources.
    static var schema: Result<SchemaCheck, any Error> {
        Result {
            let root = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            return try SchemaCheck(
                file: root.appending(path: "docs/explanation.schema.json"))
        }
    }

    @Test("Explanations of every kind have the documented form, with a model and without")
    func documented() throws {
        let (trained, ids, _) = try planted()
        var byRules = trained
        byRules.adopt(model: nil)
        var count = 0
        for detector in [trained, byRules] {
            for id in ids + detector.entityIDs.prefix(600) {
                let judgement = try #require(detector.judge(id, asOf: Self.later))
                guard let explanation = judgement.anomaly?.explanation else { continue }
                count += 1
                let document = try JSONEncoder().encode(explanation)
                #expect(try Self.schema.get().faults(in: document) == [])
            }
        }
        #expect(count >= 4)
    }

    @Test("What is not documented, missing or of another type is a fault")
    func undocumented() throws {
        let check = try Self.schema.get()
        let (detector, ids, _) = try planted()
        let explanation = try #require(
            detector.judge(ids[0], asOf: Self.later)?.anomaly?.explanation)
        let document = try JSONEncoder().encode(explanation)
        var members = try #require(
            try JSONSerialization.jsonObject(with: document) as? [String: Any])
        members["mood"] = "grim"
        members["summary"] = 3
        members["sentences"] = nil
        let faults = try check.faults(in: JSONSerialization.data(withJSONObject: members))
        #expect(
            faults.sorted() == [
                "$ lacks sentences", "$.mood is not documented", "$.summary is not [\"string\"]",
            ])
    }

    @Test("The paragraph names figures, says each once, and ends with what would undo it")
    func paragraphs() throws {
        let (detector, ids, bridge) = try planted()
        for id in ids {
            let judgement = try #require(detector.judge(id, asOf: Self.later))
            let finding = try #require(judgement.anomaly)
            let summary = finding.explanation.summary
            #expect(summary.hasPrefix(finding.description))
            #expect(summary.contains("score 0.") || summary.contains("score 1 "), "\(summary)")
            #expect(summary.contains("(\(judgement.severity.rawValue))"))
            let sentences = summary.split(separator: ". ")
            #expect(Set(sentences).count == sentences.count, "\(summary)")
            #expect((2...5).contains(sentences.count), "\(summary)")
        }
        let person = try #require(detector.judge(ids[2], asOf: Self.later)?.anomaly)
        #expect(
            person.explanation.summary.contains(
                "Without its related_to relationship \(bridge) its score would be"))
    }

    @Test("What is supposed is judged as what is written would be, and changes nothing")
    func supposed() throws {
        let trained = try PlantedAnomalyTests.trained.get()
        var (world, detector) = (trained.world, trained.detector)
        let known = world.pick(5, 2)
        let mule = EntityRecord(
            id: -1, typeCode: 1, confidence: 0.1, riskScore: 0.9, firstSeen: Self.later,
            lastSeen: Self.later, createdAt: Self.later, updatedAt: Self.later)
        let batch = ChangeBatch(
            entities: [mule],
            relationships: [
                RelationshipRecord(
                    id: -1, sourceEntityID: -1, targetEntityID: known, typeCode: 1,
                    firstObserved: Self.later, createdAt: Self.later)
            ])
        let before = detector.judge(known, asOf: Self.later)
        let supposed = try detector.judgements(supposing: batch, asOf: Self.later)
        #expect(
            supposed.map(\.judgement.subject) == [.entity(-1), .entity(known), .relationship(-1)])
        #expect(supposed[0].before == nil)
        #expect(supposed[1].before?.pValue.bitPattern == before?.pValue.bitPattern)
        #expect(detector.record(of: -1) == nil)
        #expect(
            detector.judge(known, asOf: Self.later)?.features.map(\.bitPattern)
                == before?.features.map(\.bitPattern))
        _ = try detector.apply(batch)
        for subject in supposed {
            let again =
                switch subject.judgement.subject {
                case .entity(let id): detector.judge(id, asOf: Self.later)
                case .relationship(let id): detector.judge(relationshipID: id, asOf: Self.later)
                }
            let written = try #require(again)
            #expect(written.pValue.bitPattern == subject.judgement.pValue.bitPattern)
            #expect(
                written.anomaly?.explanation.summary
                    == subject.judgement.anomaly?.explanation.summary)
        }
    }
}
