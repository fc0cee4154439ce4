import AnomalyDetection
import AnomalyModels
import ModelTraining
import Testing

@Suite("A challenger in the shadow")
struct ChallengerTests {
    private static let contact: Int32 = 9

    /// Two models of one catalog: for the second contacts recur, and tags mean something else.
    private struct Pair: Sendable {
        var world: SmallWorld
        var quiet, talkative: DetectionModel
    }

    /// Made once for all tests.
    private static let pair = Result { try makePair() }

    private static func catalog() -> TypeCatalog {
        var catalog = SmallWorld.catalog
        catalog.relationshipTypes[contact] = "contacts"
        return catalog
    }

    private static func makePair() throws -> Pair {
        var world = tagged(SmallWorld(communityCount: 5, seed: 3), vocabulary: 20)
        let quiet = try train(world, "v1.0.0", seed: 1)
        var other = tagged(SmallWorld(communityCount: 5, seed: 4), vocabulary: 7)
        for _ in 0..<1_200 {
            let community = other.random.index(below: 5)
            let (person, address) = (other.pick(community, 4), other.pick(community, 2))
            let time = other.past()
            for step in 0..<2 {
                other.relate(person, address, contact, time: time + 60 * Double(step))
            }
        }
        let talkative = try train(other, "v1.1.0", seed: 2)
        for _ in 0..<200 {
            let community = world.random.index(below: 5)
            world.relate(
                world.pick(community, 4), world.pick(community, 2), contact, time: world.past())
        }
        return Pair(world: world, quiet: quiet, talkative: talkative)
    }

    private static func tagged(_ world: SmallWorld, vocabulary: Int) -> SmallWorld {
        var world = world
        for place in world.batch.entities.indices {
            let keys = (0..<3).map { _ in UInt64(1 + world.random.index(below: vocabulary)) }
            world.batch.entities[place].tagKeys = Set(keys).sorted()
            world.batch.entities[place].tagCount = Set(keys).count
        }
        return world
    }

    private static func train(
        _ world: SmallWorld, _ version: String, seed: UInt64
    ) throws -> DetectionModel {
        var options = ModelTrainer.Options(
            seed: seed, treeCount: 20, version: version, createdAt: SmallWorld.now)
        options.checkCount = 0
        options.behaviourWindowCountMax = 0
        var detector = AnomalyDetector(catalog: catalog())
        _ = try detector.apply(world.batch)
        return try ModelTrainer.train(detector, asOf: SmallWorld.now, options: options)
    }

    private static func detector(of world: SmallWorld) throws -> AnomalyDetector {
        var detector = AnomalyDetector(catalog: catalog())
        _ = try detector.apply(world.batch)
        return detector.withGlobalMetrics(asOf: SmallWorld.now, seed: 1, threadCount: 1)
    }

