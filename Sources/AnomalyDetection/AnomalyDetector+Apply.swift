import GraphEngine
import GraphMetrics

extension AnomalyDetector {
    /// Applies a batch of changes: all of it, or on an error nothing.
    ///
    /// - Returns: the live entities whose features moved: the changed ones, the ends of changed
    ///   relationships, and the common neighbours of pairs that met or parted, whose clustering
    ///   moved with them (at most `neighboursScoredMax` of these); and the new or changed
    ///   relationships that are active.
    /// - Complexity: O(change), plus the smaller neighbourhood of each pair that met or parted.
    package mutating func apply(_ batch: ChangeBatch) throws(DetectionError) -> MovedSubjects {
        try checkEnds(of: batch)
        let isSuspending = kept != nil && isLarge(batch)
        let suspended = isSuspending ? suspendMetrics() : nil
        var moved = MovedEntities(neighboursMax: settings.neighboursScoredMax)
        for id in batch.deletedRelationshipIDs {
            if let row = graph.edgeIndex(of: EdgeKey(id)) {
                relationships.forget(EdgeKey(id), at: row)
            }
            removeRelationship(id, &moved)
        }
        for id in batch.deletedEntityIDs { removeEntity(id, &moved) }
        for record in batch.entities { upsertEntity(record, &moved) }
        let bulkInstants = self.bulkInstants(in: batch.relationships)
        for record in batch.relationships {
            try upsertRelationship(record, bulkInstants, &moved)
        }
        relationships.stream?.feed(moved.newRows, in: graph)
        relationships.challengerStream?.feed(moved.newRows, in: graph)
        for observation in batch.observations { observe(observation, &moved) }
        refreshHistories()
        if isSuspending {
            resumeMetrics(suspended)
        } else {
            kept?.finishBatch(graph)
        }
        return MovedSubjects(
            entityIDs: moved.ids.filter { live($0) != nil },
            relationshipIDs: moved.relationshipIDs.filter { liveRelationship($0) != nil })
    }

    private mutating func observe(
        _ observation: ObservationRecord, _ moved: inout MovedEntities
    ) {
        switch observation.subject {
        case .entity(let id):
            guard let node = graph.nodeIndex(of: NodeKey(id)) else { return }
            states[Int(node)]?.updates.insert(observation.observedAt)
            states[Int(node)]?.recent.insert(observation)
            moved.insert(id)
        case .relationship(let id):
            guard graph.edgeIndex(of: EdgeKey(id)) != nil else { return }
            relationships.insert(observation, of: EdgeKey(id))
            moved.insertRelationship(id)
        }
    }

    /// Refuses a batch whose relationships name entities that neither exist nor come with it.
    private func checkEnds(of batch: ChangeBatch) throws(DetectionError) {
        guard !batch.relationships.isEmpty else { return }
        let deleted = Set(batch.deletedEntityIDs)
        let arriving = Set(batch.entities.lazy.map(\.id))
        for record in batch.relationships {
            for end in [record.sourceEntityID, record.targetEntityID] {
                let isKnown =
                    arriving.contains(end)
                    || (!deleted.contains(end) && graph.nodeIndex(of: NodeKey(end)) != nil)
                guard isKnown else {
                    throw DetectionError(
                        code: .unknownEntity,
                        message: "relationship \(record.id) names entity \(end), which is unknown")
                }
            }
        }
    }

    /// Creation instants that so many rows without an observation time share that they can only
    /// say when the rows were loaded.
    func bulkInstants(in records: [RelationshipRecord]) -> Set<Double> {
        guard records.count > settings.bulkInstantRowsMax else { return [] }
        var counts: [Double: Int] = [:]
        for record in records where record.firstObserved.isNaN && !record.createdAt.isNaN {
            counts[record.createdAt, default: 0] += 1
        }
        return Set(counts.lazy.filter { $0.value > settings.bulkInstantRowsMax }.map(\.key))
    }

    private mutating func upsertEntity(_ record: EntityRecord, _ moved: inout MovedEntities) {
        let key = NodeKey(record.id)
        let isNew = graph.nodeIndex(of: key) == nil
        let node = graph.insertNode(key)
        if isNew { kept?.insertNode(node, graph) }
        let old = isNew ? nil : states[Int(node)]?.record
        place(record, at: Int(node))
        if let old { moveAmounts(of: node, from: old.typeCode, to: record.typeCode) }
        moved.insert(record.id)
        guard let old,
            old.tagKeys != record.tagKeys
                || old.numericMetadata != record.numericMetadata
        else { return }
        // Its neighbours are as like it as they are now.
        let keys = neighbourSamples.sample(of: node, graph).map(graph.nodeKey(at:))
        for key in keys.sorted() { moved.insertNeighbour(key.rawValue) }
    }

