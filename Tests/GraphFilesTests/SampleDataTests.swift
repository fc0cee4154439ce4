import Foundation
import Testing

@testable import GraphFiles

/// The folder with the public sample sets; `nil` where it is not at hand.
private let dataFolder: String? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    let folder =
        ProcessInfo.processInfo.environment["VIGIL_DATA"]
        ?? root.appendingPathComponent("../shared/data").standardizedFileURL.path
    return FileManager.default.fileExists(atPath: folder) ? folder : nil
}()

/// What the sets' own description says of them, and counts of their files taken with `awk`.
private struct Expectation: Sendable, CustomTestStringConvertible {
    var name: String
    var entityCount: Int
    var relationshipCount: Int
    var anomalousEntityCount = 0
    var anomalousRelationshipCount = 0
    var attributeCount = 0
    var hasTimes = false

    var testDescription: String { name }
}

private let expectations = [
    Expectation(
        name: "bitcoin-otc", entityCount: 5881, relationshipCount: 35_592,
        anomalousEntityCount: 180, hasTimes: true),
    Expectation(
        name: "darpa98-head", entityCount: 1834, relationshipCount: 200_000,
        anomalousEntityCount: 525, anomalousRelationshipCount: 995, attributeCount: 2,
        hasTimes: true),
    Expectation(
        name: "bond-disney", entityCount: 124, relationshipCount: 335, anomalousEntityCount: 6,
        attributeCount: 28),
    Expectation(
        name: "bond-books", entityCount: 1418, relationshipCount: 3695, anomalousEntityCount: 28,
        attributeCount: 21),
    Expectation(
        name: "bond-inj-cora", entityCount: 2708, relationshipCount: 11_054,
        anomalousEntityCount: 138),
    Expectation(
        name: "bond-gen-500", entityCount: 500, relationshipCount: 1331, anomalousEntityCount: 20,
        attributeCount: 64),
    Expectation(
        name: "mitre-attack", entityCount: 3742, relationshipCount: 24_615, attributeCount: 7,
        hasTimes: true),
    Expectation(
        name: "spyware-infrastructure", entityCount: 5737, relationshipCount: 14_493,
        hasTimes: true),
    Expectation(
        name: "misp-threat-actors", entityCount: 3623, relationshipCount: 6623, attributeCount: 3),
]

@Suite(
    "Public sample sets",
    .enabled(if: dataFolder != nil, "no sample data: put it at ../shared/data or set VIGIL_DATA"))
struct SampleDataTests {
    @Test("A public set reads whole and has the counts of its description", arguments: expectations)
    private func counts(of expected: Expectation) throws {
        let folder = try #require(dataFolder)
        let set = try GraphSet(folder: "\(folder)/\(expected.name)")
        var anomalousEntityCount = 0
        var attributes: Set<String> = []
        let index = try set.readEntities { entity in
            anomalousEntityCount += entity.groundTruth.label ?? 0
            attributes.formUnion(entity.attributes.map(\.name))
        }
        var relationshipCount = 0
        var anomalousRelationshipCount = 0
        var timedCount = 0
        try set.readRelationships(index: index) { relationship in
            relationshipCount += 1
            anomalousRelationshipCount += relationship.groundTruth.label ?? 0
            timedCount += relationship.timestamp == nil ? 0 : 1
        }
        #expect(index.count == expected.entityCount)
        #expect(relationshipCount == expected.relationshipCount)
        #expect(anomalousEntityCount == expected.anomalousEntityCount)
        #expect(anomalousRelationshipCount == expected.anomalousRelationshipCount)
        #expect(attributes.count == expected.attributeCount)
        #expect((timedCount > 0) == expected.hasTimes)
        #expect(attributes.isDisjoint(with: GroundTruth.columns))
    }

    @Test("The words of the citation graph are sparse features of every paper")
    func sparseFeatures() throws {
        let folder = try #require(dataFolder)
        let set = try GraphSet(folder: folder + "/bond-inj-cora")
        var rowCount = 0
        var highest: Int32 = 0
        let isThere = try set.readSparseFeatures { features in
            rowCount += 1
            highest = max(highest, features.active.last ?? 0)
        }
        #expect(isThere)
        #expect(rowCount == 2708)
        #expect(highest == 1432)
    }
}
