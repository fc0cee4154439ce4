/// How serious an anomaly is, from its score.
package enum Severity: String, Codable, CaseIterable, Comparable, Sendable {
    /// A score below 0.4: more often than one in 100.
    case low
    /// A score in 0.4..<0.6.
    case medium
    /// A score in 0.6..<0.8: rarer than one in 1,000.
    case high
    /// A score of 0.8 or more: rarer than one in 10,000.
    case critical

    /// The severity of a score in 0...1; NaN, no score, is low.
    package init(score: Double) {
        self =
            switch score {
            case 0.8...: .critical
            case 0.6...: .high
            case 0.4...: .medium
            default: .low
            }
    }

    /// The smallest score of this severity.
    package var scoreMin: Double {
        switch self {
        case .low: 0
        case .medium: 0.4
        case .high: 0.6
        case .critical: 0.8
        }
    }

    /// Orders severities from low to critical.
    package static func < (first: Severity, second: Severity) -> Bool {
        first.scoreMin < second.scoreMin
    }
}
