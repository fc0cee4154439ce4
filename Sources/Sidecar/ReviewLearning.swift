import AnomalyDetection
import AnomalyModels
import Foundation
import ModelTraining
import PostgresClient
import Storage

/// What a round of learning from reviews has brought.
struct LearnedReviews: Sendable {
    /// The model on whose verdicts it stands.
    var ensembleVersion: String
    /// By scope; a failure is told as the reason.
    var entities, relationships: ReviewTrainer.Outcome
    /// How many reviews there were of entities, and of relationships, by verdict.
    var counts: [Indicator.Scope: (confirmed: Int, rejected: Int)]
    /// Which reviews they were.
    var fingerprint: String
    /// The ordinary rows that were drawn for it: another round may take them again.
    var ordinary: [Indicator.Scope: OrdinaryRows]

    /// What is heard, under the version that the database gave it; nil where the reviews teach nothing.
    func head(version: String) -> ReviewHead? {
        entities.scope == nil && relationships.scope == nil ? nil : stored(version: version)
    }

    /// The bytes that are stored, of one that teaches nothing too.
    func archive() -> [UInt8] { stored(version: "").archive().encoded() }

    private func stored(version: String) -> ReviewHead {
        ReviewHead(
            version: version, ensembleVersion: ensembleVersion, entities: entities.scope,
            relationships: relationships.scope)
    }

    /// Why reviews of a kind are heard, or not.
    func reason(for scope: Indicator.Scope) -> String {
        scope == .entity ? entities.reason : relationships.reason
    }

    /// Whether anything was ever reviewed.
    var hasReviews: Bool { counts.values.contains { $0.confirmed + $0.rejected > 0 } }

    /// The card of the head as JSON: whether each part is heard, and why.
    func card() -> String {
        var json = JSONText()
        json.object { json in
            json.key("kind")
            json.value("reviews")
            json.key("ensemble")
            json.value(ensembleVersion)
            json.key("fingerprint")
            json.value(fingerprint)
            for (name, scope, outcome) in [
                ("entities", Indicator.Scope.entity, entities),
                ("relationships", .relationship, relationships),
            ] {
                json.key(named: name)
                json.object { json in
                    json.key("heard")
                    json.value(outcome.scope != nil)
                    json.key("reason")
                    json.value(outcome.reason)
                    json.key("confirmed")
                    json.value(Int64(counts[scope]?.confirmed ?? 0))
                    json.key("rejected")
                    json.value(Int64(counts[scope]?.rejected ?? 0))
                    json.key("measures")
                    json.object { json in
                        for (name, value) in outcome.measures.sorted(by: { $0.key < $1.key }) {
                            json.key(named: name)
                            json.value(value)
                        }
                    }
                }
            }
        }
        return json.text
    }
}

/// Learns from reviews beside the feed: on a copy of the detector, in a task of its own.
struct ReviewLearning {
    private let box = ResultBox<LearnedReviews>()
    private var task: Task<Void, Never>?
    /// Reviews, or the model that they stand on, have changed since the last round began.
    var isDue = true
    /// The ordinary rows of the last round, and the model that judged them.
    private var ordinary: (ensembleVersion: String, rows: [Indicator.Scope: OrdinaryRows])?
    private var drawnAt = ContinuousClock.now
    /// Older ordinary rows are drawn again: the graph has moved on.
    private static let ordinaryAgeMax = Duration.seconds(600)

    /// Starts a round; `whenDone` is called from its thread.
    mutating func start(
        _ detector: AnomalyDetector, reviews: [StoredReview], seed: UInt64, asOf: Double,
        whenDone: @escaping @Sendable () -> Void
    ) {
        isDue = false
        guard let version = detector.modelVersion else { return }
        let isFresh =
            ordinary?.ensembleVersion == version
            && ContinuousClock.now - drawnAt < Self.ordinaryAgeMax
        if !isFresh { drawnAt = ContinuousClock.now }
        let (box, kept) = (box, isFresh ? ordinary?.rows ?? [:] : [:])
        task = Task.detached(
            executorPreference: BlockingExecutor.forLongWork(), priority: .utility
        ) {
            box.put(
                Self.learned(
                    detector, version, reviews: reviews, ordinary: kept, seed: seed, asOf: asOf))
            whenDone()
        }
    }

    /// Whether a round is under way.
    var isRunning: Bool { task != nil }

    /// What a round that is over has brought, once.
    mutating func take() -> LearnedReviews? {
        guard let learned = box.take() else { return nil }
        task = nil
        ordinary = (learned.ensembleVersion, learned.ordinary)
        return learned
    }

    func cancel() { task?.cancel() }

    private static func learned(
        _ detector: AnomalyDetector, _ version: String, reviews: [StoredReview],
        ordinary: [Indicator.Scope: OrdinaryRows], seed: UInt64, asOf: Double
    ) -> LearnedReviews {
        // What the ensemble says is learnt from, not what an earlier head makes of it.
        var detector = detector
        detector.adopt(reviewHead: nil)
        var ordinary = ordinary
        var counts: [Indicator.Scope: (confirmed: Int, rejected: Int)] = [:]
        func outcome(_ scope: Indicator.Scope) -> ReviewTrainer.Outcome {
            let own = reviews.filter { ($0.subject.entityID != nil) == (scope == .entity) }
            let confirmed = own.count { $0.isConfirmed }
            counts[scope] = (confirmed, own.count - confirmed)
            let trainer = ReviewTrainer(seed: seed)
            if let reason = trainer.missing(confirmed: confirmed, rejected: own.count - confirmed) {
                return ReviewTrainer.Outcome(reason: reason)
            }
            let rows =
                ordinary[scope].flatMap { $0.inputs.isEmpty ? nil : $0 }
                ?? OrdinaryRows(
                    scope, of: detector, excluding: Set(own.map(\.subject)),
                    anomalyThreshold: detector.settings.anomalyThreshold, seed: seed, asOf: asOf)
            ordinary[scope] = rows
            do {
                return try trainer.learn(
                    from: own.map {
                        ReviewedRow(
                            subject: $0.subject, inputs: $0.inputs.reviewInputs($0.detectors),
                            isConfirmed: $0.isConfirmed)
                    }, beside: rows)
            } catch {
                return ReviewTrainer.Outcome(reason: "learning failed: \(error)")
            }
        }
        let (entities, relationships) = (outcome(.entity), outcome(.relationship))
        return LearnedReviews(
            ensembleVersion: version, entities: entities, relationships: relationships,
            counts: counts, fingerprint: reviews.fingerprint, ordinary: ordinary)
    }
}
