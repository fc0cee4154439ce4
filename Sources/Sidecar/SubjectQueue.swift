import AnomalyDetection
import DequeModule

/// Subjects that wait, each once, in the order in which they came.
struct SubjectQueue {
    private var order: Deque<Subject> = []
    private var members: Set<Subject> = []

    var isEmpty: Bool { members.isEmpty }
    var count: Int { members.count }

    mutating func insert(_ subjects: some Sequence<Subject>) {
        for subject in subjects where members.insert(subject).inserted { order.append(subject) }
    }

    /// Takes the next subjects, at most so many.
    mutating func next(_ count: Int) -> [Subject] {
        let taken = Array(order.prefix(count))
        order.removeFirst(taken.count)
        members.subtract(taken)
        return taken
    }
}
