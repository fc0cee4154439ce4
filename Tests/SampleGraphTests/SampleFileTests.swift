import Foundation
import GraphFiles
import Testing

@testable import SampleGraph

@Suite("Sample graph: files")
struct SampleFileTests {
    private static func graph(_ seed: UInt64) -> SampleGraph {
        SampleGraph.generate(
            SampleGraph.Options(
                seed: seed, now: Worlds.now, entityCount: 1200, monthsOfHistory: 7,
                anomalyShare: 0.01))
    }

    private func text(_ graph: SampleGraph) throws -> [SampleFiles.File: [UInt8]] {
        let files = SampleFiles(graph)
        var result: [SampleFiles.File: [UInt8]] = [:]
        for file in SampleFiles.File.allCases {
            final class Box { var bytes: [UInt8] = [] }
            let box = Box()
            try files.write(file) { box.bytes += $0 }
            result[file] = box.bytes
        }
        return result
    }

    @Test("Equal options give equal bytes in every file, another seed gives others")
    func determinism() throws {
        let first = try text(Self.graph(11))
        #expect(try text(Self.graph(11)) == first)
        let other = try text(Self.graph(12))
        for file in SampleFiles.File.allCases { #expect(other[file] != first[file]) }
    }

    @Test("What is written is read back: every row, value, list and time")
    func roundTrip() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vigil-sample-files-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let graph = Self.graph(13)
        let files = SampleFiles(graph)
        let target = try GraphSetFolder(folder, mark: "test")
        for file in SampleFiles.File.allCases {
            let output = try target.file(file.rawValue + ".csv.gz")
            try files.write(file) { try output.write($0) }
            try output.finish()
        }
        try target.finish()

        let set = try GraphSet(folder: folder)
        var entities: [GraphSetEntity] = []
        let index = try set.readEntities { entities.append($0) }
        #expect(entities.count == graph.entities.count)
        let wrongEntities = graph.entities.filter { sample in
            let row = entities[files.entityID(sample.reference) - 1]
            let isSame =
                row.value == sample.value && row.name == sample.name
                && row.confidence == sample.confidence && row.riskScore == sample.riskScore
                && row.tags == sample.tags && row.sources == sample.sources
                && row.metadata == sample.metadata && row.description == sample.description
                && row.isVerified == sample.isVerified && row.isActive == sample.isActive
                && row.firstSeen == sample.firstSeen && row.lastSeen == sample.lastSeen
                && row.createdAt == sample.createdAt && row.updatedAt == sample.updatedAt
            return !isSame || !row.attributes.isEmpty || row.groundTruth.label != nil
        }
        #expect(wrongEntities.isEmpty)
        var relationships: [GraphSetRelationship] = []
        let ids = try set.readRelationships(index: index) { relationships.append($0) }
        let wrongRelationships = graph.relationships.filter { sample in
            let row = relationships[files.relationshipID(sample.reference) - 1]
            let isSame =
                row.type == sample.type && row.weight == sample.weight
                && row.sourcePosition == files.entityID(sample.source) - 1
                && row.targetPosition == files.entityID(sample.target) - 1
                && row.evidence == sample.evidenceJSON && row.isVerified == sample.isVerified
                && row.timestamp == sample.firstObserved && row.updatedAt == sample.updatedAt
            return !isSame || !row.attributes.isEmpty
        }
        #expect(wrongRelationships.isEmpty)
        var observations: [GraphSetObservation] = []
        let hasHistory = try set.readHistory(entities: index, relationships: ids) {
            observations.append($0)
        }
        #expect(hasHistory && observations.count == graph.observations.count)
        let areSame = zip(observations, graph.observations).allSatisfy { row, sample in
            row.observedAt == sample.observedAt && row.confidence == sample.confidence
                && row.riskScoreBefore == sample.riskScoreBefore && row.weight == sample.weight
        }
        #expect(areSame)
        var truth: [GraphSetTruth] = []
        try set.readTruth(entities: index, relationships: ids) { truth.append($0) }
        #expect(truth.map(\.kind) == graph.truth.map(\.kind.indicator))
        #expect(truth.map(\.strength) == graph.truth.map(\.strength))
        #expect(truth.map(\.otherTypes) == graph.truth.map(\.kind.otherTypes))
    }

    @Test("Rows stand in the order of creation, and the data hold no ground truth")
    func order() throws {
        let graph = Self.graph(14)
        let files = SampleFiles(graph)
        let isInOrder = zip(graph.relationships, graph.relationships.dropFirst()).allSatisfy {
            let ids = [$0, $1].map { files.relationshipID($0.reference) }
            return $0.createdAt == $1.createdAt
                || ($0.createdAt < $1.createdAt) == (ids[0] < ids[1])
        }
        #expect(isInOrder)
        let bytes = try text(graph)
        for file in [SampleFiles.File.entities, .relationships, .history] {
            let header = String(decoding: (bytes[file] ?? []).prefix { $0 != 10 }, as: UTF8.self)
            for word in ["label", "kind", "case", "strength", "role"] {
                #expect(!header.split(separator: ",").contains(Substring(word)))
            }
        }
    }

    @Test(
        "Instants are written as the calendar has them",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (1_774_969_200, "2026-03-31T15:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        ] as [(Double, String)])
    func instants(seconds: Double, text: String) {
        #expect(SampleFiles.instant(seconds) == text)
    }

    @Test("Logarithms and powers are right to twelve digits")
    func portableMath() {
        for exponent in -60...60 {
            let value = Double(sign: .plus, exponent: exponent, significand: 1.2345)
            let logarithm = PortableMath.log(value)
            #expect(abs(logarithm - log(value)) <= 1e-13 * max(1, abs(log(value))))
            #expect(abs(PortableMath.exp(logarithm) / value - 1) < 1e-12)
        }
        #expect(PortableMath.log(1) == 0 && PortableMath.exp(0) == 1)
    }
}
