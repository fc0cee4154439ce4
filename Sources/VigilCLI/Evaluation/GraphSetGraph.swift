import AnomalyDetection
import Foundation
import GraphEngine
import GraphFiles
import GraphMetrics
import ModelTraining

/// A graph set in memory, ready for the detector; labels stand apart.
struct GraphSetGraph {
    /// The label of each entity in the file's order; `nil` is unknown.
    private(set) var labels: [Int?] = []
    private var batch = ChangeBatch()
    private var catalog = TypeCatalog(
        entityTypes: [:], relationshipTypes: [:], ratingTypeCodes: [])
    private var newest = -Double.infinity

    init(_ set: GraphSet, ratingTypes: Set<String>) throws {
        var entityCodes: [String: Int32] = [:]
        var relationshipCodes: [String: Int32] = [:]
        var labels: [Int?] = []
        var batch = ChangeBatch()
        var newest = -Double.infinity
        var names: [Int32: Set<String>] = [:]
        var attributes: [[GraphSetAttribute]] = []
        let index = try set.readEntities { row in
            let code = entityCodes[row.type] ?? Int32(entityCodes.count + 1)
            entityCodes[row.type] = code
            labels.append(row.groundTruth.label)
            let keys = Double(row.attributes.count)
            for a in row.attributes where Float(a.value) != nil {
                names[code, default: []].insert(a.name)
            }
            attributes.append(row.attributes)
            newest = max(newest, row.lastSeen ?? row.firstSeen ?? newest)
            batch.entities.append(
                EntityRecord(
                    id: Int64(row.position), typeCode: code, confidence: row.confidence ?? .nan,
                    riskScore: .nan, sourceCount: row.sourceCount ?? 1,
                    hasName: row.name?.isEmpty == false, isVerified: false,
                    metadataRichness: keys / (keys + 4), tagCount: 0,
                    firstSeen: row.firstSeen ?? .nan,
                    lastSeen: row.lastSeen ?? row.firstSeen ?? .nan,
                    createdAt: row.firstSeen ?? .nan,
                    updatedAt: row.lastSeen ?? row.firstSeen ?? .nan, isActive: true))
        }
        let watched = names.mapValues { $0.sorted() }
        for place in batch.entities.indices {
            let keys = watched[batch.entities[place].typeCode] ?? []
            batch.entities[place].numericMetadata = keys.map { key in
                attributes[place].first { $0.name == key }.flatMap { Float($0.value) } ?? .nan
            }
        }
        catalog.numericMetadata = watched
        try set.readSparseFeatures(index: index) { row in
            batch.entities[row.position].tagKeys = row.active.map { textKey("\($0)") }.sorted()
        }
        try set.readRelationships(index: index) { row in
            let code = relationshipCodes[row.type] ?? Int32(relationshipCodes.count + 1)
            relationshipCodes[row.type] = code
            newest = max(newest, row.timestamp ?? newest)
            batch.relationships.append(
                RelationshipRecord(
                    id: Int64(batch.relationships.count), sourceEntityID: Int64(row.sourcePosition),
                    targetEntityID: Int64(row.targetPosition), typeCode: code,
                    confidence: row.confidence ?? .nan, weight: row.weight ?? .nan,
                    firstObserved: row.timestamp ?? .nan, lastObserved: row.timestamp ?? .nan,
                    createdAt: .nan, isActive: true))
        }
        self.labels = labels
        self.batch = batch
        self.newest = newest
        catalog.entityTypes = Dictionary(uniqueKeysWithValues: entityCodes.map { ($1, $0) })
        catalog.relationshipTypes = Dictionary(
            uniqueKeysWithValues: relationshipCodes.map { ($1, $0) })
        catalog.ratingTypeCodes = Set(
            relationshipCodes.filter { ratingTypes.contains($0.key) }.map(\.value))
    }

    /// The strangeness of each entity (-log10 p, larger is stranger) by the ensemble, by each
    /// detector alone, and by trivial baselines.
    func scores(seed: UInt64, asOf: Double?, threadCount: Int) throws -> [String: [Double]] {
        let instant = asOf ?? (newest.isFinite ? newest : 0)
        var detector = AnomalyDetector(
            catalog: catalog, settings: DetectionSettings(), indicators: [])
        _ = try detector.apply(batch)
        if let metrics = GlobalMetrics.compute(
            detector.makeSnapshot(),
            options: GlobalMetrics.Options(seed: seed, threadCount: threadCount),
            isCancelled: { false })
        {
            detector.adopt(globalMetrics: metrics, epoch: 1, asOf: instant)
            detector.adopt(
                standings: TrustStandings.compute(
                    detector.graph, ratingTypes: catalog.ratingTypeCodes))
        }
        let model = try ModelTrainer.train(
            detector, asOf: instant,
            options: ModelTrainer.Options(
                seed: seed, treeCount: 100, sampleSize: 256, contamination: 0.02,
                version: "evaluation", createdAt: instant, threadCount: threadCount,
                excludedEntityIDs: []), progress: { _, _ in })
        detector.adopt(model: model)
        var scores: [String: [Double]] = [:]
        for position in labels.indices {
            let id = Int64(position)
            guard let judgement = detector.judge(id, asOf: instant) else { continue }
            scores["ensemble", default: []].append(-log10(judgement.pValue))
            let voices = Dictionary(
                judgement.detectors.map { ($0.name, $0.p) }, uniquingKeysWith: { first, _ in first }
            )
            for name in Detector.allCases.map(\.rawValue) {
                let p = voices[name] ?? .nan
                scores[name, default: []].append(p.isNaN ? 0 : -log10(p))
            }
            let degree = detector.graph.nodeIndex(of: .init(id)).map(detector.graph.degree(of:))
            scores["baseline: degree", default: []].append(Double(degree ?? 0))
        }
        scores["baseline: mean weight received"] = meanWeightReceived().map { -$0 }
        return scores
    }

    private func meanWeightReceived() -> [Double] {
        var sums = [Double](repeating: 0, count: labels.count)
        var counts = sums
        for relationship in batch.relationships where !relationship.weight.isNaN {
            sums[Int(relationship.targetEntityID)] += relationship.weight
            counts[Int(relationship.targetEntityID)] += 1
        }
        return zip(sums, counts).map { $1 == 0 ? 0 : $0 / $1 }
    }
}