    /// Keeps an entity's record, new or changed, at the position of its node.
    mutating func place(_ record: EntityRecord, at node: Int) {
        while states.count <= node { states.append(nil) }
        if let old = states[node]?.record {
            countType(of: old, by: -1)
            if old.typeCode != record.typeCode {
                recountTypes(of: NodeIndex(node), from: old.typeCode, to: record.typeCode)
            }
            states[node]?.record = record
            let isRiskSame =
                old.riskScore == record.riskScore
                || (old.riskScore.isNaN && record.riskScore.isNaN)
            if old.typeCode != record.typeCode || !isRiskSame { noteChanged(NodeIndex(node)) }
        } else {
            states[node] = EntityState(record: record)
        }
        countType(of: record, by: 1)
        noteTags(of: record, at: node)
    }

    private mutating func removeEntity(_ id: Int64, _ moved: inout MovedEntities) {
        let key = NodeKey(id)
        guard let node = graph.nodeIndex(of: key) else { return }
        var others: Set<NodeIndex> = []
        for row in graph.incidentEdges(of: node) {
            let edge = graph.edge(at: row)
            noteRemoval(of: row)
            countRow(edge, by: -1)
            countRelationship(edge, by: -1)
            relationships.forget(edge.key, at: row)
            others.insert(edge.source == node ? edge.target : edge.source)
            moved.insert(graph.nodeKey(at: edge.source).rawValue)
            moved.insert(graph.nodeKey(at: edge.target).rawValue)
        }
        if states[Int(node)]?.history != nil { busyCount -= 1 }
        var changes = GraphChanges()
        graph.removeNode(key, changes: &changes)
        relationships.forgetHub(node)
        for other in others where other != node { relationships.reviewHub(other, in: graph) }
        kept?.removeNode(node, changes, graph)
        for change in changes.simpleEdges { count(change) }
        neighbourSamples.forget(node)
        amounts.forget(node)
        forgetTrust(of: node)
        if let old = states[Int(node)]?.record { countType(of: old, by: -1) }
        states[Int(node)] = nil
    }

    private mutating func upsertRelationship(
        _ record: RelationshipRecord, _ bulkInstants: Set<Double>, _ moved: inout MovedEntities
    ) throws(DetectionError) {
        let key = EdgeKey(record.id)
        let oldRow = graph.edgeIndex(of: key)
        let streamCode = oldRow.flatMap { relationships.stream?.code(at: $0) } ?? 0
        let challengerCode = oldRow.flatMap { relationships.challengerStream?.code(at: $0) } ?? 0
        if isAnotherPair(record) {
            // Two mutations, so that each either removes or adds.
            removeRelationship(record.id, &moved)
        } else {
            forgetRelationship(key, &moved)
        }
        let attributes = Self.attributes(of: record, bulkInstants)
        var changes = GraphChanges()
        do throws(GraphError) {
            try graph.upsertEdge(
                key, source: NodeKey(record.sourceEntityID), target: NodeKey(record.targetEntityID),
                attributes: attributes, changes: &changes)
        } catch {
            throw DetectionError(code: .capacityExceeded, message: "\(error)")
        }
        kept?.apply(changes, graph)
        for change in changes.simpleEdges {
            count(change)
            insertCommonNeighbours(of: change, &moved)
        }
        if let row = graph.edgeIndex(of: key) {
            noteInserted(row)
            let edge = graph.edge(at: row)
            countRow(edge, by: 1)
            if isAmount(edge.attributes) { keepAmounts(of: edge.source) }
            countRelationship(edge, by: 1)
            relationships.setMark(RelationshipMark(record), at: row)
            relationships.stream?.setCode(streamCode, at: row)
            relationships.challengerStream?.setCode(challengerCode, at: row)
            relationships.reviewHub(edge.source, in: graph)
            relationships.reviewHub(edge.target, in: graph)
            if oldRow == nil { moved.newRows.append(row) }
        }
        moved.insertRelationship(record.id)
        moved.insert(record.sourceEntityID)
        moved.insert(record.targetEntityID)
    }

    /// What the graph keeps of a relationship.
    static func attributes(
        of record: RelationshipRecord, _ bulkInstants: Set<Double>
    ) -> EdgeAttributes {
        let isUndated =
            record.firstObserved.isNaN && !bulkInstants.contains(record.createdAt)
        return EdgeAttributes(
            typeCode: record.typeCode, weight: record.weight, confidence: record.confidence,
            time: isUndated ? record.createdAt : record.firstObserved, isActive: record.isActive)
    }

