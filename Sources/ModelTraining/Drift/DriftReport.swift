package import AnomalyDetection

/// What a check for drift has found.
package struct DriftReport: Sendable, Equatable, Codable {
    /// What it comes to.
    package enum Verdict: String, Sendable, Codable {
        case stable, drift
        /// The model has nothing to compare with.
        case noReference = "no reference"
    }

    /// The time as of which was looked, and that of the training, in seconds since 1970.
    package var asOf: Double
    package var trainedAt: Double?
    /// The model whose reference was compared with; nil where rules alone judge.
    package var modelVersion: String?
    package var verdict: Verdict
    /// One sentence.
    package var summary: String
    /// By scope, group and measure in a fixed order.
    package var findings: [DriftFinding]

    enum CodingKeys: String, CodingKey {
        case verdict, summary, findings
        case asOf = "as_of"
        case trainedAt = "trained_at"
        case modelVersion = "model_version"
    }
}

/// One measure beside its reference.
package struct DriftFinding: Sendable, Equatable, Codable {
    /// Whom it is about.
    package enum Group: String, Sendable, Codable {
        /// All rows, as they are now and as they were in training.
        case population
        /// The rows that came since training, and those that came in the four weeks before it.
        case arrivals
        /// What came on each day.
        case activity
    }

    /// What is to be thought of it.
    package enum Verdict: String, Sendable, Codable {
        case stable
        /// Certain, and small.
        case shifted
        /// Certain and large: this raises the alarm.
        case drift
        /// Large, but of a kind that moves by itself.
        case expected = "moves by itself"
        case tooFew = "too few rows"
    }

    package var scope: DriftScope
    package var group: Group
    /// The name of the feature, or score, alert_rate, types, unknown_types, arrivals, updates.
    package var measure: String
    package var verdict: Verdict
    /// Why it moves by itself.
    package var motion: NaturalMotion = .none
    /// The middle, the share or the number of a day in the reference, and now; nil where unknown.
    package var reference: Double?
    package var value: Double?
    /// The population stability index, and the Kolmogorov-Smirnov distance with its p.
    package var psi: Double?
    package var ks: Double?
    package var ksP: Double?
    /// The probability of such a change by chance, for this measure alone and corrected for all that
    /// could have raised the alarm.
    package var p: Double?
    package var adjustedP: Double?
    /// How many rows are compared with how many.
    package var referenceRows: Int
    package var rows: Int

    enum CodingKeys: String, CodingKey {
        case scope, group, measure, verdict, motion, reference, value, psi, ks, p, rows
        case ksP = "ks_p"
        case adjustedP = "adjusted_p"
        case referenceRows = "reference_rows"
    }
}
