import AnomalyDetection

/// What is due between batches: a queue of subjects to judge again, a metrics refresh, heartbeats.
struct Upkeep {
    /// Entities, and relationships, to judge again.
    var rescoring = JudgingQueue()
    /// Open anomalies whose rows are older than their scores.
    private(set) var renewals = SubjectQueue()
    /// Subjects with an open anomaly of which time, or what moved around them, may have removed the cause.
    private var reconsidering = SubjectQueue()
    private var lastWork = UpkeepWork.reconsideration
    private var chunkSize = chunkSizes.lowerBound
    /// A change that arrives while a chunk is being judged waits at most about so long.
    private static let chunkDurationMax = Duration.milliseconds(4)
    private static let chunkSizes = 1...512
    /// While changes come, chunks take at most a tenth of the time.
    private static let restFactor = 9
    /// Without a change for so long nobody is waited for.
    private static let quietAfter = Duration.milliseconds(50)
    private var restsUntil = ContinuousClock.now
    private var changedAt = ContinuousClock.now
    /// Anomalies that wait for what would undo them.
    var counterfactuals = PendingCounterfactuals()
    private var refresh: MetricsRefresh?
    private var refreshTook = Duration.zero
    /// A refresh may take this share of one core: the next waits accordingly.
    private static let pauseFactor = 10
    /// Subjects whose anomaly could not be written because somebody held them, and since when.
    private var putOff: Set<Subject> = []
    private var putOffAt = ContinuousClock.now
    var graphHasMoved = false
    private var refreshedAt = ContinuousClock.now
    private var beatAt = ContinuousClock.now
    private var auditedAt = ContinuousClock.now
    private var reconsideredAt = ContinuousClock.now
    /// What has an open anomaly is due, whenever it was looked at: the threshold has risen.
    var reconsidersAtOnce = false
    /// An audit found that the graph itself counts wrong.
    var isReloadNeeded = false
    /// A round of removing what has outlived its retention is not over yet.
    var isRetaining = false
    private var retainedAt: ContinuousClock.Instant?

    /// Begins with these entities and the relationships that start from them.
    init(rescoring: [Int64] = []) {
        self.rescoring.insert(rescoring, withRelationships: true)
    }

    /// How long the next chunk has to wait; nil where there is none.
    var rest: Duration? {
        guard isRetaining || UpkeepWork.allCases.contains(where: waits) else { return nil }
        return max(.zero, restsUntil - .now)
    }

    private func waits(_ work: UpkeepWork) -> Bool {
        switch work {
        case .renewal: !renewals.isEmpty
        case .counterfactuals: counterfactuals.isWaiting
        case .rescoring: !rescoring.isEmpty
        case .reconsideration: !reconsidering.isEmpty
        }
    }

    /// Whose turn it is among the queues in which something waits: no long one starves another.
    mutating func nextWork() -> UpkeepWork? {
        let all = UpkeepWork.allCases
        let turn = (0..<all.count).map { all[(lastWork.rawValue + 1 + $0) % all.count] }
        guard let work = turn.first(where: waits) else { return nil }
        lastWork = work
        return work
    }

    /// Has the rows of open anomalies written anew.
    mutating func renew(_ subjects: some Sequence<Subject>) {
        renewals.insert(subjects)
    }

    /// The next open anomalies whose rows are written anew.
    mutating func nextRenewals() -> [Subject] {
        renewals.next(chunkSize)
    }

    /// A batch of changes has come.
    mutating func noteChange() {
        changedAt = .now
        graphHasMoved = true
    }

    /// The next subjects of the queue: few enough that a change which comes meanwhile waits for
    /// milliseconds only.
    mutating func nextChunk(of detector: AnomalyDetector) -> [Subject] {
        rescoring.next(chunkSize) { detector.outgoingRelationshipIDs(of: $0) }
    }

    /// Queues what has an open anomaly, where that is due.
    mutating func reconsider(every interval: Duration, _ open: () -> Set<Subject>) {
        guard
            reconsidersAtOnce || ContinuousClock.now - reconsideredAt >= interval
        else { return }
        reconsidersAtOnce = false
        reconsideredAt = ContinuousClock.now
        reconsidering.insert(open())
    }

    /// Queues subjects with an open anomaly around which something has moved.
    mutating func reconsider(_ subjects: [Subject]) {
        reconsidering.insert(subjects)
    }

    /// The next subjects of which the cause may have passed.
    mutating func nextReconsidered() -> [Subject] {
        reconsidering.next(chunkSize)
    }

    /// Fits the next chunk to what this one took, and has it wait while changes come.
    mutating func chunkTook(_ duration: Duration) {
        let now = ContinuousClock.now
        restsUntil = now - changedAt < Self.quietAfter ? now + duration * Self.restFactor : now
        if duration > Self.chunkDurationMax {
            chunkSize = max(Self.chunkSizes.lowerBound, chunkSize / 2)
        } else if duration < Self.chunkDurationMax / 2 {
            chunkSize = min(Self.chunkSizes.upperBound, chunkSize * 2)
        }
    }

    /// Whether the graph has moved since the last refresh, which is over and long enough ago: the
    /// interval, or ten times what the last one took where that is longer.
    func isRefreshDue(every interval: Duration) -> Bool {
        graphHasMoved && refresh == nil
            && ContinuousClock.now - refreshedAt >= max(interval, refreshTook * Self.pauseFactor)
    }

    /// The metrics of a refresh that is over.
    mutating func takeRefresh() -> RefreshedMetrics? {
        guard let metrics = refresh?.take() else { return nil }
        refresh = nil
        refreshTook = ContinuousClock.now - refreshedAt
        return metrics
    }

    mutating func startRefresh(_ started: MetricsRefresh) {
        refresh = started
        refreshedAt = ContinuousClock.now
        graphHasMoved = false
    }

    mutating func isHeartbeatDue(every interval: Duration) -> Bool {
        guard ContinuousClock.now - beatAt >= interval else { return false }
        beatAt = ContinuousClock.now
        return true
    }

    mutating func isAuditDue(every interval: Duration) -> Bool {
        guard ContinuousClock.now - auditedAt >= interval else { return false }
        auditedAt = ContinuousClock.now
        return true
    }

    /// Once when following begins, then once an hour, and as long as a round is not over.
    ///
    /// What is due once a day, the database knows.
    mutating func isRetentionDue() -> Bool {
        if isRetaining { return true }
        let now = ContinuousClock.now
        if let retainedAt, now - retainedAt < .seconds(3_600) { return false }
        retainedAt = now
        return true
    }

    /// Has the subjects judged again a little later.
    mutating func putOff(_ subjects: Set<Subject>) {
        guard !subjects.isEmpty else { return }
        if putOff.isEmpty { putOffAt = ContinuousClock.now }
        putOff.formUnion(subjects)
    }

    /// Queues what was put off long enough ago.
    mutating func takePutOff() {
        guard !putOff.isEmpty, ContinuousClock.now - putOffAt >= Self.putOffTime else { return }
        renew(putOff)
        putOff = []
    }

    private static let putOffTime = Duration.seconds(1)

    func cancel() {
        refresh?.cancel()
        counterfactuals.cancel()
    }
}

/// What waits in queues between batches.
enum UpkeepWork: Int, CaseIterable {
    case renewal, counterfactuals, rescoring, reconsideration
}
