import AnomalyModels
import GraphEngine

/// One entity at one time with everything that is judged about it.
struct EntitySubject {
    let id: Int64
    let node: NodeIndex
    let state: EntityState
    let typeName: String
    let asOf: Double
    let features: [Double]
    let activity: EntityActivity
    let longestTie: LongestTie?
    /// Nil where no new relationship asks for it.
    let brokerage: Brokerage?
    let triangleExcess: Double
    /// Nil where tags and numbers say nothing about it.
    let context: ContextReading?
    /// Nil where nothing is known of tags, or there is no neighbour.
    let tags: TagReading?
    /// Nil where it sends too few amounts.
    let amounts: AmountReading?
    /// What raters say of it, by their standing; NaN where nobody has rated it.
    let trustedRating: Double
    let behaviour: BehaviourReading

    /// How unlike its neighbours it is, larger is stranger; NaN where there is nothing to compare.
    ///
    /// The standard deviations below the usual similarity, and half of what its tags misfit where they
    /// do: those of one wrong tag, a habit of some, are then far, but not far out.
    var homophilyScore: Double {
        guard let context else { return .nan }
        let misfit = tags?.misfit ?? .nan
        return context.score + (misfit > 0 ? misfit / 2 : 0)
    }
}

extension AnomalyDetector {
    /// Everything that is judged about a live entity, its behaviour without a model as far as that
    /// goes; nil where there is no such entity.
    func subject(
        of entityID: Int64, asOf: Double, behaviourModel: BehaviourModel? = nil
    ) -> EntitySubject? {
        guard let (node, state) = live(entityID) else { return nil }
        let activity = activity(of: node, state, asOf: asOf)
        return EntitySubject(
            id: entityID, node: node, state: state,
            typeName: catalog.entityTypeName(state.record.typeCode), asOf: asOf,
            features: featureVector(of: node, state, asOf: asOf), activity: activity,
            longestTie: longestTie(
                among: Array(activity.newestRows.prefix(settings.tieEdgesMax))),
            brokerage: activity.burstCount > 0 ? brokerage(of: node) : nil,
            triangleExcess: triangleExcess(of: node, degree: state.degree),
            context: contextReading(of: node), tags: tagReading(of: node),
            amounts: amountReading(of: node, state),
            trustedRating: trustedRating(of: node, state),
            behaviour: behaviourReading(of: node, state, asOf: asOf, by: behaviourModel))
    }

    /// The numbers of an entity beside its features; only needed where indicators are evaluated.
    /// - Complexity: O(relationships of the entity)
    func signals(of subject: EntitySubject) -> EntitySignals {
        var inbound: [Int32: Set<NodeIndex>] = [:]
        var types: Set<Int32> = []
        var risks: [NodeIndex: Double] = [:]
        graph.withIncidentEdges(of: subject.node) { rows in
            for row in rows {
                let edge = graph.edge(at: row)
                guard edge.attributes.isActive, edge.source != edge.target else { continue }
                let isInbound = edge.target == subject.node
                let other = isInbound ? edge.source : edge.target
                if isInbound { inbound[edge.attributes.typeCode, default: []].insert(other) }
                if let record = states[Int(other)]?.record {
                    types.insert(record.typeCode)
                    if !record.riskScore.isNaN { risks[other] = record.riskScore }
                }
            }
        }
        var signals = ownSignals(of: subject.state, asOf: subject.asOf)
        for (code, sources) in inbound {
            signals.inboundCounts[catalog.relationshipTypeName(code)] = Double(sources.count)
        }
        let state = subject.state
        signals.set(.degree, Double(state.degree))
        signals.set(.inDegree, Double(graph.inDegreeRows(of: subject.node)))
        signals.set(.outDegree, Double(graph.outDegreeRows(of: subject.node)))
        signals.set(.burstCount, Double(subject.activity.burstCount))
        signals.set(.dormancyDays, subject.activity.dormancyDays)
        signals.set(.tieRange, subject.longestTie.map { Double($0.range) } ?? .nan)
        signals.set(.bridgedPairs, subject.brokerage.map { Double($0.pairCount) } ?? .nan)
        signals.set(.triangleExcess, subject.triangleExcess)
        signals.set(.distinctNeighbourTypes, types.isEmpty ? .nan : Double(types.count))
        signals.set(.meanRating, meanRating(of: state))
        signals.set(.ratingCount, Double(state.ratings.count))
        signals.set(.trustedRating, subject.trustedRating)
        signals.set(.structuringShare, subject.amounts?.structuring?.share ?? .nan)
        signals.set(
            .structuringCount, subject.amounts?.structuring.map { Double($0.nearCount) } ?? .nan)
        signals.set(
            .benfordDeviation, subject.amounts?.benford?.meanAbsoluteDeviation ?? .nan)
        signals.set(.homophily, subject.context?.share ?? .nan)
        signals.set(.tagMisfit, subject.tags?.misfit ?? .nan)
        signals.set(
            .foreignTriangles, subject.tags.map { Double($0.foreignTriangles) } ?? .nan)
        if let surprise = neighbourTypeSurprise(of: subject.node) {
            signals.set(.unexpectedNeighbourTypes, surprise.bits)
            signals.leastExpectedType = surprise.typeName
        }
        signals.set(.activityResidual, subject.behaviour.residual)
        signals.set(.activityDrift, subject.behaviour.drift)
        signals.set(.reconstructionError, subject.behaviour.reconstruction)
        signals.set(.offHoursSurprise, subject.behaviour.score(.offHours))
        signals.set(.contactRegularity, subject.behaviour.score(.regularity))
        if !risks.isEmpty {
            signals.set(
                .riskyNeighbours, Double(risks.values.count { $0 >= EntitySignal.riskyMin }))
            // In ascending order, so that the sum has the same bits whatever the history.
            let mean = risks.values.sorted().reduce(0, +) / Double(risks.count)
            let count = Double(risks.count)
            let excess = state.record.riskScore - mean
            signals.set(.neighbourRiskGap, abs(excess))
            signals.set(.neighbourRiskExcess, excess * (count / (count + 2)).squareRoot())
            signals.riskNeighbourCount = risks.count
        }
        return signals
    }

