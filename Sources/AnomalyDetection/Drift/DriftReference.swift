package import AnomalyModels

/// What the training saw, reduced to what later data are compared with: shares and quantiles, never rows.
package struct DriftReference: Sendable, Equatable, Codable {
    /// The time as of which the training looked, in seconds since 1970.
    package let asOf: Double
    /// The entities, and the relationships.
    package let entities, relationships: DriftScopeReference

    /// The reference of a detector with the model in use.
    /// - Complexity: a judgement without explanation for each of the rows that are drawn
    package init(_ detector: AnomalyDetector, asOf: Double, seed: UInt64) {
        self.asOf = asOf
        entities = DriftScopeReference(.entities, detector, asOf: asOf, seed: seed)
        relationships = DriftScopeReference(.relationships, detector, asOf: asOf, seed: seed)
    }

    /// The part for one kind of rows.
    package subscript(scope: DriftScope) -> DriftScopeReference {
        scope == .entities ? entities : relationships
    }

    /// How many days arrivals are looked back at: four whole weeks.
    package static let arrivalDays = 28
    /// Rows that are drawn at most, and those of them that are judged.
    package static let sampleCount = 10_000
    package static let scoredCount = 3_000
    /// Fewer rows than this are no distribution.
    package static let rowCountMin = 50
}

/// The reference for entities, or for relationships.
package struct DriftScopeReference: Sendable, Equatable, Codable {
    /// All that were there; nil for too few.
    package let population: DriftGroupReference?
    /// Those that came within the last four weeks; nil for too few.
    package let arrivals: DriftGroupReference?
    /// How many rows there were of each type; what is not here is unknown.
    package let types: [String: Int]
    /// How many came on each of those days, the last one first.
    package let arrivalsByDay: [Int]
    /// How many updates came on each of those days, the last one first.
    package let updatesByDay: [Int]

    init(_ scope: DriftScope, _ detector: AnomalyDetector, asOf: Double, seed: UInt64) {
        let rows = detector.driftRows(scope, asOf: asOf)
        types = rows.types
        arrivalsByDay = rows.arrivalsByDay(before: asOf, dayCount: DriftReference.arrivalDays)
        updatesByDay = detector.updatesByDay(
            scope, before: asOf, dayCount: DriftReference.arrivalDays)
        func group(_ ids: [DriftRows.Row]) -> DriftGroupReference? {
            let sample = detector.driftSample(scope, of: ids, asOf: asOf, seed: seed)
            return sample.count < DriftReference.rowCountMin
                ? nil : DriftGroupReference(sample, scope)
        }
        population = group(rows.rows)
        let since = asOf - Double(DriftReference.arrivalDays) * AnomalyDetector.secondsPerDay
        arrivals = group(rows.rows.filter { $0.birth > since })
    }
}

/// The reference of one group of rows: how each feature and the scores are spread.
package struct DriftGroupReference: Sendable, Equatable, Codable {
    /// One measure.
    package struct Spread: Sendable, Equatable, Codable {
        /// How the values are spread.
        package let distribution: DistributionReference
        /// How much more the weeks before training differed than independent rows would.
        package let dispersion: Dispersion
    }

    /// How many rows there were, drawn or not.
    package let rowCount: Int
    /// By the name of the feature, on the scale of the models.
    package let features: [String: Spread]
    /// The scores, -log10 p; silence is a missing value.
    package let scores: Spread
    /// How many of the judged rows have a score of at least k / 50, k from 0 to 50.
    package let exceedances: [Int]
    /// The types of the rows.
    package let types: [String: Int]
    /// How much more the types of the weeks before training differed than those of independent rows.
    package let typeDispersion: Dispersion

    init(_ sample: DriftSample, _ scope: DriftScope) {
        rowCount = sample.rowCount
        var features: [String: Spread] = [:]
        for (column, feature) in scope.features.enumerated() {
            features[feature.name] = Self.spread(
                sample.rows.map { $0.features[column] }, weeks: sample.rows.map(\.week))
        }
        self.features = features
        let judged = sample.rows.filter { $0.score != nil }
        scores = Self.spread(judged.map { $0.score ?? .nan }, weeks: judged.map(\.week))
        exceedances = Self.exceedances(of: judged.map { $0.score ?? .nan })
        types = sample.types
        let codes = Dictionary(
            uniqueKeysWithValues: sample.types.keys.sorted().enumerated().map { ($1, $0) })
        typeDispersion = Self.dispersion(weeks: sample.rows.map(\.week)) { own, others in
            func counts(_ places: [Int]) -> [Int] {
                var counts = [Int](repeating: 0, count: codes.count)
                for place in places { counts[codes[sample.rows[place].typeName] ?? 0] += 1 }
                return counts
            }
            return PopulationStability(counts(own), counts(others))
        }
    }

    private static func exceedances(of scores: [Double]) -> [Int] {
        let anomalyScores = scores.map { $0.isNaN ? 0 : min(1, $0 / 5) }
        return (0...50).map { step in anomalyScores.count { $0 >= Double(step) / 50 } }
    }

    /// How many judged rows had at least this anomaly score, between steps by a straight line.
    package func count(reaching threshold: Double) -> Double {
        guard exceedances.count == 51, threshold <= 1 else { return 0 }
        let place = max(0, threshold) * 50
        let step = min(Int(place), 49)
        let share = place - Double(step)
        return Double(exceedances[step]) * (1 - share) + Double(exceedances[step + 1]) * share
    }

    /// The spread of values that came in these weeks before training, 0 the last.
    ///
    /// Rows come in clusters: one source, one campaign, one import. How far the weeks before training
    /// differ from each other, beyond what chance does to independent rows, is what later weeks are
    /// allowed too.
    private static func spread(_ values: [Double], weeks: [Int]) -> Spread {
        let distribution = DistributionReference(values)
        return Spread(
            distribution: distribution,
            dispersion: dispersion(weeks: weeks) { own, others in
                distribution.stability(own.map { values[$0] }, others.map { values[$0] })
            })
    }

    /// How many times more each week differs from the others than independent rows would.
    private static func dispersion(
        weeks: [Int], _ compare: ([Int], [Int]) -> PopulationStability
    ) -> Dispersion {
        var (statistic, degrees) = (0.0, 0.0)
        let weekCount = DriftReference.arrivalDays / 7
        for week in 0..<weekCount {
            let own = weeks.indices.filter { weeks[$0] == week }
            let others = weeks.indices.filter { weeks[$0] != week && weeks[$0] >= 0 }
            guard own.count >= weekCountMin, others.count >= weekCountMin else { continue }
            let found = compare(own, others)
            guard found.degrees > 0 else { continue }
            statistic += found.index / (1 / Double(own.count) + 1 / Double(others.count))
            degrees += Double(found.degrees)
        }
        guard degrees > 0 else { return Dispersion() }
        // The last week follows from the others.
        return Dispersion(
            factor: statistic / degrees,
            degrees: degrees * Double(weekCount - 1) / Double(weekCount))
    }

    /// Fewer rows of a week than this say nothing about how weeks differ.
    private static let weekCountMin = 20
}

extension DetectionModel {
    /// The reference of this model and detector goes into the model.
    package mutating func setDriftReference(
        from detector: AnomalyDetector, asOf: Double, seed: UInt64
    ) {
        var detector = detector
        detector.adopt(model: self)
        driftReference = DriftReference(detector, asOf: asOf, seed: seed)
    }
}
