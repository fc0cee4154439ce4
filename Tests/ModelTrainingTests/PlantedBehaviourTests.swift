import AnomalyDetection
import ModelTraining
import Testing

@Suite("Planted behaviour")
struct PlantedBehaviourTests {
    @Test("Spikes and strange hours are told from bursts, weekends and night workers")
    func spikesAndHours() throws {
        let accountCount = 80
        let world = PlantedBehaviour(seed: 1, accountCount: accountCount, plantedPerKind: 1)
        var detector = AnomalyDetector(catalog: PlantedBehaviour.catalog)
        _ = try detector.apply(world.batch)
        var options = ModelTrainer.Options(version: "test", createdAt: PlantedBehaviour.end)
        options.treeCount = 10
        options.behaviourWindowCountMax = 0
        let model = try ModelTrainer.train(
            detector, asOf: PlantedBehaviour.end, options: options)
        #expect(model.behaviour?.autoencoder == nil)
        #expect(model.calibrations[.reconstruction] == nil)
        #expect(try DetectionModel(archive: model.archive()) == model)
        detector.adopt(model: model)

        var probabilities: [Detector: [(p: Double, kind: PlantedBehaviour.Kind?)]] = [:]
        for id in Int64(0)..<Int64(accountCount) {
            let judgement = try #require(detector.judge(id, asOf: PlantedBehaviour.end))
            for verdict in judgement.detectors {
                probabilities[verdict.detector, default: []].append((verdict.p, world.kinds[id]))
            }
            if world.kinds[id] == .spike, let anomaly = judgement.anomaly {
                #expect(anomaly.explanation.behaviour?.forecast?.deviation ?? 0 > 3)
            }
        }
        // The planted one of a kind is among the strangest two of 80.
        for (kind, name) in [
            (PlantedBehaviour.Kind.spike, Detector.residual), (.offHours, .offHours),
        ] {
            let strangest = try #require(probabilities[name]).sorted { $0.p < $1.p }.prefix(2)
            #expect(strangest.count { $0.kind == kind } == 1, "\(name)")
        }
    }
}
