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
}
