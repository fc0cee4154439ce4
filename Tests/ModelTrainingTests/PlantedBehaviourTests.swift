import AnomalyDetection
import ModelTraining
import Testing

@Suite("Planted behaviour")
struct PlantedBehaviourTests {
    @Test("Spikes and strange hours are told from bursts, weekends and night workers")
    func spikesAndHours() throws {
        let world = PlantedBehaviour(seed: 1, accountCount: 240, plantedPerKind: 5)
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

        var found: [PlantedBehaviour.Kind: Int] = [:]
        var falseAlarms = 0
        for id in Int64(0)..<240 {
            let judgement = try #require(detector.judge(id, asOf: PlantedBehaviour.end))
            func p(_ detector: Detector) -> Double {
                judgement.detectors.first { $0.detector == detector }?.p ?? 1
            }
            let kind = world.kinds[id]
            switch kind {
            case .spike where p(.residual) < 0.05: found[.spike, default: 0] += 1
            case .offHours where p(.offHours) < 0.05: found[.offHours, default: 0] += 1
            case nil where min(p(.residual), p(.offHours)) < 0.01: falseAlarms += 1
            default: break
            }
            if kind == .spike, p(.residual) < 0.05, let anomaly = judgement.anomaly {
                #expect(anomaly.explanation.behaviour?.forecast?.deviation ?? 0 > 3)
            }
        }
        #expect(found[.spike] ?? 0 >= 4)
        #expect(found[.offHours] ?? 0 >= 3)
        #expect(falseAlarms <= 6)
    }
}
