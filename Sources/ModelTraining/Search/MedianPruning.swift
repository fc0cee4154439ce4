import AnomalyModels

/// Whether a trial is to be given up, as the others were better at the same point.
///
/// D. Golovin, B. Solnik, S. Moitra, G. Kochanski, J. Karro, D. Sculley, Google Vizier: a service for
/// black-box optimization, KDD 2017, 10.1145/3097983.3098043, section 3.2.2: a trial ends at a step
/// where it is worse than the median of the running means of the complete trials up to that step.
/// Different here: the trial's own running mean is compared, not its best value, because the values are
/// those of folds, which differ by chance; and the first trials and steps are left alone.
package struct MedianPruning: Sendable, Equatable {
    /// So many trials must be complete before any is given up.
    package var completeCountMin = 5
    /// So many values are waited for.
    package var stepCountMin = 1

    /// A rule with these numbers.
    package init(completeCountMin: Int = 5, stepCountMin: Int = 1) {
        self.completeCountMin = completeCountMin
        self.stepCountMin = stepCountMin
    }

    /// Whether a trial with these values so far is to be given up.
    package func isHopeless(_ intermediate: [Double], among trials: [Trial]) -> Bool {
        let step = intermediate.count
        let means = trials.filter { $0.state == .complete }.compactMap { $0.runningMean(step) }
        guard step >= max(1, stepCountMin), means.count >= completeCountMin else { return false }
        let mean = intermediate.reduce(0, +) / Double(step)
        return !(mean >= RobustStatistics.median(means))
    }
}
