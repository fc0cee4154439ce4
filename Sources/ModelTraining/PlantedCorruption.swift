import AnomalyDetection
import AnomalyModels
import GraphEngine

/// What the self-check of a training run does to a copy of a few entities.
enum PlantedCorruption: String, CaseIterable {
    /// Its attributes, tags and numbers are those of the most different of some entities of its type.
    case swap
    /// It belongs to entities drawn at random, each joined with each.
    case clique
    /// Its relationships lead to others of the same types.
    case rewired
    /// New relationships within the burst window.
    case burst
    /// Each attribute comes from another entity of any type: nothing that needs a graph to be seen.
    case mixture

    static let candidateCount = 30
    static let cliqueSize = 8
    static let burstSize = 20
    static let rewiredMax = 12
    static let secondsPerDay = 86_400.0
}

/// Plants corruptions, one at a time, into copies of a detector.
struct CorruptionPlanter {
    let detector: AnomalyDetector
    let asOf: Double
    private(set) var random: SeededRandom
    private let ids: [Int64]
    private let idsByType: [Int32: [Int64]]
    private var nextRelationshipID: Int64 = -1

    init(_ detector: AnomalyDetector, asOf: Double, seed: UInt64) {
        self.detector = detector
        self.asOf = asOf
        random = SeededRandom(seed: seed, stream: 3_000)
        ids = detector.entityIDs
        idsByType = Dictionary(grouping: ids) { detector.record(of: $0)?.typeCode ?? 0 }
    }

    mutating func draw() -> Int64 { ids[random.index(below: ids.count)] }

    /// A change that makes entities strange, and those entities; nil where it does not apply to `id`.
    mutating func plant(
        _ kind: PlantedCorruption, _ id: Int64
    ) -> (batch: ChangeBatch, ids: [Int64])? {
        switch kind {
        case .swap: swap(id).map { (ChangeBatch(entities: [$0]), [id]) }
        case .clique: clique(id)
        case .rewired: rewired(id).map { (ChangeBatch(relationships: $0), [id]) }
        case .burst: burst(id).map { (ChangeBatch(relationships: $0), [id]) }
        case .mixture: mixture(id).map { (ChangeBatch(entities: [$0]), [id]) }
        }
    }

    private mutating func swap(_ id: Int64) -> EntityRecord? {
        guard let own = detector.record(of: id), let peers = idsByType[own.typeCode],
            !own.tagKeys.isEmpty || own.numericMetadata.contains(where: { !$0.isNaN }),
            degree(of: id) > 0
        else { return nil }
        var farthest: (record: EntityRecord, distance: Double)?
        for _ in 0..<PlantedCorruption.candidateCount {
            guard let other = detector.record(of: peers[random.index(below: peers.count)]) else {
                continue
            }
            let distance = distance(own, other)
            if distance > farthest?.distance ?? 0 { farthest = (other, distance) }
        }
        return farthest.map { own.taking(attributesOf: $0.record) }
    }

    /// Tags that only one has, as a share, and the mean difference of the numbers.
    private func distance(_ first: EntityRecord, _ second: EntityRecord) -> Double {
        let (tags, others) = (Set(first.tagKeys), Set(second.tagKeys))
        let union = tags.union(others).count
        var distance =
            union > 0 ? 1 - Double(tags.intersection(others).count) / Double(union) : 0
        var (sum, count) = (0.0, 0.0)
        for (mine, its) in zip(first.numericMetadata, second.numericMetadata)
        where !mine.isNaN && !its.isNaN {
            sum += Double(abs(mine - its) / max(abs(mine), abs(its), .leastNormalMagnitude))
            count += 1
        }
        if count > 0 { distance += sum / count }
        return distance
    }

