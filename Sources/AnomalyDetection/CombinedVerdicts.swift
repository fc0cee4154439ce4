import AnomalyModels

/// What the verdicts on one subject come to together.
struct CombinedVerdicts {
    /// The combined tail probability; NaN where nobody spoke.
    let pValue: Double
    /// The score of that probability; 0 where nobody spoke.
    let anomalyScore: Double
    /// How far it can be trusted.
    let confidence: Double

    init(_ verdicts: [DetectorVerdict], features: [Double], anomalyThreshold: Double) {
        let familyProbabilities = AnomalyDetector.familyProbabilities(verdicts)
        pValue = combineAcrossFamilies(familyProbabilities)
        anomalyScore = pValue.isNaN ? 0 : AnomalyModels.anomalyScore(tailProbability: pValue)
        confidence =
            JudgementConfidence(
                verdicts: verdicts, familyProbabilities: familyProbabilities, features: features,
                isAnomaly: anomalyScore >= anomalyThreshold
            ).value
    }
}
