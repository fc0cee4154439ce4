import Synchronization

/// A place for one value between two tasks.
final class ResultBox: Sendable {
    private let value = Mutex<RefreshedMetrics?>(nil)

    func put(_ metrics: RefreshedMetrics?) {
        value.withLock { $0 = metrics }
    }

    func take() -> RefreshedMetrics? {
        value.withLock { stored in
            defer { stored = nil }
            return stored
        }
    }
}