    private mutating func mixture(_ id: Int64) -> EntityRecord? {
        guard var record = detector.record(of: id) else { return nil }
        func donor() -> EntityRecord { detector.record(of: draw()) ?? record }
        record.confidence = donor().confidence
        record.riskScore = donor().riskScore
        record.sourceCount = donor().sourceCount
        record.metadataRichness = donor().metadataRichness
        record.tagCount = donor().tagCount
        record.firstSeen = donor().firstSeen
        record.lastSeen = donor().lastSeen
        let peers = idsByType[record.typeCode] ?? [id]
        for place in record.numericMetadata.indices {
            let other = detector.record(of: peers[random.index(below: peers.count)])
            if let numbers = other?.numericMetadata, place < numbers.count {
                record.numericMetadata[place] = numbers[place]
            }
        }
        return record
    }

    private mutating func clique(_ id: Int64) -> (batch: ChangeBatch, ids: [Int64])? {
        guard let type = rows(of: id).first?.attributes.typeCode else { return nil }
        var members: [Int64] = [id]
        while members.count < min(PlantedCorruption.cliqueSize, ids.count) {
            let other = draw()
            if !members.contains(other) { members.append(other) }
        }
        var batch = ChangeBatch()
        for (place, first) in members.enumerated() {
            for second in members[(place + 1)...] {
                // Spread over the past, so that it is no burst too.
                let days = 2 + 100 * random.uniform()
                batch.relationships.append(
                    relationship(
                        first, second, type, time: asOf - days * PlantedCorruption.secondsPerDay))
            }
        }
        return (batch, members)
    }

    private mutating func rewired(_ id: Int64) -> [RelationshipRecord]? {
        guard degree(of: id) >= 3 else { return nil }
        var records: [RelationshipRecord] = []
        for edge in rows(of: id).prefix(PlantedCorruption.rewiredMax) {
            let ends = [edge.source, edge.target].map { detector.graph.nodeKey(at: $0).rawValue }
            let isSource = ends[0] == id
            guard let code = detector.record(of: isSource ? ends[1] : ends[0])?.typeCode,
                let others = idsByType[code]
            else { continue }
            let other = others[random.index(below: others.count)]
            guard other != id else { continue }
            records.append(
                RelationshipRecord(
                    id: edge.key.rawValue, sourceEntityID: isSource ? id : other,
                    targetEntityID: isSource ? other : id, typeCode: edge.attributes.typeCode,
                    confidence: Double(edge.attributes.confidence),
                    weight: Double(edge.attributes.weight), firstObserved: edge.attributes.time))
        }
        return records.isEmpty ? nil : records
    }

    private mutating func burst(_ id: Int64) -> [RelationshipRecord]? {
        guard let type = rows(of: id).first?.attributes.typeCode else { return nil }
        let window = detector.settings.burstWindowSeconds / 2
        return (0..<PlantedCorruption.burstSize).compactMap { _ in
            let other = draw()
            guard other != id else { return nil }
            return relationship(id, other, type, time: asOf - window * random.uniform())
        }
    }

    private mutating func relationship(
        _ source: Int64, _ target: Int64, _ type: Int32, time: Double
    ) -> RelationshipRecord {
        defer { nextRelationshipID -= 1 }
        return RelationshipRecord(
            id: nextRelationshipID, sourceEntityID: source, targetEntityID: target, typeCode: type,
            firstObserved: time, lastObserved: time, createdAt: time)
    }

    private func degree(of id: Int64) -> Int {
        detector.graph.nodeIndex(of: NodeKey(id)).map(detector.graph.degree(of:)) ?? 0
    }

    /// The active relationships of an entity with others, by key.
    private func rows(of id: Int64) -> [Edge] {
        guard let node = detector.graph.nodeIndex(of: NodeKey(id)) else { return [] }
        return detector.graph.incidentEdges(of: node).map(detector.graph.edge(at:))
            .filter { $0.attributes.isActive && $0.source != $0.target }
            .sorted { $0.key < $1.key }
    }
}

extension EntityRecord {
    /// The same entity with what another one is like.
    fileprivate func taking(attributesOf other: EntityRecord) -> EntityRecord {
        var record = self
        record.confidence = other.confidence
        record.riskScore = other.riskScore
        record.sourceCount = other.sourceCount
        record.metadataRichness = other.metadataRichness
        record.tagCount = other.tagCount
        record.tagKeys = other.tagKeys
        record.numericMetadata = other.numericMetadata
        return record
    }
}
