import AnomalyDetection
import AnomalyModels
import Storage

/// Turns subjects into the results that one transaction writes.
struct Judge {
    private(set) var open: OpenAnomalies
    var settings: SidecarSettings

    /// Subjects of one write.
    ///
    /// A large batch is written in parts, of which only the last says how far the feed has been read: a
    /// crash between them has all of it judged again.
    private static let subjectCountMax = 2_048

    init(open: OpenAnomalies, settings: SidecarSettings) {
        self.open = open
        self.settings = settings
    }

    /// The parts of what is to be judged: relationships with an open anomaly at a moved entity with it.
    ///
    /// At least one, which may be empty.
    func parts(of moved: MovedSubjects) -> [[Subject]] {
        let reconsidered = open.relationshipIDs(at: moved.entityIDs)
        let relationshipIDs = moved.relationshipIDs.union(reconsidered)
        let all =
            moved.entityIDs.sorted().map { Subject.entity($0) }
            + relationshipIDs.sorted().map { Subject.relationship($0) }
        guard all.count > Self.subjectCountMax else { return [all] }
        return stride(from: 0, to: all.count, by: Self.subjectCountMax).map { start in
            Array(all[start..<min(start + Self.subjectCountMax, all.count)])
        }
    }

    /// Judges the subjects in order.
    func results(
        for subjects: [Subject], by detector: AnomalyDetector, asOf: Double
    ) -> BatchResults {
        var results = emptyResults(asOf: asOf)
        let bench = JudgingBench(detector, challengerShare: settings.challengerShare)
        results.shadow = bench.shadow
        for subject in subjects {
            let detector = bench.writer(of: subject)
            guard let judgement = detector.judge(subject, asOf: asOf) else {
                // Inactive now: there is nothing to judge, and nothing left to warn of.
                if open.contains(subject) { results.calmed.append(subject) }
                continue
            }
            if let id = subject.entityID, let metrics = detector.metrics(of: id) {
                results.metrics.append(metrics)
            }
            if let finding = judgement.anomaly {
                results.subgraphs[subject] = subgraph(of: subject, finding, by: detector)
            } else if open.contains(subject) {
                results.calmed.append(subject)
            }
            results.judgements.append(judgement)
            if let row = bench.shadowRow(beside: judgement, asOf: asOf) {
                results.shadow?.rows.append(row)
            }
        }
        return results
    }

    /// Judges subjects of which nothing new is known: only time has passed.
    ///
    /// What is still strange is left as it is; the others are resolved.
    func reconsidered(
        _ subjects: [Subject], by detector: AnomalyDetector, asOf: Double
    ) -> BatchResults {
        var results = emptyResults(asOf: asOf)
        let bench = JudgingBench(detector, challengerShare: settings.challengerShare)
        for subject in subjects where open.contains(subject) {
            let judgement = bench.writer(of: subject).judge(subject, asOf: asOf)
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

    /// Follows what a write has stored.
    mutating func remember(_ results: BatchResults, in detector: AnomalyDetector) {
        for id in results.deletedEntityIDs { open.remove(.entity(id)) }
        for id in results.closedRelationshipIDs { open.remove(.relationship(id)) }
        for subject in results.calmed { open.remove(subject) }
        for judgement in results.judgements where judgement.anomaly != nil {
            open.insert(judgement.subject, in: detector)
        }
    }
}

extension AnomalyDetector {
    /// Judges an entity or relationship as of a time; nil where there is none.
    fileprivate func judge(_ subject: Subject, asOf: Double) -> Judgement? {
        switch subject {
        case .entity(let id): judge(id, asOf: asOf)
        case .relationship(let id): judge(relationshipID: id, asOf: asOf)
        }
    }
}