    /// The signals that its own record and history tell.
    private func ownSignals(of state: EntityState, asOf: Double) -> EntitySignals {
        var signals = EntitySignals()
        signals.set(.hasName, state.record.hasName ? 1 : 0)
        signals.set(.confidenceSwing, state.recent.confidenceSwing(asOf: asOf))
        signals.set(.riskSwing, state.recent.riskSwing(asOf: asOf))
        return signals
    }

    /// How rare the rarest of its own measures is; NaN where there is no such entity.
    package func peerDeviation(of entityID: Int64, by tails: TypeTails, asOf: Double) -> Double {
        guard let (node, state) = live(entityID) else { return .nan }
        let values = ownSignals(of: state, asOf: asOf)
            .modelValues(featureVector(of: node, state, asOf: asOf))
        return tails.score(.peerDeviation, value: values)
    }

    /// The mean rating received, drawn towards the mean of the model; NaN without ratings.
    func meanRating(of state: EntityState) -> Double {
        let global = resolved?.model.meanRating ?? .nan
        // Before a model exists an unknown person is neither good nor bad.
        return state.ratings.shrunkMean(globalMean: global.isNaN ? 0 : global)
    }
}

/// The numbers of one entity that conditions may ask beside its features.
struct EntitySignals {
    private var values = [Double](repeating: .nan, count: EntitySignal.allCases.count)
    /// Distinct entities that point at it, by relationship type.
    var inboundCounts: [String: Double] = [:]
    /// The least expected type among its neighbours.
    var leastExpectedType: String?
    /// How many neighbours the mean risk is of.
    var riskNeighbourCount = 0

    mutating func set(_ signal: EntitySignal, _ value: Double) { values[signal.position] = value }

    func value(_ signal: EntitySignal) -> Double { values[signal.position] }

    /// All of them by the name of their measure.
    var named: [String: Double] {
        var named: [String: Double] = [:]
        for signal in EntitySignal.allCases { named[signal.rawValue] = value(signal) }
        for (type, count) in inboundCounts {
            named[Measure.inboundCount(relationshipType: type).name] = count
        }
        return named
    }

    /// The values of all measures on the scale of the models.
    func modelValues(_ features: [Double]) -> (Measure) -> Double {
        let ofFeatures = features.modelValues
        return { measure in
            if case .feature(let feature) = measure { return ofFeatures[feature] }
            return measure.modelValue(value(measure, features: features))
        }
    }

    func value(_ measure: Measure, features: [Double]) -> Double {
        switch measure {
        case .feature(let feature): features[feature]
        case .signal(let signal): value(signal)
        case .inboundCount(let type): inboundCounts[type] ?? 0
        case .relationshipFeature, .relationshipSignal: .nan
        }
    }
}

extension EntitySignal {
    fileprivate var position: Int { Self.positions[self] ?? 0 }

    private static let positions = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}
