import AnomalyModels
import Foundation

/// Scores of the entities of a rated graph by name; larger is stranger, NaN is silence.
struct TrustScores {
    /// The name of the detector's own score.
    static let detector = "trusted mean received"
    /// A stream is refreshed whenever so many ratings have come.
    static let refreshInterval = 1_000

    /// What uses ratings; empty where there are none.
    private(set) var withRatings: [String: [Double]] = [:]
    /// What uses none, one list for each seed.
    private(set) var withoutRatings: [String: [[Double]]] = [:]
    /// The tail probabilities of the detector's score.
    private(set) var tailProbabilities: [Double] = []
    /// The largest difference of a score between the stream and the batch, both on -1...1.
    private(set) var streamError = Double.nan

    init(_ graph: RatedSet, seeds: [UInt64]) throws {
        scoreRatings(graph)
        let features = Self.structure(graph)
        withoutRatings["forest on degrees and times"] = try seeds.map { seed in
            let forest = try IsolationForest.fit(features, parameters: .init(seed: seed))
            return forest.scores(features)
        }
        let degrees = features.column(0).indices.map { row in
            (expm1(features.row(row)[0]) + expm1(features.row(row)[1])).rounded()
        }
        withoutRatings["baseline: degree"] = [degrees]
        withoutRatings["baseline: received, counted"] = [features.column(0)]
    }

    private mutating func scoreRatings(_ graph: RatedSet) {
        let rated = graph.relationships.enumerated()
            .compactMap { index, row in
                row.rating.map { (row.time.isNaN ? Double(index) : row.time, index, row, $0) }
            }
            .sorted { ($0.0, $0.1) < ($1.0, $1.1) }
            .map { SignedTrust.Rated(source: $0.2.source, target: $0.2.target, rating: $0.3) }
        guard let most = rated.map({ abs($0.rating) }).max(), most > 0 else { return }
        let entities = Int32(graph.labels.count)
        let trust = SignedTrust(rated, ratingMax: most)
        let scores = (0..<entities).map(trust.scores)
        let detected = scores.map(\.badTrustedMean)
        withRatings = [
            Self.detector: detected,
            "goodness, shrunk": scores.map(\.badGoodness),
            "mean received, shrunk": scores.map(\.badMean),
            "negative share": scores.map(\.negativeShare),
            "negative weight by trusted raters": scores.map(\.trustedNegativeWeight),
            "baseline: mean received": Self.meanReceived(rated, entityCount: Int(entities)),
        ]
        var stream = SignedTrust(ratingMax: most)
        for (step, row) in rated.enumerated() {
            stream.rate(source: row.source, target: row.target, rating: row.rating)
            if step % Self.refreshInterval == Self.refreshInterval - 1 { stream.refresh() }
        }
        let streamed = (0..<entities).map { stream.scores(of: $0).badTrustedMean }
        withRatings["\(Self.detector), streamed"] = streamed
        streamError =
            zip(streamed, detected).map { abs($0 - $1) }.filter { !$0.isNaN }.max() ?? .nan
        let known = detected.filter { !$0.isNaN }
        let range = (known.max() ?? 0) - (known.min() ?? 0)
        let calibration = TailCalibration.fit(detected, farOut: .init(unit: range / 10))
        tailProbabilities = detected.map { calibration?.tailProbability($0) ?? .nan }
    }

    private static func meanReceived(
        _ rated: [SignedTrust.Rated], entityCount: Int
    ) -> [Double] {
        var sums = [Double](repeating: 0, count: entityCount)
        var counts = sums
        for row in rated {
            sums[Int(row.target)] += row.rating
            counts[Int(row.target)] += 1
        }
        return zip(sums, counts).map { $1 > 0 ? -$0 / $1 : .nan }
    }

    /// Degrees and times of each entity; no rating is looked at.
    ///
    /// Logarithms of the relationships received and given; the shares of the received ones that are
    /// returned; the mean degree of those who gave them; days from first to last, received and given.
    private static func structure(_ graph: RatedSet) -> FeatureMatrix {
        let count = graph.labels.count
        var received = [Double](repeating: 0, count: count)
        var given = received
        var returned = received
        var raterDegrees = received
        var times = [[(first: Double, last: Double)]](
            repeating: [(.infinity, -.infinity), (.infinity, -.infinity)], count: count)
        var pairs: Set<SIMD2<Int32>> = []
        for row in graph.relationships {
            received[Int(row.target)] += 1
            given[Int(row.source)] += 1
            pairs.insert(SIMD2(row.source, row.target))
            for (side, entity) in [row.target, row.source].enumerated() where !row.time.isNaN {
                let old = times[Int(entity)][side]
                times[Int(entity)][side] = (min(old.first, row.time), max(old.last, row.time))
            }
        }
        for row in graph.relationships {
            raterDegrees[Int(row.target)] += log1p(given[Int(row.source)])
            if pairs.contains(SIMD2(row.target, row.source)) { returned[Int(row.target)] += 1 }
        }
        var features = FeatureMatrix(columnCount: 6)
        for entity in 0..<count {
            let spans = times[entity].map { $0.first <= $0.last ? $0.last - $0.first : .nan }
            features.append(row: [
                log1p(received[entity]), log1p(given[entity]),
                received[entity] > 0 ? returned[entity] / received[entity] : .nan,
                received[entity] > 0 ? raterDegrees[entity] / received[entity] : .nan,
                log1p(spans[0] / 86_400), log1p(spans[1] / 86_400),
            ])
        }
        return features
    }
}
