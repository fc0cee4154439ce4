import AnomalyDetection
import AnomalyModels
import ParallelLoops
import Storage
import Synchronization

/// Turns subjects into the results that one transaction writes.
struct Judge {
    private(set) var open: OpenAnomalies
    var settings: SidecarSettings
    /// Threads that judge; the results do not depend on it.
    let threadCount: Int
    /// Whether anomalies come with what would undo them, which is most of what they cost.
    let explainsWholly: Bool

    /// Subjects of one write.
    ///
    /// A large batch is written in parts, of which only the last says how far the feed has been read: a
    /// crash between them has all of it judged again.
    private static let subjectCountMax = 2_048

    /// Subjects that a thread takes at a time: fewer are not worth waking another one.
    private static let chunkSize = 2

    init(
        open: OpenAnomalies, settings: SidecarSettings, threadCount: Int,
        explainsWholly: Bool = false
    ) {
        self.open = open
        self.settings = settings
        self.threadCount = threadCount
        self.explainsWholly = explainsWholly
    }

    /// The parts of what is to be judged: at least one, which may be empty.
    func parts(of moved: MovedSubjects) -> [[Subject]] {
        let all =
            moved.entityIDs.sorted().map { Subject.entity($0) }
            + moved.relationshipIDs.sorted().map { Subject.relationship($0) }
        guard all.count > Self.subjectCountMax else { return [all] }
        return stride(from: 0, to: all.count, by: Self.subjectCountMax).map { start in
            Array(all[start..<min(start + Self.subjectCountMax, all.count)])
        }
    }

    /// Judges the subjects; the results are in their order.
    ///
    /// Unless all is to be explained wholly, what would undo an anomaly follows later: see
    /// ``PendingCounterfactuals``. Where repetitions are spared, an open anomaly that is as severe as it
    /// was gets its score alone: its row is to be renewed later.
    func results(
        for subjects: [Subject], by detector: AnomalyDetector, asOf: Double,
        sparingRepetitions: Bool = false
    ) -> BatchResults {
        var results = emptyResults(asOf: asOf)
        let bench = JudgingBench(
            explainsWholly ? detector : detector.withoutCounterfactuals,
            challengerShare: settings.challengerShare)
        results.shadow = bench.shadow
        let outcomes = Outcomes(count: subjects.count)
        parallelForChunks(
            count: subjects.count, chunkSize: Self.chunkSize, threadCount: threadCount
        ) { places, _ in
            let judged = places.map { place in
                let subject = subjects[place]
                let known = sparingRepetitions ? open.severity(of: subject) : nil
                return outcome(for: subject, known: known, by: bench, asOf: asOf)
            }
            outcomes.put(judged, at: places)
        }
        for (subject, outcome) in zip(subjects, outcomes.all) {
            guard let judgement = outcome?.judgement else {
                // Inactive now: there is nothing to judge, and nothing left to warn of.
                if open.contains(subject) { results.calmed.append(subject) }
                continue
            }
            if let metrics = outcome?.metrics { results.metrics.append(metrics) }
            if judgement.anomaly != nil {
                results.subgraphs[subject] = outcome?.subgraph
            } else if outcome?.isRepetition == true {
                results.repeated.append(subject)
            } else if open.contains(subject) {
                results.calmed.append(subject)
            }
            results.judgements.append(judgement)
            if let row = outcome?.shadow { results.shadow?.rows.append(row) }
        }
        return results
    }

    /// What one subject adds to the results; nil where there is nothing to judge.
    ///
    /// An anomaly of the severity that is known of the subject is a repetition.
    private func outcome(
        for subject: Subject, known: Severity?, by bench: JudgingBench, asOf: Double
    ) -> Outcome? {
        bench.byWriter(of: subject) { detector in
            let judgement = detector.judge(subject, asOf: asOf) { $0.severity != known }
            guard let judgement else { return nil }
            return Outcome(
                judgement: judgement,
                isRepetition: judgement.anomaly == nil && detector.isAnomaly(judgement),
                metrics: subject.entityID.flatMap { detector.metrics(of: $0) },
                subgraph: judgement.anomaly.flatMap { subgraph(of: subject, $0, by: detector) },
                shadow: bench.shadowRow(beside: judgement, asOf: asOf))
        }
    }

