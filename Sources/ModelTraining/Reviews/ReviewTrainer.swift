// Positive, rejected and unlabelled rows: the idea of taking a sample of the unlabelled rows for negatives
// that count less is that of W. S. Lee, B. Liu, "Learning with Positive and Unlabeled Examples Using
// Weighted Logistic Regression", ICML 2003. What the model says is pooled with the ensemble by the
// weight of the evidence (AnomalyDetection/Reviews/ReviewHead.swift), and only where cross-validation
// shows that the head knows something and that the two together rank no worse than the ensemble.

package import AnomalyDetection
import AnomalyModels
import Foundation

/// Learns from reviews of subjects of one kind, or says why it does not.
package struct ReviewTrainer: Sendable {
    /// With fewer reviews, or fewer of either verdict, nothing is learnt.
    package static let reviewCountMin = 10
    package static let verdictCountMin = 3
    /// With fewer ordinary rows no tail can be measured.
    package static let ordinaryCountMin = 100
    /// From so many reviews on trees may win over a linear model.
    package static let treesReviewCountMin = 40
    /// The weight of the head nears this with growing evidence, and is half of it at so many reviews.
    package static let weightMax = 0.7
    package static let weightHalfCount = 20.0
    /// All ordinary rows together weigh this share of the reviews.
    package static let ordinaryShare = 0.5
    /// The folds of the cross-validation.
    package static let foldCount = 5
    /// So sure it must be that the head knows anything, and that both together are no worse than the
    /// ensemble.
    ///
    /// Reviewed rows are those that the ensemble ranks highest: how well it ranks the rest they do not
    /// show, so that the two together are better among them is too much to ask.
    package static let headProbabilityMin = 0.95
    package static let helpProbabilityMin = 0.6
    /// An input that fewer of the rows have is left out.
    package static let presenceMin = 0.05

    /// The seed of folds, trees and resamples.
    package var seed: UInt64
    /// How many threads may be used; the head does not depend on it.
    package var threadCount: Int

    /// A trainer with this seed.
    package init(seed: UInt64 = 1, threadCount: Int = 1) {
        self.seed = seed
        self.threadCount = threadCount
    }

    /// What came out: a scope that helps, or the reason why there is none.
    package struct Outcome: Sendable {
        /// Nil where reviews are not heard.
        package var scope: ReviewScope?
        /// Why, in words.
        package var reason: String
        /// Measures of the cross-validation by name; empty where there was none.
        package var measures: [String: Double] = [:]

        /// Nothing is heard, for this reason.
        package init(reason: String) { self.reason = reason }

        init(scope: ReviewScope? = nil, reason: String, measures: [String: Double]) {
            self.scope = scope
            self.reason = reason
            self.measures = measures
        }
    }

    /// What is missing before anything can be learnt, in words; nil where nothing is.
    package func missing(confirmed: Int, rejected: Int) -> String? {
        let count = confirmed + rejected
        guard count < Self.reviewCountMin || min(confirmed, rejected) < Self.verdictCountMin else {
            return nil
        }
        return "\(count) reviews, \(confirmed) confirmed and \(rejected) rejected: "
            + "\(Self.reviewCountMin) are needed, \(Self.verdictCountMin) of each"
    }

    /// Learns from reviewed rows beside ordinary ones.
    package func learn(
        from reviewed: [ReviewedRow], beside ordinary: OrdinaryRows
    ) throws(TrainingError) -> Outcome {
        let confirmed = reviewed.count { $0.isConfirmed }
        let rejected = reviewed.count - confirmed
        if let reason = missing(confirmed: confirmed, rejected: rejected) {
            return Outcome(reason: reason)
        }
        guard ordinary.inputs.count >= Self.ordinaryCountMin else {
            return Outcome(
                reason:
                    "\(ordinary.inputs.count) ordinary rows: \(Self.ordinaryCountMin) are needed")
        }
        let table = ReviewTable(reviewed, ordinary)
        let weight =
            Self.weightMax * Double(reviewed.count)
            / (Double(reviewed.count) + Self.weightHalfCount)
        do throws(ModelError) {
            var best: (candidate: ReviewCandidate, trial: ReviewTrial)?
            for candidate in ReviewCandidate.allCases
            where candidate == .linear || reviewed.count >= Self.treesReviewCountMin {
                let trial = try table.trial(
                    of: candidate, weight: weight, seed: seed, threadCount: threadCount)
                // The simpler one where they are equal.
                if trial.rocAUC > (best?.trial.rocAUC ?? -1) + Self.simplicityMargin {
                    best = (candidate, trial)
                }
            }
            guard let best else { return Outcome(reason: "nothing could be fitted") }
            return try outcome(best.candidate, best.trial, table, weight, confirmed, rejected)
        } catch {
            throw TrainingError(code: .invalidOption, message: error.message)
        }
    }

    /// More complicated models must be better by so much.
    private static let simplicityMargin = 0.01

    private func outcome(
        _ candidate: ReviewCandidate, _ trial: ReviewTrial, _ table: ReviewTable,
        _ weight: Double, _ confirmed: Int, _ rejected: Int
    ) throws(ModelError) -> Outcome {
        let measures = [
            "roc_auc": trial.rocAUC, "ensemble_roc_auc": trial.ensembleROCAUC,
            "head_probability": trial.headProbability,
            "help_probability": trial.helpProbability, "weight": weight,
        ]
        let figures =
            "ROC AUC \(Self.text(trial.rocAUC)) with the reviews, "
            + "\(Self.text(trial.ensembleROCAUC)) without"
        guard trial.headProbability >= Self.headProbabilityMin,
            trial.helpProbability >= Self.helpProbabilityMin
        else {
            return Outcome(
                reason: "cross-validation does not show that they help: \(figures)",
                measures: measures)
        }
        let fitted = try table.fit(candidate, seed: seed)
        let scope = ReviewScope(
            inputNames: fitted.names, model: fitted.model, calibration: fitted.calibration,
            confirmation: try LogisticCalibration.fit(
                margins: trial.margins, labels: table.labels),
            weight: weight, confirmedCount: confirmed, rejectedCount: rejected,
            measures: measures)
        return Outcome(scope: scope, reason: "they help: \(figures)", measures: measures)
    }

    private static func text(_ value: Double) -> String {
        "\((value * 1000).rounded() / 1000)"
    }
}

/// The kinds of model that are tried, the simplest first.
enum ReviewCandidate: CaseIterable {
    /// Logistic regression over verdicts, features and signals.
    case linear
    /// Trees over these and what surrounds the subject.
    case trees

    func looksAt(_ name: String) -> Bool {
        self == .trees || !ReviewInputs.isSurrounding(name)
    }
}
