import AnomalyDetection
import Storage

/// The model in use and its challenger, for the time of one write: whose judgement is stored, and what the
/// other one says.
struct JudgingBench {
    private let champion: AnomalyDetector
    private let challenger: AnomalyDetector?
    private let split: ChallengerSplit?

    /// The bench of a detector; without a challenger it is the detector alone.
    init(_ detector: AnomalyDetector, challengerShare: Double) {
        champion = detector
        // Rules alone are no champion.
        challenger = detector.modelVersion == nil ? nil : detector.byChallenger
        split = challenger.flatMap { _ in
            detector.challengerVersion.map { ChallengerSplit(version: $0, share: challengerShare) }
        }
    }

    /// Room for what both say; nil without a challenger.
    var shadow: ShadowVerdicts? {
        guard let split, let version = champion.modelVersion else { return nil }
        return ShadowVerdicts(championVersion: version, challengerVersion: split.version)
    }

    /// What the one who judges a subject so that it is stored says of it.
    func byWriter<Result>(of subject: Subject, _ body: (AnomalyDetector) -> Result) -> Result {
        // Handed to a closure, since returning a detector would copy it for each subject.
        guard let challenger, let split, split.contains(subject) else { return body(champion) }
        return body(challenger)
    }

    /// What both say, where one of them has judged already; nil without a challenger.
    func shadowRow(beside judgement: Judgement, asOf: Double) -> ShadowVerdicts.Row? {
        let subject = judgement.subject
        guard let challenger, let split else { return nil }
        let isChallengers = split.contains(subject)
        let other = isChallengers ? champion : challenger
        guard let opinion = other.assess(subject, asOf: asOf) else { return nil }
        let (first, second) = isChallengers ? (opinion, judgement) : (judgement, opinion)
        return ShadowVerdicts.Row(
            subject, champion: side(first), challenger: side(second),
            isWrittenByChallenger: isChallengers)
    }

    /// Without reviews: the head was learnt from those that the two are measured by.
    private func side(_ judgement: Judgement) -> ShadowVerdicts.Side {
        let judgement = judgement.withoutReviews
        return ShadowVerdicts.Side(
            pValue: judgement.pValue, anomalyScore: judgement.anomalyScore,
            isAnomaly: champion.isAnomaly(judgement))
    }
}
