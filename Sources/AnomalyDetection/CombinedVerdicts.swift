import AnomalyModels

/// What the verdicts on one subject come to together.
struct CombinedVerdicts {
    /// The combined tail probability, with what the reviews say; NaN where nobody spoke.
    let pValue: Double
    /// What the reviews say; nil where there are none, or nobody spoke.
    let reviews: ReviewReading?
    /// The score of that probability; 0 where nobody spoke.
    let anomalyScore: Double
    /// How far it can be trusted.
    let confidence: Double

    /// Combines the verdicts; `hear` is asked what the reviews say to that.
    init(
        _ verdicts: [DetectorVerdict], features: [Double], anomalyThreshold: Double,
        hear: (_ ensemblePValue: Double) -> ReviewReading? = { _ in nil }
    ) {
        let familyProbabilities = AnomalyDetector.familyProbabilities(verdicts)
        let ensemble = combineAcrossFamilies(familyProbabilities)
        reviews = hear(ensemble)
        pValue = reviews?.pValue ?? ensemble
        anomalyScore = pValue.isNaN ? 0 : AnomalyModels.anomalyScore(tailProbability: pValue)
        confidence =
            JudgementConfidence(
                verdicts: verdicts, familyProbabilities: familyProbabilities, features: features,
                isAnomaly: anomalyScore >= anomalyThreshold
            ).value
    }
}
