import AnomalyModels
import GraphEngine
import Testing

@testable import AnomalyDetection

@Suite("Applying changes")
struct IncrementalTests {
    @Test("Features after random changes are those of the rows rebuilt", arguments: [1, 2, 3, 4])
    func incrementalEqualsRebuilt(seed: UInt64) throws {
        var world = RandomWorld(seed: seed)
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        for step in 0..<25 {
            _ = try detector.apply(world.nextBatch())
            guard step % 6 == 0 else { continue }
            try expectSame(detector, try world.rebuilt())
            try expectSame(detector, try world.loaded())
        }
    }

    private func expectSame(_ detector: AnomalyDetector, _ rebuilt: AnomalyDetector) throws {
        #expect(detector.entityIDs == rebuilt.entityIDs)
        #expect(detector.entityCount == rebuilt.entityIDs.count)
        #expect(detector.relationshipCount == rebuilt.relationshipCount)
        #expect(detector.degreeSum == rebuilt.degreeSum)
        #expect(detector.degreeSquareSum == rebuilt.degreeSquareSum)
        #expect(detector.typeCounts.filter { $0.value > 0 } == rebuilt.typeCounts)
        for id in detector.entityIDs {
            let now = try #require(detector.subject(of: id, asOf: Fixtures.now))
            let then = try #require(rebuilt.subject(of: id, asOf: Fixtures.now))
            #expect(now.features.map(\.bitPattern) == then.features.map(\.bitPattern))
            #expect(now.state.degree == detector.graph.degree(of: now.node))
            #expect(now.state.ratings == then.state.ratings)
            #expect(now.state.updates == then.state.updates)
            #expect(now.activity.burstCount == then.activity.burstCount)
            #expect(now.triangleExcess.bitPattern == then.triangleExcess.bitPattern)
            #expect(now.longestTie?.range == then.longestTie?.range)
            #expect(
                detector.neighbourhood(of: id, hops: 2, nodeLimit: 20)
                    == rebuilt.neighbourhood(of: id, hops: 2, nodeLimit: 20))
        }
        #expect(detector.relationshipIDs == rebuilt.relationshipIDs)
        for id in detector.relationshipIDs {
            for asOf in [Fixtures.now, Fixtures.now - 100_000] {
                let now = try #require(detector.relationshipSubject(of: id, asOf: asOf))
                let then = try #require(rebuilt.relationshipSubject(of: id, asOf: asOf))
                #expect(now.features.map(\.bitPattern) == then.features.map(\.bitPattern))
                for signal in RelationshipSignal.allCases {
                    #expect(
                        now.signals[signal].bitPattern == then.signals[signal].bitPattern,
                        "\(signal)")
                }
            }
        }
    }

    @Test("A loader refuses a relationship whose end is unknown")
    func loaderRefuses() {
        var loader = AnomalyDetector.Loader(catalog: Fixtures.catalog)
        for record in Fixtures.entities(1...3) { loader.insert(record) }
        let error = #expect(throws: DetectionError.self) {
            try loader.insert(Fixtures.relationship(77, 1, 99))
            _ = try loader.finish()
        }
        #expect(error?.message == "relationship 77 names entity 99, which is unknown")
    }

    @Test("The ends and the common neighbours of a new pair have moved, and nobody else")
    func movedEntities() throws {
        var detector = try Fixtures.detector(
            ChangeBatch(
                entities: Fixtures.entities(1...6),
                relationships: [
                    Fixtures.relationship(1, 1, 2), Fixtures.relationship(2, 2, 3),
                    Fixtures.relationship(3, 3, 4), Fixtures.relationship(4, 5, 6),
                ]))
        let met = try detector.apply(
            ChangeBatch(relationships: [Fixtures.relationship(9, 1, 3)]))
        #expect(met.entityIDs == [1, 2, 3])
        let again = try detector.apply(
            ChangeBatch(relationships: [Fixtures.relationship(10, 3, 1)]))
        #expect(again.entityIDs == [1, 3], "a second row of the pair closes no triangle")
        let parted = try detector.apply(ChangeBatch(deletedRelationshipIDs: [9, 10]))
        #expect(parted.entityIDs == [1, 2, 3])
        let gone = try detector.apply(ChangeBatch(deletedEntityIDs: [2]))
        #expect(gone.entityIDs == [1, 3], "the deleted entity itself is not scored")
        #expect(detector.featureVector(of: 2, asOf: Fixtures.now) == nil)
        #expect(detector.judge(2, asOf: Fixtures.now) == nil)
        let seen = try detector.apply(
            ChangeBatch(observations: [
                ObservationRecord(.entity(6), observedAt: Fixtures.now),
                ObservationRecord(.entity(2), observedAt: Fixtures.now),
            ]))
        #expect(seen.entityIDs == [6])
    }

    @Test("Common neighbours are scored again up to the limit, changed entities always")
    func neighbourLimit() throws {
        var settings = DetectionSettings()
        settings.neighboursScoredMax = 3
        var batch = ChangeBatch(entities: Fixtures.entities(1...12))
        for id in Int64(3)...12 {
            batch.relationships.append(Fixtures.relationship(id, 1, id))
            batch.relationships.append(Fixtures.relationship(100 + id, 2, id))
        }
        var detector = try Fixtures.detector(batch, settings: settings)
        let moved = try detector.apply(
            ChangeBatch(relationships: [Fixtures.relationship(500, 1, 2)]))
        #expect(moved.entityIDs.count == 5)
        #expect(moved.entityIDs.isSuperset(of: [1, 2]))
    }

    @Test("A batch that names an unknown entity is refused and changes nothing")
    func unknownEnds() throws {
        var detector = try Fixtures.detector(Fixtures.smallGraph())
        let error = #expect(throws: DetectionError.self) {
            try detector.apply(
                ChangeBatch(
                    entities: Fixtures.entities(10...10),
                    relationships: [Fixtures.relationship(77, 10, 99)]))
        }
        #expect(error?.code == .unknownEntity)
        #expect(error?.message == "relationship 77 names entity 99, which is unknown")
        #expect(detector.entityCount == 5)
        #expect(detector.relationshipCount == 6)
    }

    @Test("An inactive entity keeps its place in the graph and is not judged")
    func inactiveEntities() throws {
        var detector = try Fixtures.detector(Fixtures.smallGraph())
        let moved = try detector.apply(
            ChangeBatch(entities: [EntityRecord(id: 2, typeCode: 1, isActive: false)]))
        #expect(moved == MovedSubjects())
        #expect(detector.judge(2, asOf: Fixtures.now) == nil)
        #expect(detector.entityIDs == [1, 3, 4, 5])
        #expect(detector.feature(.relationshipCount, of: 1) == 1)
    }

    @Test("A change of the rating types counts the ratings again")
    func ratingTypes() throws {
        var batch = ChangeBatch(entities: Fixtures.entities(1...3))
        batch.relationships = [
            Fixtures.relationship(1, 1, 3, type: 3, weight: -10),
            Fixtures.relationship(2, 2, 3, type: 2, weight: 4),
        ]
        var detector = try Fixtures.detector(batch)
        #expect(try #require(detector.live(3)).state.ratings.sum == -10)
        var catalog = Fixtures.catalog
        catalog.ratingTypeCodes = [2]
        detector.adopt(settings: DetectionSettings(), indicators: [], catalog: catalog)
        #expect(try #require(detector.live(3)).state.ratings.sum == 4)
        #expect(try #require(detector.live(3)).state.ratings.count == 1)
    }
}
