import AnomalyModels
import Foundation
import GraphEngine

/// One relationship at one time with everything that is judged about it.
struct RelationshipSubject: Sendable {
    let id: Int64
    let row: EdgeIndex
    let edge: Edge
    /// The keys of its ends.
    let sourceID, targetID: Int64
    /// The names of its type and of its ends' types.
    let typeName, sourceTypeName, targetTypeName: String
    let asOf: Double
    /// The 12 features, NaN where missing.
    let features: [Double]
    let signals: RelationshipSignals
    /// What the stream said when it came; nil where its type does not recur, or nothing was strange.
    let stream: StreamVerdict?

    func value(_ measure: Measure) -> Double {
        switch measure {
        case .relationshipFeature(let feature): features[relationship: feature]
        case .relationshipSignal(let signal): signals[signal]
        case .feature, .signal, .inboundCount: .nan
        }
    }

    /// The value of a measure on the scale of the models; NaN where unknown.
    func modelValue(_ measure: Measure) -> Double {
        measure.modelValue(value(measure), ageDays: features[relationship: .ageDays])
    }
}

extension AnomalyDetector {
    /// The row of an active relationship; nil where there is none.
    func liveRelationship(_ id: Int64) -> (row: EdgeIndex, edge: Edge)? {
        guard let row = graph.edgeIndex(of: EdgeKey(id)) else { return nil }
        let edge = graph.edge(at: row)
        return edge.attributes.isActive ? (row, edge) : nil
    }

    /// The keys of the active relationships, ascending.
    /// - Complexity: O(n log n)
    package var relationshipIDs: [Int64] {
        var ids: [Int64] = []
        ids.reserveCapacity(graph.activeEdgeCount)
        graph.forEachEdge { _, edge in
            if edge.attributes.isActive { ids.append(edge.key.rawValue) }
        }
        return ids.sorted()
    }

    /// The 12 features of an active relationship in the order of ``RelationshipFeature``, NaN where
    /// missing; nil where there is no such relationship.
    /// - Complexity: O(rows of its ends), at most ``HubRows/rowCountMin`` for each
    package func relationshipFeatureVector(of relationshipID: Int64, asOf: Double) -> [Double]? {
        relationshipSubject(of: relationshipID, asOf: asOf)?.features
    }

    func relationshipSubject(of id: Int64, asOf: Double) -> RelationshipSubject? {
        guard let (row, edge) = liveRelationship(id) else { return nil }
        return relationshipSubject(row, edge, asOf: asOf)
    }

    func relationshipSubject(_ row: EdgeIndex, _ edge: Edge, asOf: Double) -> RelationshipSubject {
        let attributes = edge.attributes
        let half = settings.burstWindowSeconds
        let window =
            attributes.time.isFinite ? attributes.time - half...attributes.time + half : nil
        func rows(at node: NodeIndex, _ other: NodeIndex) -> EndRows {
            relationships.endRows(
                EndQuestion(
                    node: node, other: other, typeCode: attributes.typeCode, window: window,
                    asOf: asOf),
                in: graph)
        }
        let source = rows(at: edge.source, edge.target)
        let target = rows(at: edge.target, edge.source)
        let triple = types(of: edge)
        let mark = relationships.mark(at: row)
        let history = relationships.histories[edge.key.rawValue]
        let measured = Measurement(
            edge: edge, asOf: asOf, source: source, target: target, triple: triple, mark: mark,
            history: history, sourceRecord: states[Int(edge.source)]?.record,
            targetRecord: states[Int(edge.target)]?.record)
        let stream = relationships.stream?.verdict(of: edge.key, at: row)
        return RelationshipSubject(
            id: edge.key.rawValue, row: row, edge: edge,
            sourceID: graph.nodeKey(at: edge.source).rawValue,
            targetID: graph.nodeKey(at: edge.target).rawValue,
            typeName: catalog.relationshipTypeName(attributes.typeCode),
            sourceTypeName: catalog.entityTypeName(triple.source),
            targetTypeName: catalog.entityTypeName(triple.target), asOf: asOf,
            features: features(measured), signals: signals(measured, stream), stream: stream)
    }