    @Test(
        "It judges as if its model had been adopted from the start, also after random changes",
        arguments: [true, false])
    func equalsAdoption(isTalkativeChallenger: Bool) throws {
        let pair = try Self.pair.get()
        #expect(pair.talkative.relationships?.recurringTypes == ["contacts"])
        #expect(pair.quiet.relationships?.recurringTypes == [])
        let (champion, challenger) =
            isTalkativeChallenger
            ? (pair.quiet, pair.talkative) : (pair.talkative, pair.quiet)
        let plain = try Self.detector(of: pair.world)
        var both = plain
        both.adopt(model: champion)
        both.adopt(challenger: challenger)
        var first = plain
        first.adopt(model: champion)
        var second = plain
        second.adopt(model: challenger)
        #expect(both.modelVersion == champion.version)
        #expect(both.challengerVersion == challenger.version)
        var random = SeededRandom(seed: 7)
        for _ in 0..<6 {
            let batch = Self.changes(of: pair.world, &random)
            let moved = try both.apply(batch)
            #expect(try first.apply(batch) == moved)
            #expect(try second.apply(batch) == moved)
            try expectSame(both, first)
            try expectSame(try #require(both.byChallenger), second)
        }
        // What was kept for the challenger goes over to the model in use.
        both.adopt(model: challenger)
        both.adopt(challenger: nil)
        try expectSame(both, second)
        #expect(both.byChallenger == nil)
    }

    @Test("A verdict without an explanation is that of the judgement")
    func briefVerdicts() throws {
        let pair = try Self.pair.get()
        var detector = try Self.detector(of: pair.world)
        for model in [nil, pair.talkative] {
            detector.adopt(model: model)
            for subject in Self.subjects(of: detector) {
                let brief = try #require(detector.assess(subject, asOf: SmallWorld.now))
                let whole = try #require(Self.judge(subject, by: detector))
                #expect(brief.pValue.bitPattern == whole.pValue.bitPattern)
                #expect(brief.anomalyScore == whole.anomalyScore)
                #expect(detector.isAnomaly(brief) == (whole.anomaly != nil))
                #expect(brief.anomaly == nil)
            }
        }
    }

    @Test(
        "A challenger's share is the same subjects always, and those of a smaller share among them")
    func split() {
        func members(_ version: String, _ share: Double) -> Set<Subject> {
            let split = ChallengerSplit(version: version, share: share)
            let subjects = (1...20_000).map { Subject.entity($0) }
            return Set(subjects.filter(split.contains))
        }
        let tenth = members("v1.1.0", 0.1)
        // Three standard deviations of a binomial count: 42.4 and 14.1.
        #expect((1_872...2_128).contains(tenth.count))
        #expect(tenth == members("v1.1.0", 0.1))
        #expect(tenth.isSubset(of: members("v1.1.0", 0.3)))
        #expect(members("v1.1.0", 0).isEmpty)
        #expect(members("v1.1.0", 1).count == 20_000)
        let shared = tenth.intersection(members("v1.2.0", 0.1))
        #expect((157...243).contains(shared.count))
        let split = ChallengerSplit(version: "v1.1.0", share: 0.5)
        let differing = (Int64(1)...64).count { id in
            split.contains(.entity(id)) != split.contains(.relationship(id))
        }
        #expect(differing > 0)
    }

    private static func subjects(of detector: AnomalyDetector) -> [Subject] {
        detector.entityIDs.map { .entity($0) }
            + detector.entityIDs.flatMap(detector.outgoingRelationshipIDs).map { .relationship($0) }
    }

    private static func judge(_ subject: Subject, by detector: AnomalyDetector) -> Judgement? {
        switch subject {
        case .entity(let id): detector.judge(id, asOf: SmallWorld.now)
        case .relationship(let id): detector.judge(relationshipID: id, asOf: SmallWorld.now)
        }
    }

    private func expectSame(_ one: AnomalyDetector, _ other: AnomalyDetector) throws {
        let subjects = Self.subjects(of: one)
        #expect(subjects == Self.subjects(of: other))
        for subject in subjects {
            let first = try #require(one.assess(subject, asOf: SmallWorld.now))
            let second = try #require(other.assess(subject, asOf: SmallWorld.now))
            #expect(first.modelVersion == second.modelVersion)
            #expect(first.pValue.bitPattern == second.pValue.bitPattern, "\(subject)")
            #expect(first.anomalyScore == second.anomalyScore)
            #expect(first.detectors.map(\.detector) == second.detectors.map(\.detector))
        }
    }

    /// New and changed entities and relationships, and some that go.
    private static func changes(
        of world: SmallWorld, _ random: inout SeededRandom
    ) -> ChangeBatch {
        var batch = ChangeBatch()
        for _ in 0..<6 {
            var record = world.batch.entities[random.index(below: world.batch.entities.count)]
            let keys = (0..<2).map { _ in UInt64(1 + random.index(below: 25)) }
            record.tagKeys = Set(keys).sorted()
            record.riskScore = random.uniform()
            if batch.entities.contains(where: { $0.id == record.id }) { continue }
            batch.entities.append(record)
        }
        for _ in 0..<20 {
            let ends = (0..<2).map { _ in
                world.batch.entities[random.index(below: world.batch.entities.count)].id
            }
            batch.relationships.append(
                RelationshipRecord(
                    id: Int64(100_000 + random.index(below: 1_000_000)),
                    sourceEntityID: ends[0], targetEntityID: ends[1],
                    typeCode: random.uniform() < 0.5 ? contact : 5, confidence: 0.7, weight: 1,
                    firstObserved: SmallWorld.now - 60 * random.uniform(),
                    createdAt: SmallWorld.now))
        }
        for _ in 0..<5 {
            let rows = world.batch.relationships
            batch.deletedRelationshipIDs.append(rows[random.index(below: rows.count)].id)
        }
        return batch
    }
}
