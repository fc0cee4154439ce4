import AnomalyModels
import Foundation
import Testing

@testable import AnomalyDetection

@Suite("Replay by rules")
struct ReplayTests {
    private static func rule(_ name: String, _ condition: String, weight: Double) throws
        -> Indicator
    {
        try Indicator(
            name: name, anomalyType: "data_quality", scope: "entity", conditionJSON: condition,
            weight: weight, description: "A reason", recommendation: "Ask {name}.")
    }

    @Test("The stored inputs give the same bits again, and another rule shows")
    func rules() throws {
        let rules = [
            try Self.rule(
                "doubted", #"{"feature":"confidence_score","op":"<","value":0.3}"#, weight: 0.4),
            try Self.rule("listed", #"{"signal":"in_degree","op":">=","value":2}"#, weight: 0.35),
            try Self.rule(
                "owned",
                #"{"signal":"inbound_count","relationship_type":"owns","op":">=","value":2}"#,
                weight: 0.11),
            try Self.rule("quiet", #"{"signal":"mean_rating","op":">","value":2}"#, weight: 0.5),
        ]
        var batch = ChangeBatch(
            entities: Fixtures.entities(1...3),
            relationships: [Fixtures.relationship(1, 2, 1), Fixtures.relationship(2, 3, 1)])
        batch.entities[0].confidence = 0.1
        let detector = try Fixtures.detector(batch, indicators: rules)
        let judgement = try #require(detector.judge(1, asOf: Fixtures.now))
        let explanation = try #require(judgement.anomaly?.explanation)
        let text = try JSONEncoder().encode(explanation)
        let stored = try JSONDecoder().decode(Explanation.self, from: text)
        #expect(stored.inputs?.measures["in_degree"] == 2)
        let inputs = try #require(stored.inputs)
        let again = inputs.replayed(by: rules, settings: DetectionSettings())
        #expect(again.anomalyScore.bitPattern == judgement.anomalyScore.bitPattern)
        #expect(again.confidence.bitPattern == judgement.confidence.bitPattern)
        #expect(again.indicators == judgement.anomaly?.indicators.map(\.name))
        #expect(again.differences(from: stored).isEmpty)
        var changed = rules
        changed[0].weight = 0.5
        let other = inputs.replayed(by: changed, settings: DetectionSettings())
        #expect(other.anomalyScore != judgement.anomalyScore)
    }
}
