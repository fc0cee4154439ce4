import AnomalyDetection
import Foundation
import GraphDrawing
import Storage
import Testing

@Suite("The JSON of judgements")
struct JudgementJSONTests {
    /// A world of one hub and its leaves, in which a rule speaks about the hub.
    private func finding() throws -> (AnomalyDetector, AnomalyFinding) {
        let rule = try Indicator(
            name: "low_confidence", anomalyType: "data_quality", scope: "entity",
            conditionJSON: #"{"feature":"confidence_score","op":"<","value":0.3}"#, weight: 0.7,
            description: "a \"quoted\" reason\nwith \\ and \u{1}", recommendation: "ask {name}")
        var detector = AnomalyDetector(
            catalog: TypeCatalog(
                entityTypes: [1: "domain"], relationshipTypes: [1: "resolves_to"],
                ratingTypeCodes: []), settings: DetectionSettings(), indicators: [rule])
        let entities = (0..<5).map { id in
            EntityRecord(
                id: Int64(id), typeCode: 1, confidence: id == 0 ? 0.1 : .nan, riskScore: .nan,
                sourceCount: 1, hasName: true, isVerified: false, metadataRichness: 0, tagCount: 0,
                firstSeen: .nan, lastSeen: .nan, createdAt: 0, updatedAt: 0, isActive: true)
        }
        let relationships = (1..<5).map { id in
            RelationshipRecord(
                id: Int64(id), sourceEntityID: 0, targetEntityID: Int64(id), typeCode: 1,
                confidence: .nan, weight: .nan, firstObserved: .nan, lastObserved: .nan,
                createdAt: .nan, isActive: true)
        }
        var batch = ChangeBatch()
        batch.entities = entities
        batch.relationships = relationships
        _ = try detector.apply(batch)
        let judgement = try #require(detector.judge(0, asOf: 86_400))
        return (detector, try #require(judgement.anomaly))
    }

    private func object(_ text: String) throws -> NSObject {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSObject)
    }

    @Test("an explanation is the document of its own encoding, key by key")
    func explanation() throws {
        let explanation = try finding().1.explanation
        let encoded = String(decoding: try JSONEncoder().encode(explanation), as: UTF8.self)
        #expect(
            try object(JudgementJSON.explanation(explanation)) == object(encoded))
    }

    @Test("verdicts are the document of their own encoding")
    func detectors() throws {
        let verdicts = [
            DetectorVerdict(
                detector: .isolationForest, score: 0.61, tailProbability: 1e-5,
                calibrationCount: 7)
        ]
        let encoded = String(decoding: try JSONEncoder().encode(verdicts), as: UTF8.self)
        #expect(try object(JudgementJSON.detectors(verdicts)) == object(encoded))
    }

    @Test("a subgraph can be drawn: the picture's own reader takes it")
    func subgraph() throws {
        let (detector, _) = try finding()
        let neighbourhood = detector.neighbourhood(of: 0, hops: 1, nodeLimit: 10)
        let text = JudgementJSON.subgraph(
            neighbourhood, hops: 1, evidence: [2: "new \"within\" 2 hours"])
        let subgraph = try Subgraph(json: Data(text.utf8))
        #expect(subgraph.focusEntity == 0)
        #expect(subgraph.nodes.map(\.id).sorted() == [0, 1, 2, 3, 4])
        #expect(subgraph.edges.count == 4)
        #expect(subgraph.edges.filter(\.isAnomalous).map(\.id) == [2])
        #expect(subgraph.edges.first { $0.id == 2 }?.reason == "new \"within\" 2 hours")
    }

    @Test(
        "any text survives the writer, but for NUL, which jsonb refuses",
        arguments: ["", "\"\\/\u{8}\u{C}\n\r\t", "żółć 🦊 \u{202E}", "\u{1F}\u{7F}"])
    func texts(text: String) throws {
        let decoded = try JSONDecoder().decode(
            [String].self, from: Data(JudgementJSON.texts([text, "a\u{0}b"]).utf8))
        #expect(decoded == [text, "a\u{FFFD}b"])
    }
}
