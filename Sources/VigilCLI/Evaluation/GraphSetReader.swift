import AnomalyDetection
import Foundation
import GraphFiles

/// Turns the rows of a graph set into records, as the database would hold them.
struct GraphSetReader {
    private(set) var entities: [EntityRecord] = []
    private(set) var relationships: [RelationshipRecord] = []
    private(set) var observations: [ObservationRecord] = []
    private(set) var catalog = TypeCatalog()
    private(set) var entityTruth: [GraphSetGraph.Truth] = []
    private(set) var relationshipTruth: [GraphSetGraph.Truth] = []
    private(set) var ratingTypes: [String] = []
    private(set) var heldBack: Set<String> = []
    private(set) var newest = 0.0

    private var entityCodes: [String: Int32] = [:]
    private var relationshipCodes: [String: Int32] = [:]
    /// Types with a negative weight.
    private var negativeTypes: Set<String> = []
    /// The numbers of each entity by key, until it is known which keys its type watches.
    private var numbers: [[String: Float]] = []
    private var hasTruthFile = false

    /// A number of the metadata is watched where at least this share of the type's entities has it.
    private static let watchedShareMin = 0.5

    var relationshipTypeNames: Set<String> { Set(relationshipCodes.keys) }

    mutating func read(_ row: GraphSetEntity) {
        let code = entityCodes[row.type] ?? Int32(entityCodes.count + 1)
        entityCodes[row.type] = code
        entityTruth.append(truth(row.groundTruth))
        var own: [String: Float] = [:]
        for attribute in row.attributes {
            if let number = Float(attribute.value), number.isFinite { own[attribute.name] = number }
        }
        var filledCount = row.attributes.count
        if let metadata = row.metadata.flatMap(Self.object) {
            filledCount += metadata.count { !Self.isEmpty($0.value) }
            for (key, value) in metadata {
                // A flag is a number to Foundation, and none to us.
                if let number = value as? NSNumber, !(value is Bool) {
                    own[key] = number.floatValue
                }
            }
        }
        numbers.append(own)
        let keys = Double(filledCount)
        let tags = Set(row.tags.map { textKey($0) }).sorted()
        let created = row.createdAt ?? row.firstSeen ?? .nan
        note(row.lastSeen ?? row.firstSeen, row.updatedAt ?? row.createdAt)
        entities.append(
            EntityRecord(
                id: Int64(row.position), typeCode: code, confidence: row.confidence ?? .nan,
                riskScore: row.riskScore ?? .nan,
                sourceCount: row.sourceCount ?? (row.sources.isEmpty ? 1 : row.sources.count),
                hasName: row.name?.isEmpty == false, isVerified: row.isVerified ?? false,
                metadataRichness: keys / (keys + 4), tagCount: row.tags.count, tagKeys: tags,
                firstSeen: row.firstSeen ?? .nan,
                lastSeen: row.lastSeen ?? row.firstSeen ?? .nan, createdAt: created,
                updatedAt: row.updatedAt ?? row.lastSeen ?? created,
                isActive: row.isActive ?? true))
    }

    /// Sets the watched numbers once all entities are known.
    mutating func finishEntities() {
        catalog.entityTypes = Dictionary(uniqueKeysWithValues: entityCodes.map { ($1, $0) })
        var counts: [Int32: (rows: Int, keys: [String: Int])] = [:]
        for (record, own) in zip(entities, numbers) {
            var count = counts[record.typeCode] ?? (0, [:])
            count.rows += 1
            for key in own.keys { count.keys[key, default: 0] += 1 }
            counts[record.typeCode] = count
        }
        for (code, count) in counts {
            let least = Self.watchedShareMin * Double(count.rows)
            let keys = count.keys.filter { Double($0.value) >= least }.keys.sorted()
            if !keys.isEmpty { catalog.numericMetadata[code] = keys }
        }
        for place in entities.indices {
            let keys = catalog.numericMetadata[entities[place].typeCode] ?? []
            entities[place].numericMetadata = keys.map { numbers[place][$0] ?? .nan }
        }
        numbers = []
    }

    /// Takes feature numbers as tags.
    ///
    /// Their count stays unknown to the features: in injected sets it is a known leak.
    mutating func read(_ row: SparseFeatures) {
        entities[row.position].tagKeys = row.active.map { textKey("\($0)") }.sorted()
    }

