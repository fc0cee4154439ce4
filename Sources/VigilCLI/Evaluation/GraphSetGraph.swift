import AnomalyDetection
import Foundation
import GraphFiles

/// A graph set as rows for the detector; the truth stands apart.
struct GraphSetGraph {
    /// What is known about the right answer for one row.
    struct Truth {
        /// 1 anomalous, 0 normal; nil is unknown, or part of a case.
        var label: Int?
        /// What kind of anomaly it is, where the set tells.
        var kind: String?
        /// The anomaly types that it may be given, the right one first.
        var types: [String] = []
        /// False where the row is neither a miss nor a false alarm.
        var isJudged = true
    }

    private(set) var entities: [EntityRecord] = []
    private(set) var relationships: [RelationshipRecord] = []
    private(set) var observations: [ObservationRecord] = []
    private(set) var catalog = TypeCatalog()
    /// In the file's order; the position is the id.
    private(set) var entityTruth: [Truth] = []
    private(set) var relationshipTruth: [Truth] = []
    /// The names of the rating types, and of the columns and files that were kept from the detector.
    private(set) var ratingTypes: [String] = []
    private(set) var heldBack: Set<String> = []
    /// The newest instant in the data; 0 where there is none.
    private(set) var newest = 0.0

    /// What is read, and how.
    struct Options {
        /// Types whose weights are ratings; by default those with a negative weight.
        var ratingTypes: Set<String> = []
        var usesRatings = true
    }

    init(_ set: GraphSet, options: Options) throws {
        var reader = GraphSetReader()
        let entityIndex = try set.readEntities { reader.read($0) }
        reader.finishEntities()
        try set.readSparseFeatures(index: entityIndex) { reader.read($0) }
        let relationshipIndex = try set.readRelationships(index: entityIndex) { reader.read($0) }
        _ = try set.readHistory(entities: entityIndex, relationships: relationshipIndex) {
            reader.read($0)
        }
        let hasTruth = try set.readTruth(
            entities: entityIndex, relationships: relationshipIndex
        ) { reader.read($0) }
        if hasTruth { reader.finishTruth() }
        reader.chooseRatings(options)
        entities = reader.entities
        relationships = reader.relationships
        observations = reader.observations
        catalog = reader.catalog
        entityTruth = reader.entityTruth
        relationshipTruth = reader.relationshipTruth
        ratingTypes = reader.ratingTypes
        heldBack = reader.heldBack
        newest = reader.newest
        if let unknown = options.ratingTypes.subtracting(reader.relationshipTypeNames).sorted()
            .first
        {
            throw GraphFileError(
                code: .badValue, file: set.relationshipsFile,
                reason: "there is no relationship of type “\(unknown)”")
        }
    }

    /// A detector with all rows, as after a cold start.
    func detector(
        settings: DetectionSettings, indicators: [Indicator], threadCount: Int
    ) throws -> AnomalyDetector {
        var loader = AnomalyDetector.Loader(
            catalog: catalog, settings: settings, indicators: indicators,
            entityCount: entities.count)
        for record in entities { loader.insert(record) }
        for record in relationships { try loader.insert(record) }
        for observation in observations { loader.insert(observation) }
        return try loader.finish(threadCount: threadCount)
    }
}
