import Foundation
import Testing

@testable import VigilCLI

extension Integration {
    /// Needs no database.
    @Suite("Evaluation of a graph set", .requiresProgram) struct EvaluateGraphTests {
        /// Eighty entities on a ring with chords; six of them, labelled, know each other.
        private func write(_ folder: borrowing TemporaryFolder) throws {
            var entities = "id,type,label,outlier_kind\n"
            var relationships = "id,source,target,type,weight,timestamp,label\n"
            var row = 0
            func relate(_ source: Int, _ target: Int) {
                row += 1
                relationships += "\(row),\(source),\(target),knows,1,,\n"
            }
            for id in 0..<80 {
                let isOutlier = id % 13 == 0 && id < 78
                entities += "\(id),person,\(isOutlier ? 1 : 0),\(isOutlier ? "clique" : "")\n"
                for step in [1, 7] { relate(id, (id + step) % 80) }
                for other in stride(from: 0, to: id, by: 13) where isOutlier { relate(id, other) }
            }
            try folder.write(entities, to: "entities.csv")
            try folder.write(relationships, to: "relationships.csv")
        }

        @Test("A detector that is silent under one seed is measured under the others")
        func silentUnderOneSeed() {
            let truth = (0..<10).map { GraphSetGraph.Truth(label: $0 == 9 ? 1 : 0) }
            func run(_ detectors: [String: [Double]]) -> GraphJudgements.Rows {
                var rows = GraphJudgements.Rows()
                rows.probabilities = (0..<10).map { 1 - Double($0) / 10 }
                rows.types = [String?](repeating: nil, count: 10)
                rows.detectors = detectors
                return rows
            }
            let evaluation = GraphScopeEvaluation(
                truth, runs: [run([:]), run(["stream": (0..<10).map(Double.init)])])
            #expect(evaluation.auroc == 1)
            // Half a coin and a perfect ranking.
            #expect(evaluation.detectors["stream"]?.auroc == 0.75)
        }

        @Test("The JSON measures entities and relationships, and tells what was held back")
        func json() async throws {
            let folder = try TemporaryFolder()
            try write(folder)
            let outcome = try await VigilProgram.run(
                "evaluate", "graph", ".", "--seeds", "1", "2", "--json", folder: folder.url)
            #expect(outcome.status == 0, "\(outcome)")
            let report = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
                    as? [String: Any])
            let found = try #require(report["entities"] as? [String: Any])
            #expect(try #require(found["auroc"] as? Double) > 0.95)
            #expect(try #require(found["recall_at_1pct_fpr"] as? Double) > 0.9)
            #expect(found["average_precision"] is Double)
            let kinds = try #require(found["per_kind"] as? [String: [String: Any]])
            #expect(kinds["clique"]?["count"] as? Int == 6)
            let relationships = try #require(report["relationships"] as? [String: Any])
            #expect(relationships["auroc"] is NSNull)
            #expect(report["held_back"] as? [String] == ["label", "outlier_kind"])
            #expect(report["seeds"] as? [Int] == [1, 2])
        }

        @Test("A rating type that no relationship has is named")
        func unknownRating() async throws {
            let folder = try TemporaryFolder()
            try write(folder)
            let outcome = try await VigilProgram.run(
                "evaluate", "graph", ".", "--rating", "likes", folder: folder.url)
            #expect(outcome.status == 65 && outcome.complaints.contains("“likes”"), "\(outcome)")
        }
    }
}
