import AnomalyModels
import Foundation
import Testing

@Suite("Model card")
struct ModelCardTests {
    private func card(_ kind: ModelCard.Kind, _ method: ModelCard.Method) -> ModelCard {
        ModelCard(
            kind: kind, method: method, version: "2.1 β", schema: "test-2", features: ["a", "b"],
            createdAt: 1_750_000_000.25, seed: .max, parameters: ["tree_count": 100, "drop": 0.1],
            trainingRowsByType: ["domain": 90, "e\"mail": 10], fingerprint: "00ff",
            calibrations: [
                .init(
                    detector: "forest", type: "all", count: 90, leftOutCount: 1, shape: -0.25,
                    scale: 0.1)
            ], measures: ["auroc": 0.1 + 0.2])
    }

    @Test(
        "A card of any kind and method comes back from a file to the bit",
        arguments: ModelCard.Kind.allCases, ModelCard.Method.allCases)
    func roundTrip(kind: ModelCard.Kind, method: ModelCard.Method) throws {
        var archive = ModelArchive(tensors: ["w": Tensor([Float(1.5)])])
        archive.encode(card(kind, method), as: ModelArchive.cardName)
        let bytes = archive.encoded()
        let again = try ModelArchive(decoding: bytes)
        #expect(try again.card() == card(kind, method))
        #expect(again.encoded() == bytes)
    }

    @Test("What a kind does not have is absent, and the names are those of the database")
    func names() throws {
        var archive = ModelArchive()
        archive.encode(card(.table, .extendedIsolationForest), as: ModelArchive.cardName)
        let text = try #require(archive.metadata["card"])
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "kind", "method", "version", "schema", "features", "created_at", "seed",
                "parameters", "training_row_count", "training_rows_by_type",
                "contamination_row_count", "fingerprint", "calibrations", "measures",
            ])
        #expect(object["training_row_count"] as? Int == 100)
    }

    @Test(
        "A card that is missing, foreign or no JSON is refused",
        arguments: [nil, "", "{", "{}", "[]", #"{"kind":"other"}"#, "\u{0}"])
    func refused(text: String?) {
        var archive = ModelArchive()
        archive.metadata["card"] = text
        let error = #expect(throws: ModelFileError.self) { try archive.card() }
        #expect(error?.code == .invalidModel)
    }

    @Test("Equal rows have equal fingerprints, whatever their NaN; others do not")
    func fingerprint() {
        var rows = FeatureMatrix(columnCount: 2, rows: [[1, .nan], [2, 3]])
        let first = ModelCard.fingerprint(of: rows)
        #expect(first.count == 16)
        rows.values[1] = -Double.signalingNaN
        #expect(ModelCard.fingerprint(of: rows) == first)
        rows.values[1] = 0
        #expect(ModelCard.fingerprint(of: rows) != first)
        // FNV-1a of nothing is its offset basis.
        #expect(ModelCard.fingerprint(of: FeatureMatrix(columnCount: 2)) == "cbf29ce484222325")
    }
}
