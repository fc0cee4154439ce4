import AnomalyDetection
import AnomalyModels

/// The subjects that have an open anomaly: those that are judged normal now are resolved.
struct OpenAnomalies: Sendable {
    /// As severe as their rows say; nil where the rows were not written by this process.
    private var severities: [Subject: Severity?] = [:]
    /// The relationships among them by each of their ends.
    private var relationshipsByEnd: [Int64: Set<Int64>] = [:]
    private var ends: [Int64: [Int64]] = [:]

    /// At most so many relationships are judged again because ends of theirs moved in one batch.
    private static let reconsideredMax = 64

    init(_ subjects: Set<Subject>, in detector: AnomalyDetector) {
        for subject in subjects { insert(subject, severity: nil, in: detector) }
    }

    var subjects: Set<Subject> { Set(severities.keys) }
    var count: Int { severities.count }

    func contains(_ subject: Subject) -> Bool { severities[subject] != nil }

    /// How severe the row is that this process wrote last; nil where it wrote none.
    func severity(of subject: Subject) -> Severity? { severities[subject] ?? nil }

    mutating func insert(
        _ subject: Subject, severity: Severity?, in detector: AnomalyDetector
    ) {
        guard severities.updateValue(severity, forKey: subject) == nil,
            let id = subject.relationshipID, let pair = detector.ends(ofRelationship: id)
        else { return }
        ends[id] = [pair.sourceEntityID, pair.targetEntityID]
        for end in [pair.sourceEntityID, pair.targetEntityID] {
            relationshipsByEnd[end, default: []].insert(id)
        }
    }

    mutating func remove(_ subject: Subject) {
        severities.removeValue(forKey: subject)
        guard let id = subject.relationshipID else { return }
        for end in ends.removeValue(forKey: id) ?? [] {
            relationshipsByEnd[end]?.remove(id)
            if relationshipsByEnd[end]?.isEmpty == true { relationshipsByEnd[end] = nil }
        }
    }

    /// The relationships with an open anomaly that have one of these ends, the newest of them.
    func relationshipIDs(at entityIDs: Set<Int64>) -> [Int64] {
        guard !relationshipsByEnd.isEmpty else { return [] }
        var ids: Set<Int64> = []
        for id in entityIDs { ids.formUnion(relationshipsByEnd[id] ?? []) }
        return ids.count <= Self.reconsideredMax
            ? Array(ids) : Array(ids.sorted(by: >).prefix(Self.reconsideredMax))
    }
}
