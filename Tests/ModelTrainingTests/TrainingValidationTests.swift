import AnomalyDetection
import AnomalyModels
import Testing

@testable import ModelTraining

@Suite("Validation of a training run")
struct TrainingValidationTests {
    private let now = SmallWorld.now

    private var options: ModelTrainer.Options {
        var options = ModelTrainer.Options(
            treeCount: 20, version: "v", createdAt: SmallWorld.now, checkCount: 4)
        options.foldCount = 2
        options.behaviourWindowCountMax = 0
        return options
    }

    @Test("It measures on rows held back, with intervals, and changes nothing of the model")
    func measures() throws {
        let detector = try SmallWorld(communityCount: 5, seed: 2).detector()
        var reviewing = options
        for id in 1...10 as ClosedRange<Int64> { reviewing.reviewedEntities[id] = id <= 5 }
        reviewing.threadCount = 2
        let model = try ModelTrainer.train(detector, asOf: now, options: reviewing)
        let measures = model.card.measures
        #expect(measures["validation_folds"] == 2)
        #expect(measures["validation_entities"] == Double(model.card.trainingRowCount))
        #expect(measures["reviews_confirmed"] == 5 && measures["reviews_dismissed"] == 5)
        #expect(measures["reviews_roc_auc"] != nil)
        for name in ["roc_auc", "average_precision", "f1", "calibration_error"] {
            let value = try #require(measures["planted_\(name)"])
            #expect(try #require(measures["planted_\(name)_low"]) <= value)
            #expect(try #require(measures["planted_\(name)_high"]) >= value)
            #expect(measures["planted_\(name)_spread"] != nil)
        }
        #expect(try #require(measures["planted_roc_auc"]) > 0.7)
        for scope in ["entity", "relationship"] {
            let share = try #require(measures["\(scope)_tail_0.1"])
            #expect(share > 0.01 && share < 0.3)
        }
        // Labels and folds measure only: the model is the one without them, whatever the threads.
        var plain = options
        plain.foldCount = 0
        var alone = try ModelTrainer.train(detector, asOf: now, options: plain)
        alone.card.measures = measures
        #expect(alone == model)
    }

    @Test("A row is judged by models that have not seen it, once")
    func folds() throws {
        let detector = try SmallWorld(communityCount: 5, seed: 2).detector()
        let loop = TrainingLoop(threadCount: 1) { false }
        let material = try TrainingMaterial(
            detector, asOf: now, options: options, loop: loop
        ) { _, _ in }
        let validation = TrainingValidation(material)
        #expect(
            validation.entityFolds.flatMap(\.heldBack).sorted() == Array(material.rows.indices))
        for fold in validation.entityFolds + validation.relationshipFolds {
            #expect(Set(fold.training).isDisjoint(with: fold.heldBack))
        }
    }

    @Test("It can be cancelled in every stage", arguments: ModelTrainer.Stage.allCases)
    func cancellation(in stage: ModelTrainer.Stage) throws {
        let detector = try SmallWorld(communityCount: 3, seed: 2).detector()
        /// Told and asked on the same thread.
        final class Reached { var isReached = false }
        let reached = Reached()
        let error = #expect(throws: TrainingError.self) {
            try ModelTrainer.train(
                detector, asOf: now, options: options,
                progress: { told, _ in if told == stage { reached.isReached = true } },
                isCancelled: { reached.isReached })
        }
        #expect(error?.code == .cancelled)
    }

    @Test("A part that fails, fails the run and says which")
    func failures() throws {
        let detector = try SmallWorld(communityCount: 3, seed: 2).detector()
        func message(_ change: (inout ModelTrainer.Options) -> Void) -> String {
            var changed = options
            change(&changed)
            let error = #expect(throws: TrainingError.self) {
                _ = try ModelTrainer.train(detector, asOf: now, options: changed)
            }
            #expect(error?.code == .invalidOption)
            return error?.message ?? ""
        }
        #expect(message { $0.treeCount = 0 }.hasPrefix("entity forest: "))
        #expect(message { $0.contamination = 0.7 }.hasPrefix("entity forest: "))
    }

    @Test("A network that cannot be trained fails the run and says so")
    func networkFailure() throws {
        var detector = AnomalyDetector(catalog: PlantedBehaviour.catalog)
        _ = try detector.apply(
            PlantedBehaviour(seed: 1, accountCount: 80, plantedPerKind: 1).batch)
        var changed = options
        changed.behaviourWindowCountMax = 2000
        changed.behaviourEpochCountMax = 0
        let error = #expect(throws: TrainingError.self) {
            _ = try ModelTrainer.train(detector, asOf: PlantedBehaviour.end, options: changed)
        }
        #expect(error?.message.hasPrefix("autoencoder: ") == true)
    }

    @Test("Honest tail probabilities are told from those that promise too much")
    func tails() {
        let honest = TailHonesty((1...1000).map { Double($0) / 1000 })
        #expect(honest.shares.map(\.observed) == [0.1, 0.01, 0.001])
        #expect(honest.calibrationError < 1e-9 && honest.isHonest)
        let bold = TailHonesty((1...1000).map { Double($0) / 3000 })
        #expect(bold.shares[0].observed == 0.3)
        // Off by twice of what is promised at each level.
        #expect(abs(bold.calibrationError - 2) < 1e-9 && !bold.isHonest)
        #expect(TailHonesty([.nan, .nan]).shares[0].observed == 0)
        // Wilson's interval of 10 of 100: 0.0552 to 0.1744.
        let (lower, upper) = TailHonesty.interval(10, of: 100)
        #expect(abs(lower - 0.0552) < 1e-4 && abs(upper - 0.1744) < 1e-4)
    }

    @Test("The fingerprint is that of the data, whenever and in whatever order it is read")
    func fingerprint() throws {
        var world = SmallWorld(communityCount: 2, seed: 3)
        let first = try world.detector().dataFingerprint()
        world.batch.entities.reverse()
        world.batch.relationships.reverse()
        #expect(try world.detector().dataFingerprint() == first)
        world.batch.entities[0].confidence = 0.123
        #expect(try world.detector().dataFingerprint() != first)
    }
}
