import Foundation

/// How far a judgement can be trusted, from what stood behind it.
///
/// The weighted mean of four shares:
/// - voices (0.2): detectors that spoke, of all there are for such a subject;
/// - agreement (0.3): families on the side of the verdict, of those that spoke (an anomaly is on the
///   side of those below 0.1, anything else on the side of those above);
/// - support (0.3): n / (n + 500), with n the smallest number of rows behind a calibration that
///   spoke: below about 500 rows the highest severity cannot be told;
/// - completeness (0.2): features that are known.
struct JudgementConfidence {
    let verdicts: [DetectorVerdict]
    let familyProbabilities: [Double]
    let features: [Double]
    let isAnomaly: Bool

    var value: Double {
        let speaking = familyProbabilities.filter { !$0.isNaN }
        guard !speaking.isEmpty, let least = verdicts.map(\.calibrationCount).min() else {
            return 0.1 * Self.completeness(features)
        }
        let agreeing = speaking.filter { ($0 < 0.1) == isAnomaly }.count
        let scope = verdicts.first?.detector.scope
        let voices =
            Double(verdicts.count) / Double(Detector.allCases.count { $0.scope == scope })
        let agreement = Double(agreeing) / Double(speaking.count)
        let support = Double(least) / Double(least + 500)
        return 0.2 * voices + 0.3 * agreement + 0.3 * support
            + 0.2 * Self.completeness(features)
    }

    /// Rules have no calibration behind them: at most 0.4, more with every indicator that agrees.
    static func ofRules(features: [Double], firedCount: Int) -> Double {
        completeness(features) * (0.15 + 0.25 * (1 - pow(0.5, Double(firedCount))))
    }

    private static func completeness(_ features: [Double]) -> Double {
        Double(features.count { !$0.isNaN }) / Double(features.count)
    }
}
