import AnomalyModels
import GraphEngine
import GraphMetrics

/// What a training run reads from a detector.
extension AnomalyDetector {
    /// Everything that one entity gives to a training run; nil where there is no such entity.
    package func trainingRow(of entityID: Int64, asOf: Double) -> TrainingRow? {
        guard let subject = subject(of: entityID, asOf: asOf) else { return nil }
        let signals = signals(of: subject)
        var values: [Measure: Double] = [:]
        for feature in EntityFeature.allCases {
            values[.feature(feature)] = subject.features[feature]
        }
        for signal in EntitySignal.allCases { values[.signal(signal)] = signals.value(signal) }
        for (type, count) in signals.inboundCounts {
            values[.inboundCount(relationshipType: type)] = count
        }
        let times = relationshipTimes(of: subject.node, asOf: asOf)
        let burst = Self.largestBurst(in: times, windowSeconds: settings.burstWindowSeconds)
        // Peers are compared with the largest burst of their whole past, not with that of today.
        values[.signal(.burstCount)] = burst > 0 ? Double(burst) : .nan
        values[.signal(.dormancyDays)] = nil
        values[.signal(.tieRange)] = nil
        values[.signal(.bridgedPairs)] = nil
        values[.signal(.meanRating)] = nil
        let silences = Rhythm.beforeSilences(
            in: activityTimes(of: subject.node, subject.state, asOf: asOf))
        return TrainingRow(
            id: entityID, lastChange: lastChange(of: subject, lastActivity: times.last ?? .nan),
            typeName: subject.typeName, features: subject.features,
            otherViews: otherViews(of: subject, lastActivity: times.last ?? .nan), values: values,
            largestBurst: burst,
            silences: silences.map(\.silentDays),
            silenceSurprises: silences.map(\.rhythm.surprise),
            triangleExcess: subject.triangleExcess, degree: subject.state.degree,
            triangleCount: graph.triangleCount(of: subject.node),
            ratingSum: subject.state.ratings.sum, ratingCount: subject.state.ratings.count,
            trustedRating: subject.trustedRating,
            benford: subject.amounts?.benfordScore ?? .nan,
            structuring: subject.amounts?.structuringScore ?? .nan,
            homophily: subject.homophilyScore,
            numbers: subject.state.record.numericMetadata.map(Double.init))
    }

    /// The features as they were when the entity itself was judged.
    ///
    /// That is at its birth, and at its latest change. The place in the graph is that of today.
    private func otherViews(of subject: EntitySubject, lastActivity: Double) -> [[Double]] {
        let record = subject.state.record
        let born = Double.minimum(record.firstSeen, record.createdAt)
        let changed = lastChange(of: subject, lastActivity: lastActivity)
        return [born, changed].map { time in
            guard time <= subject.asOf else { return subject.features }
            var view = featureVector(of: subject.node, subject.state, asOf: time)
            view[EntityFeature.lastUpdatedAgeDays.rawValue] =
                subject.features[.lastUpdatedAgeDays].isNaN ? .nan : 0
            return view
        }
    }

    /// When it last changed or met somebody; the time of the question where nothing is known.
    private func lastChange(of subject: EntitySubject, lastActivity: Double) -> Double {
        let updates = subject.state.updates
        let lastUpdate = updates.times.prefix(updates.countThrough(subject.asOf)).last ?? .nan
        return [subject.state.record.updatedAt, lastUpdate, lastActivity]
            .filter { $0 <= subject.asOf }.max() ?? subject.asOf
    }

    /// Pairs of neighbours that only the entity joins, whenever its relationships came about; NaN
    /// where it has too few neighbours.
    /// - Complexity: as in a judgement
    package func bridgedPairCount(of entityID: Int64) -> Double {
        guard let (node, _) = live(entityID), let brokerage = brokerage(of: node) else {
            return .nan
        }
        return Double(brokerage.pairCount)
    }

    /// The tie ranges of relationships drawn at random, among those that could speak.
    ///
    /// The draw depends on the keys alone, not on the history of the graph.
    /// - Complexity: O(relationships), and one bounded search for each sample
    package func sampledTieRanges(sampleCount: Int, seed: UInt64) -> [Double] {
        var rows: [EdgeIndex] = []
        for id in entityIDs {
            guard let node = graph.nodeIndex(of: NodeKey(id)) else { continue }
            rows += graph.incidentEdges(of: node)
                .map { (row: $0, edge: graph.edge(at: $0)) }
                .filter { $0.edge.source == node && $0.edge.attributes.isActive }
                .sorted { $0.edge.key < $1.edge.key }.map(\.row)
        }
        var random = SeededRandom(seed: seed)
        var ranges: [Double] = []
        while ranges.count < sampleCount, !rows.isEmpty {
            let place = random.index(below: rows.count)
            rows.swapAt(place, rows.count - 1)
            if let range = tieRange(ofRow: rows.removeLast()) { ranges.append(Double(range)) }
        }
        return ranges
    }

    /// The detector with global metrics of its own graph, where it has none yet.
    package func withGlobalMetrics(asOf: Double, seed: UInt64, threadCount: Int) -> Self {
        guard epoch == nil else { return withStandings() }
        let options = GlobalMetrics.Options(seed: seed, threadCount: threadCount)
        guard let metrics = GlobalMetrics.compute(makeSnapshot(), options: options) else {
            return self
        }
        var detector = withStandings()
        detector.adopt(globalMetrics: metrics, epoch: 0, asOf: asOf)
        return detector
    }

    /// The detector with the standings of its own raters, where it has none yet.
    private func withStandings() -> Self {
        guard standings == nil, !catalog.ratingTypeCodes.isEmpty else { return self }
        var detector = self
        detector.adopt(
            standings: TrustStandings.compute(graph, ratingTypes: catalog.ratingTypeCodes))
        return detector
    }
}

/// What one entity gives to a training run.
package struct TrainingRow: Sendable {
    /// Its key.
    package var id: Int64
    /// When it last changed or met somebody.
    package var lastChange: Double
    /// Its type.
    package var typeName: String
    /// The 18 features, NaN where missing.
    package var features: [Double]
    /// The features as they were at its birth and at its latest change.
    package var otherViews: [[Double]]
    /// What peers are compared by.
    package var values: [Measure: Double]
    /// The most relationships that were ever first observed within one burst window.
    package var largestBurst: Int
    /// Every silence of at least a day in its past, in days.
    package var silences: [Double]
    /// How surprising each of them was.
    package var silenceSurprises: [Double]
    /// What the structure detectors judge.
    package var triangleExcess: Double
    package var degree, triangleCount: Int
    /// The ratings that it received.
    package var ratingSum: Double
    package var ratingCount: Int
    /// What raters say of it, by their standing; NaN where nobody has rated it.
    package var trustedRating: Double
    /// -log10 of what the detectors of amounts say themselves; NaN where they are silent.
    package var benford, structuring: Double
    /// How unlike its neighbours it is, in standard deviations; NaN where there is nothing to compare.
    package var homophily: Double
    /// Its watched numbers.
    package var numbers: [Double]

    /// The value of a measure on the scale of the models; NaN where unknown.
    package func modelValue(_ measure: Measure) -> Double {
        if case .feature(let feature) = measure { return features.modelValues[feature] }
        return measure.modelValue(values[measure] ?? .nan)
    }
}
