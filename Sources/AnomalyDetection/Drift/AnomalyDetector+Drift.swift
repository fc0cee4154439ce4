import AnomalyModels
import Foundation
import GraphEngine

/// The rows of one kind that are there: their keys, types and when they came.
package struct DriftRows: Sendable {
    /// One row.
    package struct Row: Sendable {
        /// Its key.
        package var id: Int64
        /// When it was first seen, else created, in seconds since 1970; NaN where unknown.
        package var birth: Double
        /// Its type.
        package var typeName: String
    }

    /// Ascending by key.
    package var rows: [Row]

    /// How many there are of each type.
    package var types: [String: Int] {
        Dictionary(grouping: rows, by: \.typeName).mapValues(\.count)
    }

    /// How many came on each of the days of 24 hours before a time, the last one first.
    package func arrivalsByDay(before end: Double, dayCount: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: dayCount)
        for row in rows where row.birth <= end {
            let day = (end - row.birth) / AnomalyDetector.secondsPerDay
            if day < Double(dayCount) { counts[Int(day)] += 1 }
        }
        return counts
    }
}

/// Rows that were drawn to be compared.
package struct DriftSample: Sendable {
    /// One of them.
    package struct Row: Sendable {
        /// Its features on the scale of the models, NaN where missing.
        package var features: [Double]
        /// -log10 p, NaN for silence; nil where it was not judged.
        package var score: Double?
        /// In which week before the comparison it came, 0 the last; -1 for longer ago.
        package var week: Int
        /// Its type.
        package var typeName: String
    }

    /// How many rows there were to draw from.
    package var rowCount: Int
    /// How many there are of each type, drawn or not.
    package var types: [String: Int]
    /// Those that were drawn.
    package var rows: [Row]

    /// How many were drawn.
    package var count: Int { rows.count }
}

extension AnomalyDetector {
    /// The active rows of one kind as of a time.
    /// - Complexity: O(n log n)
    package func driftRows(_ scope: DriftScope, asOf: Double) -> DriftRows {
        switch scope {
        case .entities:
            return DriftRows(
                rows: entityIDs.compactMap { id in
                    live(id).map { _, state in
                        let record = state.record
                        return DriftRows.Row(
                            id: id,
                            birth: record.firstSeen.isNaN ? record.createdAt : record.firstSeen,
                            typeName: catalog.entityTypeName(record.typeCode))
                    }
                })
        case .relationships:
            var rows: [DriftRows.Row] = []
            rows.reserveCapacity(graph.activeEdgeCount)
            graph.forEachEdge { _, edge in
                guard edge.attributes.isActive else { return }
                rows.append(
                    DriftRows.Row(
                        id: edge.key.rawValue, birth: edge.attributes.time,
                        typeName: catalog.relationshipTypeName(edge.attributes.typeCode)))
            }
            return DriftRows(rows: rows.sorted { $0.id < $1.id })
        }
    }

    /// How many updates came on each of the days of 24 hours before a time, the last one first.
    package func updatesByDay(_ scope: DriftScope, before end: Double, dayCount: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: dayCount)
        func count(_ time: Double) {
            let day = (end - time) / Self.secondsPerDay
            if day >= 0, day < Double(dayCount) { counts[Int(day)] += 1 }
        }
        switch scope {
        case .entities:
            for node in states.indices { states[node]?.updates.times.forEach(count) }
        case .relationships:
            for history in relationships.histories.values {
                history.observations.forEach { count($0.time) }
            }
        }
        return counts
    }

    /// Features and scores of at most 10,000 of these rows; who is drawn depends on the keys and the
    /// seed alone.
    package func driftSample(
        _ scope: DriftScope, of rows: [DriftRows.Row], asOf: Double, seed: UInt64
    ) -> DriftSample {
        let drawn = rows.map { (draw: Self.draw($0.id, seed), row: $0) }
            .sorted { ($0.draw, $0.row.id) < ($1.draw, $1.row.id) }
            .prefix(DriftReference.sampleCount)
        var sample = DriftSample(
            rowCount: rows.count,
            types: Dictionary(grouping: rows, by: \.typeName).mapValues(\.count), rows: [])
        sample.rows.reserveCapacity(drawn.count)
        for (place, (_, row)) in drawn.enumerated() {
            let isScored = place < DriftReference.scoredCount
            guard let (features, score) = driftValues(scope, row.id, asOf: asOf, isScored: isScored)
            else { continue }
            let age = (asOf - row.birth) / Self.secondsPerDay
            let isRecent = age >= 0 && age < Double(DriftReference.arrivalDays)
            sample.rows.append(
                DriftSample.Row(
                    features: features, score: score, week: isRecent ? Int(age / 7) : -1,
                    typeName: row.typeName))
        }
        return sample
    }

    /// The features of one row on the scale of the models, and its score where that is asked for.
    private func driftValues(
        _ scope: DriftScope, _ id: Int64, asOf: Double, isScored: Bool
    ) -> (features: [Double], score: Double?)? {
        func strangeness(_ p: Double) -> Double { p.isNaN ? .nan : -log10(max(p, 1e-300)) }
        switch scope {
        case .entities:
            if isScored {
                guard let judgement = assess(id, asOf: asOf)?.judgement else { return nil }
                return (judgement.features.modelValues, strangeness(judgement.pValue))
            }
            return featureVector(of: id, asOf: asOf).map { ($0.modelValues, nil) }
        case .relationships:
            guard let subject = relationshipSubject(of: id, asOf: asOf) else { return nil }
            let features = RelationshipFeature.modelValues(subject.features)
            guard isScored else { return (features, nil) }
            guard let (model, type) = relationshipModel(for: subject) else {
                return (features, .nan)
            }
            let combined = CombinedVerdicts(
                verdicts(on: subject, by: model, type), features: subject.features,
                anomalyThreshold: settings.anomalyThreshold)
            return (features, strangeness(combined.pValue))
        }
    }
}
