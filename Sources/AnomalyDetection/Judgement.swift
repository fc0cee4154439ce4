package import AnomalyModels

/// How strange one entity or relationship is at a time, by which evidence, and how far that can be trusted.
package struct Judgement: Sendable {
    /// Whom it is about.
    package var subject: Subject
    /// The 18 features of an entity or the 12 of a relationship, NaN where missing.
    package var features: [Double]
    /// The combined tail probability; NaN where rules alone decided, or no detector could speak.
    package var pValue: Double
    /// 0 to 1: one entity in 100 has 0.4, one in 1,000 has 0.6, one in 10,000 has 0.8.
    package var anomalyScore: Double
    /// The score in words.
    package var severity: Severity
    /// How far the answer can be trusted, 0 to 1.
    package var confidence: Double
    /// "ensemble" with a model, "rules" without.
    package var detectionMethod: String
    /// The detectors that spoke.
    package var detectors: [DetectorVerdict]
    /// What the reviews said; nil where none are heard.
    package var reviews: ReviewReading?
    /// The model that judged, and the head that heard the reviews; nil for rules.
    package var modelVersion: String?
    /// The epoch of the global metrics behind the features.
    package var graphEpoch: Int64
    /// Class and explanation; nil below the threshold.
    package var anomaly: AnomalyFinding?
}

extension Judgement {
    /// The same judgement as if a detector had been silent, without class and explanation.
    package func without(_ detector: Detector) -> Judgement {
        var judgement = self
        judgement.detectors.removeAll { $0.detector == detector }
        let combined = CombinedVerdicts(
            judgement.detectors, features: features, anomalyThreshold: .infinity)
        judgement.pValue = combined.pValue
        judgement.anomalyScore = combined.anomalyScore
        judgement.severity = Severity(score: combined.anomalyScore)
        judgement.confidence = combined.confidence
        judgement.anomaly = nil
        return judgement
    }
}

/// What an anomaly is, why, and what to do.
package struct AnomalyFinding: Sendable {
    /// The type that the evidence points to most; the explanation has the confidence of each.
    package var primaryType: AnomalyType
    /// All types that hold, the strongest first.
    package var allTypes: [AnomalyType]
    /// The indicators that fired, the strongest first.
    package var indicators: [IndicatorVerdict]
    /// Figures and sentences.
    package var explanation: Explanation
    /// One sentence that names figures.
    package var description: String
    /// The next steps; `{name}` stands for the subject.
    package var recommendations: [String]
}

/// An indicator that fired.
package struct IndicatorVerdict: Sendable, Equatable, Codable {
    /// The indicator.
    package var name: String
    /// The type that it is evidence for.
    package var type: AnomalyType
    /// What it saw, with figures.
    package var sentence: String
    /// 1 - (1 - weight) (1 - strength of the evidence behind it), 0 to 1.
    package var confidence: Double
}