    /// Whether the row is there and joins other ends, or counts where it did not, or the other way.
    private func isAnotherPair(_ record: RelationshipRecord) -> Bool {
        guard let row = graph.edgeIndex(of: EdgeKey(record.id)) else { return false }
        let edge = graph.edge(at: row)
        return edge.attributes.isActive != record.isActive
            || graph.nodeKey(at: edge.source).rawValue != record.sourceEntityID
            || graph.nodeKey(at: edge.target).rawValue != record.targetEntityID
    }

    private mutating func removeRelationship(_ id: Int64, _ moved: inout MovedEntities) {
        let key = EdgeKey(id)
        guard let row = graph.edgeIndex(of: key) else { return }
        let edge = graph.edge(at: row)
        forgetRelationship(key, &moved)
        relationships.setMark(RelationshipMark(), at: row)
        relationships.stream?.setCode(0, at: row)
        relationships.challengerStream?.setCode(0, at: row)
        var changes = GraphChanges()
        graph.removeEdge(key, changes: &changes)
        relationships.reviewHub(edge.source, in: graph)
        relationships.reviewHub(edge.target, in: graph)
        kept?.apply(changes, graph)
        for change in changes.simpleEdges {
            count(change)
            insertCommonNeighbours(of: change, &moved)
        }
    }

    /// Takes what the row `key` counts for out of the sums; its ends have moved.
    private mutating func forgetRelationship(_ key: EdgeKey, _ moved: inout MovedEntities) {
        guard let row = graph.edgeIndex(of: key) else { return }
        let edge = graph.edge(at: row)
        noteRemoval(of: row)
        countRow(edge, by: -1)
        countRelationship(edge, by: -1)
        moved.insert(graph.nodeKey(at: edge.source).rawValue)
        moved.insert(graph.nodeKey(at: edge.target).rawValue)
    }

    private func insertCommonNeighbours(
        of change: SimpleEdgeChange, _ moved: inout MovedEntities
    ) {
        guard !moved.isFullOfNeighbours else { return }
        // By key: where the limit bites, the choice does not depend on history.
        let keys = graph.commonNeighbors(change.first, change.second).map(graph.nodeKey(at:))
        for key in keys.sorted() { moved.insertNeighbour(key.rawValue) }
    }

    private mutating func count(_ change: SimpleEdgeChange) {
        neighbourSamples.note(change, graph)
        for node in [Int(change.first), Int(change.second)] {
            guard let degree = states[node]?.degree else { continue }
            let step = change.appeared ? 1 : -1
            states[node]?.degree = degree + step
            degreeSum += step
            degreeSquareSum += (degree + step) * (degree + step) - degree * degree
        }
    }

    private mutating func countType(of record: EntityRecord, by change: Int) {
        guard record.isActive else { return }
        typeCounts[record.typeCode, default: 0] += change
        liveCount += change
    }

    private mutating func countRow(_ edge: Edge, by change: Int) {
        countRow(edge.attributes, from: edge.source, to: edge.target, by: change)
    }

    /// What a row that came or went adds to the sums of its ends.
    mutating func countRow(
        _ attributes: EdgeAttributes, from source: NodeIndex, to target: NodeIndex, by change: Int
    ) {
        countRating(attributes, to: target, by: change)
        countTrust(attributes, from: source, to: target, by: change)
        countAmount(attributes, from: source, by: change)
    }

    mutating func countRating(
        _ attributes: EdgeAttributes, to target: NodeIndex, by change: Int
    ) {
        guard attributes.isActive, catalog.ratingTypeCodes.contains(attributes.typeCode)
        else { return }
        states[Int(target)]?.ratings.add(attributes.weight, count: change)
    }

    /// Counts all ratings from the rows, after the rating types have changed.
    mutating func countRatingsAgain() {
        for node in states.indices { states[node]?.ratings = RatingSum() }
        for node in states.indices where states[node] != nil {
            for row in graph.incidentEdges(of: NodeIndex(node)) {
                let edge = graph.edge(at: row)
                if Int(edge.target) == node {
                    countRating(edge.attributes, to: edge.target, by: 1)
                }
            }
        }
    }
}

/// Collects the entities whose features moved; common neighbours only up to a limit.
private struct MovedEntities {
    private(set) var ids: Set<Int64> = []
    private(set) var relationshipIDs: Set<Int64> = []
    var newRows: [EdgeIndex] = []
    private var neighbourCount = 0
    private let neighboursMax: Int

    init(neighboursMax: Int) { self.neighboursMax = neighboursMax }

    var isFullOfNeighbours: Bool { neighbourCount >= neighboursMax }

    mutating func insert(_ id: Int64) { ids.insert(id) }

    mutating func insertRelationship(_ id: Int64) { relationshipIDs.insert(id) }

    mutating func insertNeighbour(_ id: Int64) {
        guard !isFullOfNeighbours else { return }
        if ids.insert(id).inserted { neighbourCount += 1 }
    }
}
