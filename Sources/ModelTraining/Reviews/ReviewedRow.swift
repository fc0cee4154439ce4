package import AnomalyDetection
import AnomalyModels

/// A subject that a reviewer has judged, as it was when it was found.
package struct ReviewedRow: Sendable {
    /// Whom it is about; several reviews of one subject are never on both sides of a split.
    package var subject: Subject
    /// What a head may look at.
    package var inputs: ReviewInputs
    /// Whether the reviewer confirmed it: a true positive, against a false positive or benign.
    package var isConfirmed: Bool

    /// A reviewed subject.
    package init(subject: Subject, inputs: ReviewInputs, isConfirmed: Bool) {
        self.subject = subject
        self.inputs = inputs
        self.isConfirmed = isConfirmed
    }
}

/// Ordinary subjects beside the reviewed ones: a seeded sample of those that the ensemble does not
/// find anomalous.
package struct OrdinaryRows: Sendable {
    /// Half of them is learnt from as not confirmed, half is what tails are measured against.
    package static let count = 2_000

    /// The rows, in the order of the draw.
    package var inputs: [ReviewInputs]

    /// The given rows.
    package init(_ inputs: [ReviewInputs]) { self.inputs = inputs }

    /// Draws subjects of a kind, without those that are excluded.
    ///
    /// - Complexity: ``count`` judgements
    package init(
        _ scope: Indicator.Scope, of detector: AnomalyDetector, excluding reviewed: Set<Subject>,
        anomalyThreshold: Double, seed: UInt64, asOf: Double
    ) {
        var random = SeededRandom(seed: seed, stream: 0x0D1)
        let ids = scope == .entity ? detector.entityIDs : detector.relationshipIDs
        // A few more than needed are drawn: some are anomalous or reviewed.
        let wanted = min(ids.count, Self.count + Self.count / 10)
        inputs = []
        for place in random.sample(wanted, below: ids.count) where inputs.count < Self.count {
            let id = ids[place]
            let subject: Subject = scope == .entity ? .entity(id) : .relationship(id)
            guard !reviewed.contains(subject),
                let found = detector.reviewInputs(of: subject, asOf: asOf),
                anomalyScore(tailProbability: found.pValue) < anomalyThreshold
            else { continue }
            inputs.append(found)
        }
    }
}
