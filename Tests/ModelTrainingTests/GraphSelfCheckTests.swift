import AnomalyDetection
import AnomalyModels
import Testing

@testable import ModelTraining

@Suite("Whether the graph helps")
struct GraphSelfCheckTests {
    @Test("In a world of communities the ensemble finds what no judgement without a graph can")
    func communities() throws {
        let detector = try SmallWorld(communityCount: 5, seed: 2).detector()
        let options = ModelTrainer.Options(
            treeCount: 20, version: "v", createdAt: SmallWorld.now, checkCount: 4)
        let model = try ModelTrainer.train(detector, asOf: SmallWorld.now, options: options)
        let measures = model.card.measures
        let graph = try #require(measures["graph_auroc"])
        let baseline = try #require(measures["baseline_auroc"])
        #expect(graph > baseline)
        #expect(try #require(measures["graph_auroc_clique"]) > 0.9)
        #expect(try #require(measures["graph_auroc_burst"]) > 0.9)
        #expect(abs(try #require(measures["baseline_auroc_clique"]) - 0.5) < 0.25)
        // The same training measures the same.
        let again = try ModelTrainer.train(detector, asOf: SmallWorld.now, options: options)
        #expect(again.card.measures == measures)
    }

    @Test("The standard error of an area is Hanley's and McNeil's")
    func standardError() {
        // Their radiology example: area 0.893 with 51 and 58 cases has the error 0.032.
        #expect(abs(GraphSelfCheck.standardError(0.893, 51, 58) - 0.032) < 0.001)
    }
}