    mutating func read(_ row: GraphSetRelationship) {
        let code = relationshipCodes[row.type] ?? Int32(relationshipCodes.count + 1)
        relationshipCodes[row.type] = code
        if let weight = row.weight, weight < 0 { negativeTypes.insert(row.type) }
        relationshipTruth.append(truth(row.groundTruth))
        note(row.timestamp, row.lastObserved)
        let evidence = row.evidence.flatMap { text in
            (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [Any]
        }
        relationships.append(
            RelationshipRecord(
                id: Int64(relationships.count), sourceEntityID: Int64(row.sourcePosition),
                targetEntityID: Int64(row.targetPosition), typeCode: code,
                confidence: row.confidence ?? .nan, weight: row.weight ?? .nan,
                firstObserved: row.timestamp ?? .nan,
                lastObserved: row.lastObserved ?? row.timestamp ?? .nan,
                createdAt: row.createdAt ?? .nan,
                sourceKeys: Set(row.sources.map { textKey($0) }).sorted(),
                evidenceCount: evidence?.count ?? 0, isVerified: row.isVerified ?? false,
                isActive: row.isActive ?? true))
    }

    mutating func read(_ row: GraphSetObservation) {
        let subject: Subject =
            switch row.subject {
            case .entity(let position): .entity(Int64(position))
            case .relationship(let position): .relationship(Int64(position))
            }
        note(row.observedAt)
        observations.append(
            ObservationRecord(
                subject, observedAt: row.observedAt, confidence: row.confidence ?? .nan,
                riskScore: row.riskScore ?? .nan, weight: row.weight ?? .nan))
    }

    mutating func read(_ row: GraphSetTruth) {
        let truth = GraphSetGraph.Truth(
            label: row.role == .subject ? 1 : nil, kind: row.kind,
            types: [row.type] + row.otherTypes, isJudged: row.role == .subject)
        switch row.subject {
        case .entity(let position): set(truth, at: position, in: &entityTruth)
        case .relationship(let position): set(truth, at: position, in: &relationshipTruth)
        }
    }

    /// With a truth file, whoever is not in it is normal.
    mutating func finishTruth() {
        heldBack.insert("truth.csv")
        for place in entityTruth.indices where entityTruth[place].isJudged {
            entityTruth[place].label = entityTruth[place].label ?? 0
        }
        for place in relationshipTruth.indices where relationshipTruth[place].isJudged {
            relationshipTruth[place].label = relationshipTruth[place].label ?? 0
        }
    }

    mutating func chooseRatings(_ options: GraphSetGraph.Options) {
        catalog.relationshipTypes = Dictionary(
            uniqueKeysWithValues: relationshipCodes.map { ($1, $0) })
        let chosen = options.ratingTypes.isEmpty ? negativeTypes : options.ratingTypes
        ratingTypes = options.usesRatings ? chosen.sorted() : []
        catalog.ratingTypeCodes = Set(ratingTypes.compactMap { relationshipCodes[$0] })
        // Without ratings the signed weights are no amounts or strengths either.
        guard !options.usesRatings else { return }
        let codes = Set(chosen.compactMap { relationshipCodes[$0] })
        for place in relationships.indices where codes.contains(relationships[place].typeCode) {
            relationships[place].weight = .nan
        }
    }

    /// A row may be the subject of one case and part of another: then it is a subject.
    private func set(
        _ truth: GraphSetGraph.Truth, at position: Int, in list: inout [GraphSetGraph.Truth]
    ) {
        if truth.isJudged || list[position].label != 1 { list[position] = truth }
    }

    private mutating func truth(_ known: GroundTruth) -> GraphSetGraph.Truth {
        if known.label != nil { heldBack.insert("label") }
        for note in known.notes { heldBack.insert(note.name) }
        let kind = known.notes.first { ["outlier_kind", "attack"].contains($0.name) }?.value
        return GraphSetGraph.Truth(
            label: known.label,
            kind: known.label == 1 ? kind.flatMap { $0.isEmpty ? nil : $0 } : nil)
    }

    private mutating func note(_ times: Double?...) {
        for case let time? in times { newest = max(newest, time) }
    }

    private static func object(_ text: String) -> [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
    }

    private static func isEmpty(_ value: Any) -> Bool {
        switch value {
        case is NSNull: true
        case let text as String: text.isEmpty
        case let list as [Any]: list.isEmpty
        case let object as [String: Any]: object.isEmpty
        default: false
        }
    }
}
