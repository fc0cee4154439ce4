import ModelTraining
import Synchronization

/// How many of what each stage of a training run works on.
struct StageCounts: Sendable {
    let entities, relationships: Int

    /// Tells a stage and how much of it is done, as a count where there is one.
    func report(_ stage: ModelTrainer.Stage, _ share: Double, to progress: ProgressReport) {
        let (name, count) =
            switch stage {
            case .metrics: ("learning context", 100)
            case .features: ("entities", entities)
            case .relationships: ("relationships", relationships)
            case .behaviour: ("behaviour and autoencoder", 100)
            case .forest: ("forest", entities)
            case .calibrations: ("calibrations", 100)
            case .indicators: ("indicators", 100)
            case .validation: ("validation", 100)
            case .check: ("checking the graph's use", 100)
            }
        progress(name, Int((share * Double(count)).rounded(.down)), count)
    }
}

/// The whole of a training run: how much is done, and how long the rest takes.
///
/// The weights are the seconds of each stage for 100,000 entities and 480,000 relationships with two
/// million observations, so that the share is about linear in time.
struct TrainingProgress {
    private static let seconds: [(stage: String, weight: Double)] = [
        ("loading entities", 0.7), ("loading relationships", 0.7), ("loading history", 3.4),
        ("computing graph metrics", 2), ("learning context", 0.8), ("entities", 5.8),
        ("relationships", 2.6), ("behaviour and autoencoder", 10.4), ("forest", 0.4),
        ("calibrations", 6), ("indicators", 2.6), ("validation", 12),
        ("checking the graph's use", 0.6),
    ]

    private let startedAt: ContinuousClock.Instant

    init(startedAt: ContinuousClock.Instant) {
        self.startedAt = startedAt
    }

    /// The share of the whole, 0 to 1; nil for a stage that is not known.
    static func share(of stage: String, _ done: Int, _ total: Int) -> Double? {
        guard let place = seconds.firstIndex(where: { $0.stage == stage }) else { return nil }
        let before = seconds[..<place].reduce(0) { $0 + $1.weight }
        let all = seconds.reduce(0) { $0 + $1.weight }
        let part = total > 0 ? min(1, max(0, Double(done) / Double(total))) : 0
        return (before + part * seconds[place].weight) / all
    }

    /// The stage with its count and the time left of the whole: "relationships: 120,000 of 461,106, about
    /// 12 s left".
    func line(_ stage: String, _ done: Int, _ total: Int, at now: ContinuousClock.Instant) -> String
    {
        var line =
            total == 100 ? "\(stage): \(done) %" : "\(stage): \(grouped(done)) of \(grouped(total))"
        let elapsed = (now - startedAt) / .seconds(1)
        if let share = Self.share(of: stage, done, total), share > 0.02, elapsed > 0.5 {
            let left = (elapsed / share * (1 - share)).rounded(.up)
            line += ", about \(grouped(Int(left))) s left"
        }
        return line
    }

    /// Thousands apart: 461,106.
    private func grouped(_ count: Int) -> String {
        let digits = Array(String(count))
        return digits.enumerated().map { place, digit in
            place > 0 && (digits.count - place) % 3 == 0 ? ",\(digit)" : "\(digit)"
        }.joined()
    }
}
