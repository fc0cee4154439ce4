import AnomalyModels
import Foundation
import GraphEngine
import Testing

@testable import AnomalyDetection

@Suite("Tags that go together")
struct TagFitsTests {
    /// Two camps of forty, each a ring with chords; the first carries the tag 1, the second the tag 2.
    ///
    /// Entities of `tags` carry those instead, and `ties` are added.
    private func camps(
        _ tags: [Int64: [UInt64]] = [:], ties: [(Int64, Int64)] = []
    ) -> ChangeBatch {
        var batch = ChangeBatch()
        for id in Int64(1)...80 {
            batch.entities.append(
                EntityRecord(id: id, typeCode: 1, tagKeys: tags[id] ?? (id <= 40 ? [1] : [2])))
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
        for (first, second) in ties {
            batch.relationships.append(Fixtures.relationship(row, first, second))
            row += 1
        }
        return batch
    }

    private func detector(_ batch: ChangeBatch) throws -> AnomalyDetector {
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        _ = try detector.apply(batch)
        detector.adopt(context: detector.contextModel(seed: 1))
        return detector
    }

    private func reading(_ id: Int64, _ detector: AnomalyDetector) -> TagReading? {
        detector.graph.nodeIndex(of: NodeKey(id)).flatMap(detector.tagReading(of:))
    }

    @Test("Fits are logarithms of how much oftener than by chance two tags meet")
    func counted() throws {
        let model = try #require(try detector(camps()).contextModel(seed: 1))
        let fits = try #require(model.tagFits)
        #expect(fits.tags == [1, 2])
        // 160 pairs of neighbours, each seen from both ends and counted from both sides: 320 each way.
        let same = log((320.0 + 1) / (320.0 * 320 / 640 + 1))
        let other = log(1 / (320.0 * 320 / 640 + 1))
        for (fit, expected) in zip(fits.fits, [same, other, other, same]) {
            #expect(abs(Double(fit) / TagFits.unit - expected) < 1e-4)
        }
    }

    @Test("The misfit is the sum over the tags, times the root of the number of neighbours")
    func misfit() throws {
        let model = try #require(try detector(camps()).contextModel(seed: 1))
        var stranger = AnomalyDetector(catalog: Fixtures.catalog)
        _ = try stranger.apply(camps([1: [2]]))
        stranger.adopt(context: model)
        let found = try #require(reading(1, stranger))
        #expect(found.neighbourCount == 4)
        #expect(found.sharingCount == 0)
        let subject = try #require(stranger.subject(of: 1, asOf: 0))
        let context = try #require(subject.context)
        #expect(abs(subject.homophilyScore - context.score - log(161)) < 1e-3)
        #expect(abs(found.misfit - 2 * log(161)) < 1e-3)
        let ordinary = try #require(reading(20, stranger))
        #expect(ordinary.sharingCount == 4)
        #expect(ordinary.misfit < -1)
        let usual = try #require(stranger.subject(of: 20, asOf: 0))
        #expect(usual.homophilyScore == usual.context?.score)
    }

    @Test("A wrong tag among right ones misfits less than alone, and unknown tags say nothing")
    func nearMisses() throws {
        let mixed = Dictionary(uniqueKeysWithValues: (1...20).map { (Int64($0), [UInt64(1), 3]) })
        let model = try #require(try detector(camps(mixed)).contextModel(seed: 1))
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        _ = try detector.apply(camps([1: [1, 2, 3], 7: [99], 30: []]))
        detector.adopt(context: model)
        let wrong = try #require(reading(1, detector))
        var swapped = detector
        _ = try swapped.apply(
            ChangeBatch(entities: [EntityRecord(id: 1, typeCode: 1, tagKeys: [2])]))
        let foreign = try #require(reading(1, swapped))
        #expect(wrong.misfit < foreign.misfit - 2)
        #expect(try #require(reading(7, detector)).misfit.isNaN)
        #expect(try #require(reading(30, detector)).misfit.isNaN)
    }

    @Test("Triangles count where no two of the three go together")
    func triangles() throws {
        let model = try #require(try detector(camps()).contextModel(seed: 1))
        // Three tags that never meet: of each only the carrier.
        let carriers = Dictionary(
            uniqueKeysWithValues: (1...80).map { id in
                (Int64(id), [UInt64(id <= 40 ? 1 : 2)])
            })
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        _ = try detector.apply(camps(carriers, ties: [(10, 50), (50, 20), (10, 20)]))
        detector.adopt(context: model)
        // 10 and 20 share their tag, so nobody of this triangle is among strangers.
        for id in [Int64(10), 20, 50] {
            #expect(try #require(reading(id, detector)).foreignTriangles == 0)
        }
        _ = try detector.apply(
            ChangeBatch(entities: [EntityRecord(id: 20, typeCode: 1, tagKeys: [])]))
        // Now nothing is known of one, and the other two do not go together.
        for id in [Int64(10), 20, 50] {
            #expect(try #require(reading(id, detector)).foreignTriangles == 1)
        }
        _ = try detector.apply(
            ChangeBatch(
                entities: [10, 50].map { EntityRecord(id: $0, typeCode: 1, tagKeys: []) }))
        #expect(try #require(reading(20, detector)).foreignTriangles == 0)
    }

    @Test("Reached by changes in any order, fits and readings have the same bits")
    func order() throws {
        let world = camps([1: [2], 3: [1, 2], 9: []], ties: [(10, 50), (50, 9), (10, 9)])
        let whole = try detector(world)
        var reversed = world
        reversed.entities.reverse()
        reversed.relationships.reverse()
        var stepwise = AnomalyDetector(catalog: Fixtures.catalog)
        for entity in reversed.entities {
            _ = try stepwise.apply(ChangeBatch(entities: [entity]))
        }
        for relationship in reversed.relationships {
            _ = try stepwise.apply(ChangeBatch(relationships: [relationship]))
        }
        let model = try #require(stepwise.contextModel(seed: 1))
        #expect(model.tagFits == whole.contextModel(seed: 1)?.tagFits)
        stepwise.adopt(context: model)
        for id in Int64(1)...80 {
            let (first, second) = (reading(id, whole), reading(id, stepwise))
            #expect(first?.meanFit.bitPattern == second?.meanFit.bitPattern)
            #expect(first?.foreignTriangles == second?.foreignTriangles)
        }
    }

    @Test("Fits survive the archive, and such as are not square are refused")
    func archive() throws {
        let model = try #require(try detector(camps()).contextModel(seed: 3))
        var archive = ModelArchive(metadata: [:], tensors: [:])
        model.write(to: &archive)
        let read = try ContextModel(archive: ModelArchive(decoding: archive.encoded()))
        #expect(read?.tagFits == model.tagFits)
        #expect(read?.tagFits != nil)
        archive.tensors["context.fits"] = Tensor([Int32(1), 2, 3])
        #expect(throws: ModelFileError.self) { try ContextModel(archive: archive) }
    }
}
