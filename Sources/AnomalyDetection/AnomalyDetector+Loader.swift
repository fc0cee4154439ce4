import GraphEngine

extension AnomalyDetector {
    /// Builds a detector from all its rows at once, for a cold start.
    ///
    /// What it gives is what applying the same rows as changes gives. Entities come before the
    /// relationships that name them, and each key once.
    package struct Loader: Sendable {
        private var detector: AnomalyDetector
        private var graph = AdjacencyGraph.Loader()
        /// Relationships wait until there are enough to see which instants they share.
        private var waiting: [RelationshipRecord] = []

        /// As many rows as one batch of changes brings.
        private static let waitingCountMax = 8192

        /// Starts a detector that judges by these settings, with room for so many entities.
        package init(
            catalog: TypeCatalog, settings: DetectionSettings = DetectionSettings(),
            indicators: [Indicator] = [], entityCount: Int = 0
        ) {
            detector = AnomalyDetector(
                catalog: catalog, settings: settings, indicators: indicators)
            detector.states.reserveCapacity(entityCount + 64)
            waiting.reserveCapacity(Self.waitingCountMax)
        }

        /// Adds an entity.
        package mutating func insert(_ record: EntityRecord) {
            detector.place(record, at: Int(graph.insertNode(NodeKey(record.id))))
        }

        /// Adds a relationship.
        /// - Throws: `DetectionError` where an end is unknown, or the graph is full.
        package mutating func insert(_ record: RelationshipRecord) throws(DetectionError) {
            waiting.append(record)
            if waiting.count == Self.waitingCountMax { try insertWaiting() }
        }

        /// Adds an observation.
        ///
        /// Observations come last; one of an unknown entity or relationship is left out.
        package mutating func insert(_ observation: ObservationRecord) {
            switch observation.subject {
            case .entity(let id):
                guard let node = graph.nodeIndex(of: NodeKey(id)) else { return }
                detector.states[Int(node)]?.updates.insert(observation.observedAt)
                detector.states[Int(node)]?.recent.insert(observation)
            case .relationship(let id):
                detector.relationships.insert(observation, of: EdgeKey(id))
            }
        }

        /// The finished detector.
        /// - Throws: `DetectionError` where an end of the last relationships is unknown.
        package consuming func finish(threadCount: Int = 1) throws(DetectionError)
            -> AnomalyDetector
        {
            try insertWaiting()
            detector.graph = graph.finish(threadCount: threadCount)
            for node in detector.states.indices where detector.states[node] != nil {
                let degree = detector.graph.degree(of: NodeIndex(node))
                detector.states[node]?.degree = degree
                detector.degreeSum += degree
                detector.degreeSquareSum += degree * degree
                detector.neighbourSamples.begin(NodeIndex(node), detector.graph)
                detector.keepAmounts(of: NodeIndex(node))
            }
            detector.countRelationships()
            detector.beginHistories()
            return detector
        }

        private mutating func insertWaiting() throws(DetectionError) {
            let bulkInstants = detector.bulkInstants(in: waiting)
            for record in waiting {
                let attributes = AnomalyDetector.attributes(of: record, bulkInstants)
                do throws(GraphError) {
                    let ends = try graph.upsertEdge(
                        EdgeKey(record.id), source: NodeKey(record.sourceEntityID),
                        target: NodeKey(record.targetEntityID), attributes: attributes)
                    detector.countRow(attributes, from: ends.source, to: ends.target, by: 1)
                    detector.relationships.setMark(RelationshipMark(record), at: ends.row)
                } catch {
                    guard case .unknownNode(let key) = error else {
                        throw DetectionError(code: .capacityExceeded, message: "\(error)")
                    }
                    throw DetectionError(
                        code: .unknownEntity,
                        message: """
                            relationship \(record.id) names entity \(key.rawValue), which is unknown
                            """)
                }
            }
            waiting.removeAll(keepingCapacity: true)
        }
    }
}