    /// What features and signals are read from.
    private struct Measurement {
        var edge: Edge
        var asOf: Double
        var source, target: EndRows
        var triple: TypeSurprise.Triple
        var mark: RelationshipMark
        var history: RelationshipHistory?
        var sourceRecord, targetRecord: EntityRecord?
    }

    private func features(_ measured: Measurement) -> [Double] {
        let attributes = measured.edge.attributes
        var vector = [Double](repeating: .nan, count: RelationshipFeature.count)
        func set(_ feature: RelationshipFeature, _ value: Double) {
            vector[feature.rawValue] = value
        }
        set(.confidenceScore, attributes.confidence)
        if let history = measured.history {
            set(
                .confidenceVariance,
                Self.variance(of: history.confidences(through: measured.asOf)))
        }
        set(.sourceDiversity, min(1, Double(measured.mark.sourceCount) / 5))
        set(
            .temporalClustering,
            Self.temporalClustering(measured.source, measured.target, attributes, measured.asOf))
        set(.strengthMetric, strength(attributes, evidenceCount: measured.mark.evidenceCount))
        set(.bidirectionality, measured.source.backCount > 0 ? 1 : 0)
        set(.relationshipTypeEncoded, typeRarity(of: measured.triple))
        let ageDays = Self.ageDays(of: attributes.time, asOf: measured.asOf)
        set(.ageDays, ageDays)
        // A lifetime below a day counts as one: a first update is not thousands a day.
        let updates = measured.history?.count(through: measured.asOf) ?? 0
        set(.updateFrequency, ageDays.isNaN ? .nan : Double(updates) / max(1, ageDays))
        let degrees = [measured.edge.source, measured.edge.target].map { states[Int($0)]?.degree }
        if let source = degrees[0], let target = degrees[1] {
            set(.entityDegreeProduct, log1p(Double(source) * Double(target)))
        }
        if let source = measured.sourceRecord, let target = measured.targetRecord {
            set(.riskScoreDifference, abs(source.riskScore - target.riskScore))
            let mean = (source.confidence + target.confidence) / 2
            set(.confidenceAgreement, 1 - abs(attributes.confidence - mean))
        }
        return vector
    }

    /// -log2 of the share of the type among the relationships between entities of these types.
    private func typeRarity(of triple: TypeSurprise.Triple) -> Double {
        let count = relationships.types.rowCount(of: triple)
        let total = relationships.types.rowCount(betweenTypesOf: triple)
        guard count > 0 else { return .nan }
        return count == total ? 0 : -log2(Double(count) / Double(total))
    }

    /// The share of the other relationships of both ends that were first observed within the window
    /// around it; NaN where its own time or that of all others is unknown.
    private static func temporalClustering(
        _ source: EndRows, _ target: EndRows, _ attributes: EdgeAttributes, _ asOf: Double
    ) -> Double {
        // Itself is among the rows of both ends; before its own time it is not.
        guard attributes.time <= asOf else { return .nan }
        let total = source.datedCount + target.datedCount - 2
        guard total > 0 else { return .nan }
        return Double(source.windowCount + target.windowCount - 2) / Double(total)
    }

    /// 1 - (1 - w) (1 - e) with w = |weight| / (|weight| + the median of its type) and
    /// e = evidence / (evidence + 2); a part that is unknown is left out.
    private func strength(_ attributes: EdgeAttributes, evidenceCount: Int) -> Double {
        let evidence = Double(evidenceCount) / Double(evidenceCount + 2)
        guard let weights = relationships.weights[attributes.typeCode],
            attributes.weight.isFinite
        else { return evidenceCount > 0 ? evidence : .nan }
        let size = abs(attributes.weight)
        let share = size / (size + pow(10, weights.medianLogarithm))
        return 1 - (1 - share) * (1 - evidence)
    }

