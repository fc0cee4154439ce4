import AnomalyDetection
import AnomalyModels

/// The measures of all rows, each as one array: what is fitted reads columns, and again for every fold.
struct TrainingColumns: Sendable {
    /// The plain values of each measure; NaN where unknown.
    ///
    /// An entity without a row of some inbound type has none of them: a true zero.
    let plain: [(measure: Measure, values: [Double])]
    /// The features on the scale of the models: today, at birth, and at the latest change.
    let views: [FeatureMatrix]
    /// The values on the scale of the models of the measures that are compared.
    private let compared: [Measure: [Double]]

    init(_ rows: [TrainingRow], loop: TrainingLoop) throws(TrainingError) {
        var places: [Measure: Int] = [:]
        var columns: [(measure: Measure, values: [Double])] = []
        for row in rows.indices {
            for (measure, value) in rows[row].values {
                let place: Int
                if let known = places[measure] {
                    place = known
                } else {
                    place = columns.count
                    places[measure] = place
                    let absent = if case .inboundCount = measure { 0.0 } else { Double.nan }
                    columns.append((measure, [Double](repeating: absent, count: rows.count)))
                }
                columns[place].values[row] = value
            }
        }
        plain = columns
        let vectors = try loop.map(rows.count) { place in
            (0..<3).map { rows[place].view($0).modelValues }
        }
        views = (0..<3).map { view in
            FeatureMatrix(
                columnCount: EntityFeature.count, rows: vectors.map { $0[view] })
        }
        var compared: [Measure: [Double]] = [:]
        for detector in [Detector.peerDeviation, .neighbourDeviation] {
            for measure in ComparedMeasure.all(of: detector).map(\.measure) {
                if case .feature(let feature) = measure {
                    compared[measure] = views[0].column(feature.rawValue)
                } else if let place = places[measure] {
                    compared[measure] = columns[place].values.map { measure.modelValue($0) }
                }
            }
        }
        self.compared = compared
    }

    /// The value of a compared measure on the scale of the models; NaN where unknown.
    func modelValue(_ row: Int, _ measure: Measure) -> Double {
        compared[measure]?[row] ?? .nan
    }
}

extension TrainingRow {
    /// Its features today (0), at its birth (1) and at its latest change (2).
    fileprivate func view(_ place: Int) -> [Double] {
        place == 0 || place > otherViews.count ? features : otherViews[place - 1]
    }
}
