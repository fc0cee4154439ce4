import AnomalyModels
import Foundation
import GraphEngine
import Testing

@testable import AnomalyDetection

@Suite("Tags and numbers of neighbours")
struct ContextTests {
    /// Two camps of forty, each a ring with chords.
    ///
    /// The first carries the tags 1 and 2, the second 3 and 4; the entity 1, of the first, any.
    private func camps(_ first: [UInt64] = [1, 2]) -> ChangeBatch {
        var batch = ChangeBatch()
        for id in Int64(1)...80 {
            let tags: [UInt64] = id <= 40 ? [1, 2] : [3, 4]
            batch.entities.append(
                EntityRecord(
                    id: id, typeCode: 1, tagKeys: id == 1 ? first : tags,
                    numericMetadata: [id <= 40 ? 1 : -1]))
        }
        var row: Int64 = 1
        for camp in [Int64(0), 40] {
            for place in Int64(0)..<40 {
                for step in [Int64(1), 5] {
                    batch.relationships.append(
                        Fixtures.relationship(
                            row, camp + place + 1, camp + (place + step) % 40 + 1))
                    row += 1
                }
            }
        }
        return batch
    }

    private func detector(_ batch: ChangeBatch, numbers: Bool = false) throws -> AnomalyDetector {
        var catalog = Fixtures.catalog
        if numbers { catalog.numericMetadata = [1: ["load"]] }
        var detector = AnomalyDetector(catalog: catalog)
        _ = try detector.apply(batch)
        detector.adopt(context: detector.contextModel(seed: 1))
        return detector
    }

    private func reading(_ id: Int64, _ detector: AnomalyDetector) -> ContextReading? {
        detector.graph.nodeIndex(of: NodeKey(id)).flatMap(detector.contextReading(of:))
    }

    @Test("Who carries the tags of its neighbours shares all with them, and half with random ones")
    func alike() throws {
        let found = try #require(try reading(2, detector(camps())))
        #expect(abs(found.oneStep - 1) < 1e-6)
        #expect(abs(found.twoSteps - 1) < 1e-6)
        // 39 others of its camp, 40 of the other one.
        #expect(abs(found.usual - 39.0 / 79) < 1e-6)
        #expect(found.score < 0)
    }

    @Test("Who carries the tags of the other camp shares nothing with its neighbours")
    func swapped() throws {
        let found = try #require(try reading(1, detector(camps([3, 4]))))
        #expect(found.oneStep == 0)
        #expect(abs(found.twoSteps) < 1e-6)
        #expect(found.score > 0.9)
    }

    @Test("A detector is silent where there are no tags, no neighbour, or no model")
    func silence() throws {
        #expect(try reading(1, detector(camps([]))) == nil)
        var batch = camps()
        batch.entities.append(EntityRecord(id: 99, typeCode: 1, tagKeys: [1, 2]))
        #expect(try reading(99, detector(batch)) == nil)
        var bare = try detector(camps())
        bare.adopt(context: nil)
        #expect(reading(1, bare) == nil)
    }

    @Test("Watched numbers are compared too, alone or beside the tags")
    func numbers() throws {
        let found = try #require(try reading(2, detector(camps(), numbers: true)))
        #expect(abs(found.oneStep - 1) < 1e-5)
        // Of a random pair of two camps the numbers are opposite: (39 - 40) / 79 and 39 / 79, halved.
        #expect(abs(found.usual - 0.5 * (39.0 / 79 - 1.0 / 79)) < 1e-5)
    }

    @Test("Reached by changes in any order, and by loading, the reading has the same bits")
    func order() throws {
        let whole = try detector(camps([3, 4]))
        var world = camps()
        var stepwise = AnomalyDetector(catalog: Fixtures.catalog)
        world.entities.reverse()
        world.relationships.reverse()
        _ = try stepwise.apply(world)
        let model = whole.contextModel(seed: 1)
        stepwise.adopt(context: model)
        var changed = EntityRecord(id: 1, typeCode: 1, tagKeys: [3, 4], numericMetadata: [1])
        let moved = try stepwise.apply(ChangeBatch(entities: [changed]))
        #expect(moved.entityIDs == [1, 2, 6, 36, 40], "its neighbours are as like it as they are")
        for id in Int64(1)...80 {
            let (first, second) = (reading(id, whole), reading(id, stepwise))
            #expect(first?.score.bitPattern == second?.score.bitPattern)
        }
        changed.tagKeys = [1, 2]
        _ = try stepwise.apply(ChangeBatch(entities: [changed]))
        #expect(try #require(reading(1, stepwise)).oneStep > 0.99)
    }

    @Test("The kept sample of a hub is the one gathered from its rows")
    func hubs() throws {
        var batch = ChangeBatch(entities: Fixtures.entities(1...400))
        for id in Int64(2)...300 {
            batch.relationships.append(Fixtures.relationship(id, 1, id))
        }
        var detector = try Fixtures.detector(batch)
        let hub = try #require(detector.graph.nodeIndex(of: NodeKey(1)))
        func check() {
            let kept = Set(detector.neighbourSamples.sample(of: hub, detector.graph))
            let fresh = Set(NeighbourSamples().sample(of: hub, detector.graph))
            #expect(kept == fresh)
            #expect(kept.count == min(NeighbourSamples.countMax, detector.graph.degree(of: hub)))
        }
        check()
        for step in Int64(0)..<60 {
            _ = try detector.apply(
                ChangeBatch(
                    relationships: [Fixtures.relationship(1000 + step, 301 + step, 1)],
                    deletedRelationshipIDs: (0..<4).map { 2 + 4 * step + $0 }))
            check()
        }
    }

    @Test("A context model survives its archive")
    func archive() throws {
        let model = try #require(try detector(camps(), numbers: true).contextModel(seed: 3))
        var archive = ModelArchive(metadata: [:], tensors: [:])
        model.write(to: &archive)
        let read = try ContextModel(archive: ModelArchive(decoding: archive.encoded()))
        #expect(read == model)
        archive.tensors["context.reference_tags"] = Tensor([Int32(-1)])
        #expect(throws: ModelFileError.self) { try ContextModel(archive: archive) }
    }
}
