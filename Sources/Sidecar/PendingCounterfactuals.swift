import AnomalyDetection
import DequeModule
import Storage

/// Anomalies that were stored without what would undo them, and still wait for it.
///
/// A search asks up to forty times what would be: most of what an anomaly costs. So the anomaly is
/// written at once, with everything else that is said of it, and the search follows as soon as no
/// change waits. Each subject waits at most once, for its newest detection.
struct PendingCounterfactuals {
    private struct Item {
        var asOf: Double
        /// Nil where the sidecar has started since: it is judged again as of that time.
        var judgement: Judgement?
    }

    private var items: [Subject: Item] = [:]
    private var order: Deque<Subject> = []

    /// At most so many wait, some 20 kB each; of more the oldest stay without.
    static let countMax = 1_024

    var isEmpty: Bool { items.isEmpty }
    var count: Int { items.count }

    /// Notes the anomalies of results that were stored; what was judged to be none is forgotten.
    mutating func note(_ results: BatchResults) {
        for subject in results.calmed { items[subject] = nil }
        for judgement in results.judgements where judgement.anomaly != nil {
            insert(judgement.subject, Item(asOf: results.asOf, judgement: judgement))
        }
    }

    /// Notes anomalies that an earlier sidecar has stored without.
    mutating func note(_ unfinished: [(subject: Subject, detectedAt: Double)]) {
        for (subject, detectedAt) in unfinished {
            insert(subject, Item(asOf: detectedAt, judgement: nil))
        }
    }

    private mutating func insert(_ subject: Subject, _ item: Item) {
        if items.updateValue(item, forKey: subject) == nil { order.append(subject) }
        while items.count > Self.countMax, let oldest = order.popFirst() { items[oldest] = nil }
    }

    /// Searches for the next subjects, at least one, until `isEnough` says so.
    mutating func next(
        by detector: AnomalyDetector, isEnough: () -> Bool
    ) -> [FoundCounterfactual] {
        var found: [FoundCounterfactual] = []
        while let subject = order.popFirst() {
            guard let item = items.removeValue(forKey: subject) else { continue }
            let judgement =
                item.judgement
                ?? detector.withoutCounterfactuals.judge(subject, asOf: item.asOf)
            if let judgement, let finding = judgement.anomaly,
                let counterfactual = detector.counterfactual(
                    of: judgement, finding.explanation, asOf: item.asOf)
            {
                found.append(
                    FoundCounterfactual(
                        subject: subject, anomalyType: finding.primaryType,
                        detectedAt: item.asOf, counterfactual: counterfactual))
            }
            if isEnough() { break }
        }
        return found
    }
}
