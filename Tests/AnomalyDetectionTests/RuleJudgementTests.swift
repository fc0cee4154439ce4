import AnomalyModels
import Foundation
import TestSupport
import Testing

@testable import AnomalyDetection

@Suite("Judgement by rules, before a model exists")
struct RuleJudgementTests {
    private let now = Fixtures.now

    private func honeypot() -> ChangeBatch {
        var batch = ChangeBatch(entities: Fixtures.entities(1...41))
        batch.entities[0].riskScore = 0.9
        batch.entities[0].confidence = 0.2
        batch.entities[0].hasName = false
        for other in Int64(2)...41 {
            batch.relationships.append(
                Fixtures.relationship(other, other, 1, type: 2, time: .nan))
        }
        return batch
    }

    @Test("The score is one minus what every fired indicator leaves open, capped")
    func score() throws {
        let indicators = try DefaultIndicators.load()
        let detector = try Fixtures.detector(honeypot(), indicators: indicators)
        let judgement = try #require(detector.judge(1, asOf: now))
        #expect(judgement.detectionMethod == "rules")
        #expect(judgement.pValue.isNaN)
        #expect(judgement.modelVersion == nil)
        // Honeypot, low confidence, missing name: 1 - 0.3 * 0.7 * 0.8 is above the cap.
        #expect(judgement.anomalyScore == 0.75)
        #expect(judgement.severity == .high)
        #expect(judgement.confidence > 0 && judgement.confidence < 0.5)
        let anomaly = try #require(judgement.anomaly)
        #expect(anomaly.primaryType == .infrastructure)
        #expect(anomaly.allTypes.contains(.dataQuality))
        #expect(
            anomaly.indicators.map(\.name) == [
                "possible_honeypot", "low_confidence", "missing_name",
            ])
        #expect(
            anomaly.description
                == "Risk score 0.9; confidence score 0.2; 40 inbound relationships.")
        #expect(anomaly.recommendations.first?.hasPrefix("Possible honeypot: ") == true)
        #expect(anomaly.recommendations.first?.contains("{name}") == true)
    }

    @Test("Two weak signs of poor data are no anomaly")
    func weakSigns() throws {
        var batch = ChangeBatch(entities: Fixtures.entities(1...2))
        batch.entities[0].confidence = 0.2
        batch.entities[0].hasName = false
        let detector = try Fixtures.detector(
            batch, indicators: DefaultIndicators.load())
        let judgement = try #require(detector.judge(1, asOf: now))
        #expect(abs(judgement.anomalyScore - 0.44) < 1e-12)
        #expect(judgement.anomaly == nil)
        #expect(try #require(detector.judge(2, asOf: now)).anomalyScore == 0)
    }

    @Test("The explanation as JSON has null for what is missing, and all features")
    func json() throws {
        let detector = try Fixtures.detector(
            honeypot(), indicators: DefaultIndicators.load())
        let anomaly = try #require(detector.judge(1, asOf: now)?.anomaly)
        let data = try JSONEncoder().encode(anomaly.explanation)
        let value = try JSONDecoder().decode(JSONValue.self, from: data)
        guard case .object(let members) = value, case .array(let features)? = members["features"]
        else {
            Issue.record("no object")
            return
        }
        #expect(
            Set(members.keys) == [
                "summary", "sentences", "detectors", "features", "expected_path_length",
                "path_length", "indicators", "evidence", "peer_group", "types",
                "affected_entities",
                "counterfactual", "inputs",
            ])
        #expect(members["path_length"] == .null)
        #expect(features.count == 18)
        guard case .object(let closeness) = features[2] else {
            Issue.record("no feature")
            return
        }
        #expect(
            closeness == [
                "name": .string("closeness_centrality"), "value": .null, "contribution": .null,
                "peer_median": .null, "peer_quantile": .null,
            ])
        let again = try JSONDecoder().decode(Explanation.self, from: data)
        #expect(again.sentences == anomaly.explanation.sentences)
        #expect(again.pathLength.isNaN)
    }
}