    /// The mean squared distance from the mean; NaN below two values.
    private static func variance(of values: [Double]) -> Double {
        guard values.count > 1 else { return .nan }
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    }

    private func signals(
        _ measured: Measurement, _ stream: StreamVerdict?
    ) -> RelationshipSignals {
        let edge = measured.edge
        var signals = RelationshipSignals()
        signals[.weight] = edge.attributes.weight
        if let usual = usualAmount(edge.attributes, measured.triple, measured.source) {
            signals[.amount] = edge.attributes.weight
            let deviation = log10(edge.attributes.weight) - usual.logarithm
            signals[.amountDeviation] = deviation
            // Who pays both rent and coffee is used to both.
            signals.amountScore = deviation / max(usual.spread, AmountDeviation.spreadMin)
        }
        signals[.typeSurprise] = relationships.types.score(measured.triple)
        if let stream { signals[.streamDeviation] = stream.deviation }
        signals[.sourceCount] = Double(measured.mark.sourceCount)
        signals[.evidenceCount] = Double(measured.mark.evidenceCount)
        signals[.isVerified] = measured.mark.isVerified ? 1 : 0
        signals[.updateCount] = Double(measured.history?.count(through: measured.asOf) ?? 0)
        let confidences = measured.history?.confidences(through: measured.asOf) ?? []
        if let least = confidences.min(), let most = confidences.max(), confidences.count > 1 {
            signals[.confidenceRange] = most - least
        }
        if let history = measured.history {
            signals[.confidenceSwing] = history.confidenceSwing(through: measured.asOf)
        }
        signals[.parallelCount] = Double(measured.source.forthCount)
        signals[.sourceDegree] = Double(states[Int(edge.source)]?.degree ?? 0)
        signals[.targetDegree] = Double(states[Int(edge.target)]?.degree ?? 0)
        signals[.sourceRisk] = measured.sourceRecord?.riskScore ?? .nan
        signals[.targetRisk] = measured.targetRecord?.riskScore ?? .nan
        signals[.isSelfLoop] = edge.source == edge.target ? 1 : 0
        return signals
    }

    /// Whether the weights of a type are amounts: no ratings, and at least half of them above 1, so
    /// that they are no strengths between 0 and 1 either.
    func carriesAmounts(_ typeCode: Int32) -> Bool {
        guard !catalog.ratingTypeCodes.contains(typeCode),
            let weights = relationships.weights[typeCode]
        else { return false }
        // The sketch puts a weight of exactly 1 within its error above 0.
        return weights.count >= AmountDeviation.typeCountMin
            && weights.medianLogarithm > LogarithmSketch.errorMax
    }

    /// The logarithm of the amount that is usual for its sender, and how far above that nine in ten of its
    /// amounts stay; nil where it is no amount.
    private func usualAmount(
        _ attributes: EdgeAttributes, _ triple: TypeSurprise.Triple, _ sender: EndRows
    ) -> (logarithm: Double, spread: Double)? {
        guard attributes.weight > 0, attributes.weight.isFinite,
            carriesAmounts(attributes.typeCode),
            let weights = relationships.weights[attributes.typeCode]
        else { return nil }
        // What such senders send, where there is enough of it: a company is no person.
        let sent = relationships.sentWeights[SentType(triple)]
        let peers = sent.flatMap { $0.count >= AmountDeviation.typeCountMin ? $0 : nil } ?? weights
        let median = peers.medianLogarithm
        // The spread is drawn towards that of all in the same way as the median.
        return (
            AmountDeviation.usualLogarithm(
                own: sender.sentMedianLogarithm, count: sender.sentCount, typeMedian: median),
            AmountDeviation.usualLogarithm(
                own: sender.sentSpread, count: sender.sentCount,
                typeMedian: peers.logarithm(atShare: EndRows.spreadShare) - median)
        )
    }
}
