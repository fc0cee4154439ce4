/// How often rows reach each severity; what a calibration promises is what normal rows should show.
///
/// Severities are cumulative: a critical row is a high and a medium one too. Of normal rows one in
/// 100 should reach medium, one in 1,000 high and one in 10,000 critical.
package struct SeverityShares: Sendable, Equatable, Codable {
    /// All rows, those without a tail probability among them.
    package private(set) var rowCount = 0
    /// Rows about which nothing was said (NaN); they reach no severity.
    package private(set) var silentCount = 0
    /// Rows with p ≤ 0.01.
    package private(set) var mediumCount = 0
    /// Rows with p ≤ 0.001.
    package private(set) var highCount = 0
    /// Rows with p ≤ 0.0001.
    package private(set) var criticalCount = 0

    /// No rows.
    package init() {}

    /// The rows of the given tail probabilities; NaN is silence.
    ///
    /// - Complexity: O(rows).
    package init(tailProbabilities: some Sequence<Double>) {
        for p in tailProbabilities { add(tailProbability: p) }
    }

    /// Counts one row; NaN is silence.
    package mutating func add(tailProbability: Double) {
        rowCount += 1
        guard !tailProbability.isNaN else {
            silentCount += 1
            return
        }
        let severity = Severity(score: anomalyScore(tailProbability: tailProbability))
        if severity >= .medium { mediumCount += 1 }
        if severity >= .high { highCount += 1 }
        if severity >= .critical { criticalCount += 1 }
    }

    /// Counts the rows of another sample too, as of another seed.
    package mutating func add(_ other: SeverityShares) {
        rowCount += other.rowCount
        silentCount += other.silentCount
        mediumCount += other.mediumCount
        highCount += other.highCount
        criticalCount += other.criticalCount
    }

    /// The rows of at least this severity; all rows for `.low`.
    package func count(atLeast severity: Severity) -> Int {
        switch severity {
        case .low: rowCount
        case .medium: mediumCount
        case .high: highCount
        case .critical: criticalCount
        }
    }

    /// The share of all rows that are of at least this severity; NaN without rows.
    package func share(atLeast severity: Severity) -> Double {
        rowCount > 0 ? Double(count(atLeast: severity)) / Double(rowCount) : .nan
    }

    enum CodingKeys: String, CodingKey {
        case rowCount = "rows"
        case silentCount = "silent"
        case mediumCount = "at_least_medium"
        case highCount = "at_least_high"
        case criticalCount = "critical"
    }
}

/// The severities of normal rows beside those of labelled anomalies.
package struct SeverityComparison: Sendable, Equatable, Codable {
    /// The rows that no label calls anomalous.
    package private(set) var normals: SeverityShares
    /// The rows that a label calls anomalous.
    package private(set) var anomalies: SeverityShares

    /// No rows.
    package init() {
        normals = SeverityShares()
        anomalies = SeverityShares()
    }

    /// The rows of the given tail probabilities and labels, one each; true is an anomaly.
    package init(tailProbabilities: [Double], labels: [Bool]) {
        precondition(tailProbabilities.count == labels.count, "Each row has one label.")
        let rows = zip(tailProbabilities, labels)
        normals = SeverityShares(tailProbabilities: rows.lazy.filter { !$0.1 }.map(\.0))
        anomalies = SeverityShares(tailProbabilities: rows.lazy.filter(\.1).map(\.0))
    }

    /// Counts the rows of another sample too, as of another seed.
    package mutating func add(_ other: SeverityComparison) {
        normals.add(other.normals)
        anomalies.add(other.anomalies)
    }
}
