import Testing

@testable import SampleGraph

/// Columns that say nothing about what was planted must not tell it apart.
@Suite("Planted anomalies: no artefact")
struct LeakTests {
    private var world: PlantedWorld { .shared }

    /// What a trivial look at an entity sees, and the kinds that are just that.
    struct Column: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var ownKinds: Set<PlantedKind> = []
        var value: @Sendable (SampleEntity, SampleFiles) -> Double
    }

    private static let sparse: Set<PlantedKind> = [.lowMetadataRichness, .missingName]

    static let columns = [
        Column(testDescription: "id", ownKinds: [.rapidGrowth]) {
            Double($1.entityID($0.reference))
        },
        Column(testDescription: "creation", ownKinds: [.rapidGrowth]) { entity, _ in
            entity.createdAt
        },
        Column(testDescription: "second of creation") { entity, _ in
            entity.createdAt.truncatingRemainder(dividingBy: 60)
        },
        Column(testDescription: "length of the name", ownKinds: [.missingName]) { entity, _ in
            Double(entity.name?.utf8.count ?? 0)
        },
        Column(testDescription: "length of the value") { entity, _ in
            Double(entity.value.utf8.count)
        },
        Column(testDescription: "missing values", ownKinds: sparse) { entity, _ in
            let missing = [
                entity.name == nil, entity.confidence == nil, entity.riskScore == nil,
                entity.description == nil, entity.sources.isEmpty, entity.tags.isEmpty,
            ]
            return Double(missing.count { $0 })
        },
        Column(testDescription: "metadata", ownKinds: [.lowMetadataRichness]) { entity, _ in
            Double(entity.metadata.utf8.count)
        },
        Column(testDescription: "number of tags", ownKinds: sparse.union([.tagOutOfContext])) {
            entity, _ in Double(entity.tags.count)
        },
        Column(
            testDescription: "number of sources", ownKinds: sparse.union([.contradictorySources])
        ) { entity, _ in Double(entity.sources.count) },
        Column(testDescription: "verification") { entity, _ in entity.isVerified ? 1 : 0 },
        Column(testDescription: "time to creation", ownKinds: [.rapidGrowth]) { entity, _ in
            entity.createdAt - entity.firstSeen
        },
    ]

    @Test("A trivial column of entities does not separate", arguments: columns)
    func entities(column: Column) {
        let files = SampleFiles(world.graph)
        let touched = Set(world.graph.truth.map(\.subject))
        let planted = PlantedKind.ofEntities.filter { !column.ownKinds.contains($0) }
            .flatMap { world.subjects($0) }.compactMap { world.entity($0) }
        let normal = world.graph.entities.filter { !touched.contains(.entity($0.reference)) }
        let separation = rankSeparation(
            planted.map { column.value($0, files) }, normal.map { column.value($0, files) })
        #expect((0.35...0.65).contains(separation), "\(separation)")
    }

    @Test(
        "A trivial column of relationships does not separate",
        arguments: [
            "id", "creation", "second of creation", "confidence missing", "number of sources",
            "evidence", "verification", "time to creation", "source", "target", "weight missing",
        ])
    func relationships(column: String) {
        let files = SampleFiles(world.graph)
        let touched = Set(world.graph.truth.map(\.subject))
        func value(_ row: SampleRelationship) -> Double {
            switch column {
            case "id": Double(files.relationshipID(row.reference))
            case "creation": row.createdAt
            case "second of creation": row.createdAt.truncatingRemainder(dividingBy: 60)
            case "confidence missing": row.confidence == nil ? 1 : 0
            case "number of sources": Double(row.sources.count)
            case "evidence": Double(row.evidence.count)
            case "verification": row.isVerified ? 1 : 0
            case "time to creation": row.createdAt - row.firstObserved
            case "source": Double(files.entityID(row.source))
            case "target": Double(files.entityID(row.target))
            default: row.weight == nil ? 1 : 0
            }
        }
        let planted = PlantedKind.ofRelationships.flatMap { world.subjects($0) }
            .compactMap { world.relationship($0) }
        let normal = world.graph.relationships.filter {
            !touched.contains(.relationship($0.reference))
        }
        let separation = rankSeparation(planted.map(value), normal.map(value))
        #expect((0.35...0.65).contains(separation), "\(separation)")
    }

    @Test("Without anomalies nothing is planted, and the truth is empty")
    func nothing() {
        let graph = SampleGraph.generate(
            SampleGraph.Options(seed: 4, now: Worlds.now, entityCount: 1000))
        #expect(graph.truth.isEmpty)
    }
}
