extension AnomalyDetector {
    /// Judges an active relationship as of a time; nil where there is none.
    package func judge(relationshipID: Int64, asOf: Double) -> Judgement? { nil }
}
