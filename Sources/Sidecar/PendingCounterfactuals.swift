import AnomalyDetection
import DequeModule
import PostgresClient
import Storage

/// Anomalies that were stored without what would undo them, and still wait for it.
///
/// A search asks up to forty times what would be: most of what an anomaly costs. So the anomaly is
/// written at once, with everything else that is said of it, and the search follows on a copy of the
/// detector, on a thread that gives way to the feed. Each subject waits at most once, for its newest
/// detection.
struct PendingCounterfactuals {
    private struct Item {
        var asOf: Double
        /// Nil where the sidecar has started since: it is judged again as of that time.
        var judgement: Judgement?
    }

    private var items: [Subject: Item] = [:]
    private var order: Deque<Subject> = []
    private let found = ResultBox<[FoundCounterfactual]>()
    private var search: Task<Void, Never>?
    private let executor = BlockingExecutor.forLongWork()

    /// At most so many wait, some 20 kB each; of more the oldest stay without.
    static let countMax = 1_024

    /// At most so many are searched for on one copy, so that what is found is not held back.
    private static let searchCountMax = 8

    /// Whether a search can be started.
    var isWaiting: Bool { !items.isEmpty && search == nil }

    /// Notes the anomalies of results that were stored; what was judged to be none is forgotten.
    mutating func note(_ results: BatchResults) {
        // What is repeated is written anew, and noted then.
        for subject in results.calmed + results.repeated { items[subject] = nil }
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

    /// Starts to search for the next subjects; `whenDone` is called from its thread.
    mutating func startSearch(
        by detector: AnomalyDetector, whenDone: @escaping @Sendable () -> Void
    ) {
        guard search == nil else { return }
        var chosen: [(Subject, Item)] = []
        while chosen.count < Self.searchCountMax, let subject = order.popFirst() {
            if let item = items.removeValue(forKey: subject) { chosen.append((subject, item)) }
        }
        search = Task.detached(executorPreference: executor, priority: .utility) {
            [found, chosen] in
            found.put(chosen.compactMap { Self.counterfactual(of: $0.0, $0.1, by: detector) })
            whenDone()
        }
    }

    /// What a search that is over has found, once.
    mutating func takeFound() -> [FoundCounterfactual] {
        guard let found = found.take() else { return [] }
        search = nil
        return found
    }

    private static func counterfactual(
        of subject: Subject, _ item: Item, by detector: AnomalyDetector
    ) -> FoundCounterfactual? {
        guard !Task.isCancelled,
            let judgement = item.judgement
                ?? detector.withoutCounterfactuals.judge(subject, asOf: item.asOf),
            let finding = judgement.anomaly,
            let counterfactual = detector.counterfactual(
                of: judgement, finding.explanation, asOf: item.asOf)
        else { return nil }
        return FoundCounterfactual(
            subject: subject, anomalyType: finding.primaryType, detectedAt: item.asOf,
            counterfactual: counterfactual)
    }

    func cancel() { search?.cancel() }
}
