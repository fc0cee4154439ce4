import AnomalyDetection
import AnomalyModels
import Foundation
import GraphMetrics

/// Shared small detectors and batches.
enum Fixtures {
    static let now = 1_700_000_000.0
    static let day = 86_400.0

    static let catalog = TypeCatalog(
        entityTypes: [1: "domain", 2: "ip_address", 3: "email"],
        relationshipTypes: [1: "resolves_to", 2: "owns", 3: "rates"], ratingTypeCodes: [3])

    static func detector(
        _ batch: ChangeBatch, indicators: [Indicator] = [],
        settings: DetectionSettings = DetectionSettings()
    ) throws -> AnomalyDetector {
        var detector = AnomalyDetector(
            catalog: catalog, settings: settings, indicators: indicators)
        _ = try detector.apply(batch)
        return detector
    }

    static func entities(_ ids: ClosedRange<Int64>, type: Int32 = 1) -> [EntityRecord] {
        ids.map { EntityRecord(id: $0, typeCode: type) }
    }

    /// A relationship of type `owns`, now an hour old unless told.
    static func relationship(
        _ id: Int64, _ source: Int64, _ target: Int64, type: Int32 = 2, weight: Double = .nan,
        time: Double = now - 3600, isActive: Bool = true
    ) -> RelationshipRecord {
        RelationshipRecord(
            id: id, sourceEntityID: source, targetEntityID: target, typeCode: type,
            weight: weight, firstObserved: time, createdAt: time, isActive: isActive)
    }

    /// The path 1 - 2 - 3 - 4 with the extra 2 - 5 and the triangle 3 - 4 - 5.
    static func smallGraph() -> ChangeBatch {
        ChangeBatch(
            entities: entities(1...5),
            relationships: [
                relationship(1, 1, 2), relationship(2, 2, 3), relationship(3, 3, 4),
                relationship(4, 2, 5), relationship(5, 4, 5), relationship(6, 3, 5),
            ])
    }
}

extension AnomalyDetector {
    func feature(_ feature: EntityFeature, of id: Int64, asOf: Double = Fixtures.now) -> Double {
        featureVector(of: id, asOf: asOf)?[feature] ?? -.infinity
    }
}
