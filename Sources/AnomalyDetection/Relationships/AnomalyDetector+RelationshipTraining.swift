package import GraphEngine

/// What one relationship gives to a training run.
package struct RelationshipTrainingRow: Sendable {
    /// Its key.
    package var id: Int64
    /// Its type.
    package var typeName: String
    /// The 12 features as of the training, and as they were when it was first observed.
    package var features, firstFeatures: [Double]
    private var signals: RelationshipSignals

    init(
        id: Int64, typeName: String, features: [Double], firstFeatures: [Double],
        signals: RelationshipSignals
    ) {
        self.id = id
        self.typeName = typeName
        self.features = features
        self.firstFeatures = firstFeatures
        self.signals = signals
    }

    /// The value of a signal; NaN where unknown.
    package func signal(_ signal: RelationshipSignal) -> Double { signals[signal] }

    /// What the detector of amounts judges; NaN where it is no amount.
    package var amountScore: Double { signals.amountScore }

    /// The value of a measure on the scale of the models; NaN where unknown.
    package func modelValue(_ measure: Measure) -> Double {
        switch measure {
        case .relationshipFeature(let feature):
            measure.modelValue(
                features[relationship: feature], ageDays: features[relationship: .ageDays])
        case .relationshipSignal(let signal): signals[signal]
        case .feature, .signal, .inboundCount: .nan
        }
    }
}

extension AnomalyDetector {
    /// A sample of the active relationships to learn from, ascending by key.
    ///
    /// Each is in the sample or not by its key and the seed alone, so that the sample does not depend
    /// on the history of the graph; about `sampleCount` are, or all where there are no more.
    /// - Complexity: O(relationships)
    package func relationshipSample(
        sampleCount: Int, seed: UInt64, excluded: Set<Int64>
    ) -> [EdgeIndex] {
        let share = Double(sampleCount) / Double(max(1, graph.activeEdgeCount))
        let limit = share >= 1 ? UInt64.max : UInt64(share * 0x1p64)
        var sample: [(key: EdgeKey, row: EdgeIndex)] = []
        graph.forEachEdge { row, edge in
            let key = edge.key.rawValue
            guard edge.attributes.isActive, Self.draw(key, seed) <= limit,
                !excluded.contains(key)
            else { return }
            sample.append((edge.key, row))
        }
        return sample.sorted { $0.key < $1.key }.map(\.row)
    }

    /// What one relationship gives to a training run.
    /// - Complexity: that of a judgement without its forest
    package func relationshipTrainingRow(
        _ row: EdgeIndex, asOf: Double
    ) -> RelationshipTrainingRow {
        let edge = graph.edge(at: row)
        let subject = relationshipSubject(row, edge, asOf: asOf)
        let time = edge.attributes.time
        return RelationshipTrainingRow(
            id: subject.id, typeName: subject.typeName, features: subject.features,
            firstFeatures: time < asOf
                ? relationshipSubject(row, edge, asOf: time).features : subject.features,
            signals: subject.signals)
    }

    /// A number that depends on a key and a seed alone, evenly spread (the finalizer of SplitMix64).
    static func draw(_ key: Int64, _ seed: UInt64) -> UInt64 {
        var value = UInt64(bitPattern: key) &+ seed &* 0x9e37_79b9_7f4a_7c15
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
