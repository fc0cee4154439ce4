import AnomalyDetection
import Synchronization

/// Entities that tasks want judged again: the runner of tasks places them, the follower judges them
/// between batches and counts them off.
final class JudgingRequests: Sendable {
    private struct Request {
        /// Nil: everybody.
        var ids: [Int64]?
        var isTaken = false
        var remaining: Set<Int64> = []
        var total = 0
    }

    private struct State {
        var requests: [Int64: Request] = [:]
        /// Tasks that wait for a copy of the detector, and copies that wait for their task.
        var waiting: Set<Int64> = []
        var copies: [Int64: AnomalyDetector] = [:]
        /// Wakes the follower; nil while nobody follows.
        var wake: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    // MARK: - The runner's side

    /// Whether a follower is there to judge.
    var isFollowing: Bool {
        state.withLock { $0.wake != nil }
    }

    /// Asks for these entities, or for all, in the name of a task.
    func place(_ ids: [Int64]?, for task: Int64) {
        state.withLock { state in
            state.requests[task] = Request(ids: ids)
            state.wake?()
        }
    }

    /// How many of a task's entities are judged; nil before the follower has taken them.
    func progress(of task: Int64) -> (done: Int, total: Int)? {
        state.withLock { state in
            guard let request = state.requests[task], request.isTaken else { return nil }
            return (request.total - request.remaining.count, request.total)
        }
    }

    /// Asks for a copy of the detector in the name of a task.
    func askForCopy(for task: Int64) {
        state.withLock { state in
            state.waiting.insert(task)
            state.wake?()
        }
    }

    /// The copy that a task asked for, once; nil while it is not there.
    func takeCopy(for task: Int64) -> AnomalyDetector? {
        state.withLock { $0.copies.removeValue(forKey: task) }
    }

    /// Forgets a task; what the follower has taken is judged all the same.
    func withdraw(_ task: Int64) {
        state.withLock { state in
            state.requests[task] = nil
            state.copies[task] = nil
            state.waiting.remove(task)
        }
    }

    // MARK: - The follower's side

    /// The follower is there, with an empty queue.
    func open(wake: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.wake = wake
            for task in state.requests.keys { state.requests[task]?.isTaken = false }
        }
    }

    /// Nobody follows until `open` is called again.
    func close() {
        state.withLock { $0.wake = nil }
    }

    /// The entities that are new to the follower.
    func take(all: () -> [Int64]) -> [Int64] {
        state.withLock { state in
            var taken: [Int64] = []
            for (task, request) in state.requests where !request.isTaken {
                // After a reload only those are left that had not been judged before it.
                let ids =
                    request.total > 0 ? Array(request.remaining) : request.ids ?? all()
                state.requests[task]?.isTaken = true
                state.requests[task]?.remaining = Set(ids)
                state.requests[task]?.total = max(request.total, Set(ids).count)
                taken += ids
            }
            return taken.sorted()
        }
    }

    /// Gives a copy of the detector to the tasks that wait for one.
    func lend(_ detector: @autoclosure () -> AnomalyDetector?) {
        state.withLock { state in
            guard !state.waiting.isEmpty, let detector = detector() else { return }
            for task in state.waiting { state.copies[task] = detector }
            state.waiting = []
        }
    }

    /// Counts off what has been judged and stored.
    func didJudge(_ ids: [Int64]) {
        state.withLock { state in
            for task in state.requests.keys {
                state.requests[task]?.remaining.subtract(ids)
            }
        }
    }
}
