import AnomalyDetection
import DequeModule

/// Subjects that are to be judged although no change has come: a first scan, a new model, moved metrics.
///
/// An entity comes after the relationships that start from it. So where its score is of the active
/// model theirs are too, and whoever starts again needs to look at entities alone.
struct JudgingQueue {
    private var entities: Deque<Int64> = []
    private var queued: Set<Int64> = []
    /// Those of the queued entities that come with their relationships.
    private var whole: Set<Int64> = []
    /// What is left of the entity whose relationships are being judged, backwards.
    private var rest: [Subject] = []

    var isEmpty: Bool { entities.isEmpty && rest.isEmpty }

    /// How many entities wait.
    var count: Int { entities.count }

    /// Adds entities, with the relationships that start from them or alone.
    mutating func insert(_ ids: some Sequence<Int64>, withRelationships isWhole: Bool) {
        for id in ids {
            if queued.insert(id).inserted { entities.append(id) }
            if isWhole { whole.insert(id) }
        }
    }

    /// Takes the next subjects, at most so many.
    mutating func next(_ count: Int, outgoing: (Int64) -> [Int64]) -> [Subject] {
        var subjects: [Subject] = []
        while subjects.count < count {
            while subjects.count < count, let subject = rest.popLast() { subjects.append(subject) }
            guard subjects.count < count, let id = entities.popFirst() else { break }
            queued.remove(id)
            rest = [.entity(id)]
            if whole.remove(id) != nil {
                rest += outgoing(id).reversed().map { .relationship($0) }
            }
        }
        return subjects
    }
}
