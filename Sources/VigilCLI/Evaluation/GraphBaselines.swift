import AnomalyDetection
import Foundation
import GraphEngine

/// What anybody could say without a model.
extension GraphSetGraph {
    /// Of entities: degree, the length of the feature vector, row counts, the mean of the
    /// received ratings.
    func baselines(_ detector: AnomalyDetector) -> [String: [Double]] {
        var rowCounts = [Double](repeating: 0, count: entities.count)
        var sums = rowCounts
        var ratingCounts = rowCounts
        for row in relationships {
            rowCounts[Int(row.sourceEntityID)] += 1
            rowCounts[Int(row.targetEntityID)] += 1
            if catalog.ratingTypeCodes.contains(row.typeCode), !row.weight.isNaN {
                sums[Int(row.targetEntityID)] += row.weight
                ratingCounts[Int(row.targetEntityID)] += 1
            }
        }
        var baselines = [
            "degree": entities.map { record in
                detector.graph.nodeIndex(of: NodeKey(record.id))
                    .map { Double(detector.graph.degree(of: $0)) } ?? 0
            },
            "relationship count": rowCounts,
        ]
        if entities.contains(where: { !$0.tagKeys.isEmpty || !$0.numericMetadata.isEmpty }) {
            baselines["norm (tags, numbers)"] = entities.map(Self.norm)
        }
        if !ratingTypes.isEmpty {
            baselines["mean rating received"] = zip(sums, ratingCounts).map { sum, count in
                count > 0 ? -sum / count : .nan
            }
        }
        return baselines
    }

    private static func norm(_ record: EntityRecord) -> Double {
        let squares = record.numericMetadata.reduce(0.0) { sum, number in
            number.isNaN ? sum : sum + Double(number) * Double(number)
        }
        // A sparse feature has the value one divided by the number of those that are active.
        let tags = Double(record.tagKeys.count)
        return (squares + (tags > 0 ? 1 / tags : 0)).squareRoot()
    }

    /// Of relationships: amount, degrees, and records in the same minute.
    func relationshipBaselines(_ detector: AnomalyDetector) -> [String: [Double]] {
        let degrees = entities.map { record in
            detector.graph.nodeIndex(of: NodeKey(record.id))
                .map { Double(detector.graph.degree(of: $0)) } ?? 0
        }
        var baselines = [
            "degree product": relationships.map {
                degrees[Int($0.sourceEntityID)] * degrees[Int($0.targetEntityID)]
            }
        ]
        if Set(relationships.lazy.map(\.weight).filter { !$0.isNaN }).count > 1 {
            baselines["amount"] = relationships.map { abs($0.weight) }
        }
        // Counts of the past need time order; NaN stays where there is no time.
        let order = relationships.indices.filter { relationships[$0].firstObserved.isFinite }
            .sorted {
                (relationships[$0].firstObserved, $0) < (relationships[$1].firstObserved, $1)
            }
        guard !order.isEmpty else { return baselines }
        var records = EdgeRecords()
        for row in order {
            let record = relationships[row]
            records.append(
                source: UInt64(record.sourceEntityID), target: UInt64(record.targetEntityID),
                time: record.firstObserved, isAnomaly: false, attack: "")
        }
        for (name, scores) in records.baselines() {
            var values = [Double](repeating: .nan, count: relationships.count)
            for (row, score) in zip(order, scores) { values[row] = score }
            baselines[String(name.trimmingPrefix("baseline: "))] = values
        }
        return baselines
    }
}