    /// Relationships with an open anomaly whose cause may have passed because an end has moved.
    func reconsidered(after moved: MovedSubjects) -> [Subject] {
        open.relationshipIDs(at: moved.entityIDs)
            .filter { !moved.relationshipIDs.contains($0) }.map { .relationship($0) }
    }

    /// Judges subjects of which nothing new is known: time has passed, or what is around them has moved.
    ///
    /// What is still strange is left as it is; the others are resolved.
    func reconsidered(
        _ subjects: [Subject], by detector: AnomalyDetector, asOf: Double
    ) -> BatchResults {
        var results = emptyResults(asOf: asOf)
        let bench = JudgingBench(detector, challengerShare: settings.challengerShare)
        for subject in subjects where open.contains(subject) {
            let judgement = bench.byWriter(of: subject) { $0.judge(subject, asOf: asOf) }
            guard judgement?.anomaly == nil else { continue }
            if let judgement { results.judgements.append(judgement) }
            results.calmed.append(subject)
        }
        return results
    }

    /// Has the results forget what was deleted.
    func forget(_ changes: ChangeBatch, _ results: inout BatchResults) {
        results.deletedEntityIDs = changes.deletedEntityIDs
        results.deletedRelationshipIDs = changes.deletedRelationshipIDs
        results.closedRelationshipIDs = changes.deletedRelationshipIDs.filter {
            open.contains(.relationship($0))
        }
    }

    private func emptyResults(asOf: Double) -> BatchResults {
        BatchResults(asOf: asOf, reopensSince: asOf - settings.reopenWindow / .seconds(1))
    }

    private func subgraph(
        of subject: Subject, _ finding: AnomalyFinding, by detector: AnomalyDetector
    ) -> String? {
        var evidence: [Int64: String] = [:]
        for item in finding.explanation.evidence {
            evidence[item.relationshipID] = item.reason
        }
        let hops = settings.subgraphHops
        let limit = detector.settings.neighbourhoodNodeLimit
        let neighbourhood =
            switch subject {
            case .entity(let id): detector.neighbourhood(of: id, hops: hops, nodeLimit: limit)
            case .relationship(let id):
                detector.neighbourhood(ofRelationship: id, hops: hops, nodeLimit: limit)
            }
        return neighbourhood.map { JudgementJSON.subgraph($0, hops: hops, evidence: evidence) }
    }

    /// Follows what a write has stored; of the anomalies that it left out nothing has changed.
    mutating func remember(
        _ results: BatchResults, except leftOut: Set<Subject> = [], in detector: AnomalyDetector
    ) {
        for id in results.deletedEntityIDs { open.remove(.entity(id)) }
        for id in results.closedRelationshipIDs { open.remove(.relationship(id)) }
        for subject in results.calmed where !leftOut.contains(subject) { open.remove(subject) }
        for judgement in results.judgements
        where judgement.anomaly != nil && !leftOut.contains(judgement.subject) {
            open.insert(judgement.subject, severity: judgement.severity, in: detector)
        }
    }
}

/// What one subject adds to the results of a batch.
private struct Outcome: Sendable {
    var judgement: Judgement
    var isRepetition: Bool
    var metrics: EntityMetrics?
    var subgraph: String?
    var shadow: ShadowVerdicts.Row?
}

/// What the threads have found, each in its places.
private final class Outcomes: Sendable {
    private let values: Mutex<[Outcome?]>

    init(count: Int) {
        values = Mutex([Outcome?](repeating: nil, count: count))
    }

    var all: [Outcome?] { values.withLock { $0 } }

    func put(_ outcomes: [Outcome?], at places: Range<Int>) {
        values.withLock { $0.replaceSubrange(places, with: outcomes) }
    }
}
