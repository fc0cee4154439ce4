import AnomalyDetection
import AnomalyModels
import ModelTraining
import TestSupport
import Testing

@Suite("Training the entity model")
struct ModelTrainerTests {
    private let now = SmallWorld.now

    private func options(seed: UInt64 = 1, excluding: Set<Int64> = []) -> ModelTrainer.Options {
        ModelTrainer.Options(
            seed: seed, treeCount: 20, version: "v", createdAt: now, checkCount: 0,
            excludedEntityIDs: excluding)
    }

    @Test("Too few entities are refused with the number needed")
    func tooFew() throws {
        var detector = AnomalyDetector(catalog: SmallWorld.catalog)
        _ = try detector.apply(
            ChangeBatch(entities: (1...60).map { EntityRecord(id: $0, typeCode: 1) }))
        let error = #expect(throws: TrainingError.self) {
            try ModelTrainer.train(
                detector, asOf: now, options: options(excluding: Set(1...11)))
        }
        #expect(error?.code == .tooFewRows)
        #expect(error?.message == "training needs at least 50 active entities; there are 49")
        let model = try ModelTrainer.train(
            detector, asOf: now, options: options(excluding: Set(1...10)))
        #expect(model.card.trainingRowCount == 50)
    }

    @Test("The model depends on the rows, the time and the seed, not on threads or order")
    func determinism() throws {
        let world = SmallWorld(communityCount: 5, seed: 3)
        let detector = try world.detector()
        var reversed = world
        reversed.batch.entities.reverse()
        reversed.batch.relationships.reverse()
        var parallel = options()
        parallel.threadCount = 2
        let first = try ModelTrainer.train(detector, asOf: now, options: options())
        let second = try ModelTrainer.train(
            reversed.detector(), asOf: now, options: parallel)
        #expect(first == second)
        #expect(first.archive().encoded() == second.archive().encoded())
        let third = try ModelTrainer.train(detector, asOf: now, options: options(seed: 2))
        #expect(first.forest != third.forest)
        #expect(first.card.fingerprint == third.card.fingerprint)
    }

    @Test("The card states what it was trained on, and every stage is told")
    func card() throws {
        let detector = try SmallWorld(communityCount: 5, seed: 3).detector()
        var stages: [ModelTrainer.Stage] = []
        let model = try ModelTrainer.train(detector, asOf: now, options: options()) {
            stage, fraction in
            #expect((0...1).contains(fraction))
            if stages.last != stage { stages.append(stage) }
        }
        #expect(stages == ModelTrainer.Stage.allCases)
        #expect(model.card.trainingRowCount == 300)
        #expect(model.card.trainingRowsByType["domain"] == 90)
        #expect(model.card.contaminationRowCount == 6)
        #expect(model.card.features.count == 18)
        #expect(model.card.relationshipCount == detector.relationshipCount)
        #expect(model.card.calibrations.contains { $0.detector == "burst" && $0.type == "all" })
        #expect(model.peers["domain"]?.count == 90)
        #expect(model.peers[PeerGroup.everyone]?.count == 300)
    }

    @Test("Detectors are silent where they have nothing to say")
    func silence() throws {
        var world = SmallWorld(communityCount: 5, seed: 3)
        let loner: Int64 = 70_000
        world.batch.entities.append(EntityRecord(id: loner, typeCode: 1))
        var detector = try world.detector()
        detector.adopt(
            model: try ModelTrainer.train(detector, asOf: now, options: options()))
        let judgement = try #require(detector.judge(loner, asOf: now))
        let spoke = Set(judgement.detectors.map(\.detector))
        // No neighbour, no rating, no activity: only what the row itself tells.
        #expect(spoke.isSubset(of: [.isolationForest, .peerDeviation]))
        #expect(spoke.contains(.isolationForest))
        #expect(!judgement.pValue.isNaN)
    }

    @Test("Bad ratings are an anomaly only where ratings are known")
    func trust() throws {
        var world = SmallWorld(communityCount: 6, seed: 4)
        var catalog = SmallWorld.catalog
        catalog.relationshipTypes[9] = "rates"
        catalog.ratingTypeCodes = [9]
        let people = world.members.flatMap { $0[4] ?? [] }
        for _ in 0..<600 {
            let rater = people[world.random.index(below: people.count)]
            let rated = people[world.random.index(below: people.count)]
            var row = world.relationship(rater, rated, 9, time: world.past())
            row.weight = Double(1 + world.random.index(below: 4))
            world.batch.relationships.append(row)
        }
        var detector = AnomalyDetector(
            catalog: catalog, indicators: try DefaultIndicators.load())
        _ = try detector.apply(world.batch)
        detector.adopt(
            model: try ModelTrainer.train(detector, asOf: now, options: options()))
        let cheat = people[7]
        let rows = (0..<9).map { place in
            var row = world.relationship(people[20 + place], cheat, 9, time: world.past())
            row.weight = -10
            return row
        }
        _ = try detector.apply(ChangeBatch(relationships: rows))
        let judgement = try #require(detector.judge(cheat, asOf: now))
        let finding = try #require(judgement.anomaly, "\(judgement.detectors)")
        #expect(finding.indicators.contains { $0.name == "distrusted" })
        #expect(finding.explanation.evidence.contains { $0.reason == "rated -10" })
        let mailbox = try #require(world.members[0][3]?.first)
        #expect(
            detector.judge(mailbox, asOf: now)?.detectors.contains { $0.detector == .trust }
                == false)
    }

    @Test("A damaged archive is refused with what is wrong")
    func damagedArchives() throws {
        let detector = try SmallWorld(communityCount: 2, seed: 3).detector()
        let archive = try ModelTrainer.train(detector, asOf: now, options: options())
            .archive()
        func code(_ change: (inout ModelArchive) -> Void) -> ModelFileError.Code? {
            var damaged = archive
            change(&damaged)
            return #expect(throws: ModelFileError.self) { try DetectionModel(archive: damaged) }?
                .code
        }
        #expect(code { $0.metadata["format"] = "other" } == .invalidModel)
        #expect(code { $0.metadata["card"] = nil } == .invalidModel)
        #expect(code { $0.metadata["calibrations"] = "{}}" } == .invalidModel)
        let odd = #"{"odd":{"byType":{},"silentTypes":[]}}"#
        #expect(code { $0.metadata["calibrations"] = odd } == .invalidModel)
        #expect(code { $0.tensors["peers"] = nil } == .missingTensor)
        #expect(code { $0.tensors["peers"] = Tensor([1.0]) } == .wrongShape)
        #expect(code { $0.tensors["forest.feature"] = nil } == .missingTensor)
    }
}
