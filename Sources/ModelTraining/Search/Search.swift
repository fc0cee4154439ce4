import AnomalyModels

/// A search over a space: proposes trials, gives up hopeless ones, and keeps what came of them.
///
/// It does not measure: who runs it asks for a trial, tells its values one after the other, and ends it.
package struct Search: Sendable {
    /// How points are chosen.
    package enum Method: String, Sendable, CaseIterable {
        /// By a tree-structured Parzen estimator.
        case parzen = "tpe"
        /// At random: what a search has to beat.
        case random
    }

    /// The space.
    package let space: SearchSpace
    /// The trials so far, by number.
    package private(set) var trials: [Trial]
    private let method: Method
    private let seed: UInt64
    private let pruning: MedianPruning?

    /// A search that goes on after these trials; of those that were running none is known how they ended, so
    /// they are run again.
    package init(
        _ space: SearchSpace, method: Method = .parzen, seed: UInt64,
        pruning: MedianPruning? = nil, trials: [Trial] = []
    ) {
        self.space = space
        self.method = method
        self.seed = seed
        self.pruning = pruning
        let sorted = trials.sorted { $0.number < $1.number }
        // What follows an unfinished trial was proposed without it.
        let end = sorted.firstIndex { $0.state == .running } ?? sorted.count
        self.trials = Array(sorted[..<end])
    }

    /// The next trial to run.
    package func next() -> Trial {
        let number = (trials.last?.number ?? -1) + 1
        switch method {
        case .parzen:
            let estimator = TreeParzenEstimator(space, seed: seed)
            return Trial(
                number: number, parameters: estimator.proposal(number: number, after: trials))
        case .random:
            var random = SeededRandom(seed: seed, stream: 0x7BE0_0000 + UInt64(number))
            return Trial(number: number, parameters: space.draw(&random))
        }
    }

    /// Takes one more value of a trial; true where it is to be given up.
    package func isHopeless(_ trial: Trial) -> Bool {
        pruning?.isHopeless(trial.intermediate, among: trials) ?? false
    }

    /// Keeps a trial that has ended.
    package mutating func end(_ trial: Trial) {
        precondition(trial.state != .running, "a trial that has ended is not running")
        trials.append(trial)
    }
}
