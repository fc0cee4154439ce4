import AnomalyDetection

/// The subjects that have an open anomaly: those that are judged normal now are resolved.
struct OpenAnomalies: Sendable {
    private(set) var subjects: Set<Subject> = []
    /// The relationships among them by each of their ends.
    private var relationshipsByEnd: [Int64: Set<Int64>] = [:]
    private var ends: [Int64: [Int64]] = [:]

    /// At most so many relationships are judged again because one of their ends has moved.
    private static let reconsideredMax = 64

    init(_ subjects: Set<Subject>, in detector: AnomalyDetector) {
        for subject in subjects { insert(subject, in: detector) }
    }

    func contains(_ subject: Subject) -> Bool { subjects.contains(subject) }

    mutating func insert(_ subject: Subject, in detector: AnomalyDetector) {
        guard subjects.insert(subject).inserted, let id = subject.relationshipID,
            let pair = detector.ends(ofRelationship: id)
        else { return }
        ends[id] = [pair.sourceEntityID, pair.targetEntityID]
        for end in [pair.sourceEntityID, pair.targetEntityID] {
            relationshipsByEnd[end, default: []].insert(id)
        }
    }

    mutating func remove(_ subject: Subject) {
        subjects.remove(subject)
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
