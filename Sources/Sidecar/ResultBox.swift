import GraphMetrics
import Synchronization

/// A place for one value between two tasks.
final class ResultBox: Sendable {
    private let value = Mutex<GlobalMetrics?>(nil)

    func put(_ metrics: GlobalMetrics?) {
        value.withLock { $0 = metrics }
    }

    func take() -> GlobalMetrics? {
        value.withLock { stored in
            defer { stored = nil }
            return stored
        }
    }
}
