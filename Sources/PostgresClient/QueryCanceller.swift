import CLibPQ
import Synchronization

/// Cancels the running statement of a connection from another thread.
///
/// `@unchecked Sendable`: the pointer never changes after `init`, and libpq documents `PQcancel` as
/// safe to call from any thread; it is freed when nobody holds this object any more.
final class QueryCanceller: @unchecked Sendable {
    private let pointer: OpaquePointer?
    private let running = Mutex(State())

    private struct State {
        var ticket: UInt64 = 0
        var isRunning = false
        var isCancelled = false
    }

    init(owning pointer: OpaquePointer?) {
        self.pointer = pointer
    }

    deinit {
        PQfreeCancel(pointer)
    }

    /// Marks the start of a statement and names it.
    func begin() -> UInt64 {
        running.withLock { state in
            state.ticket += 1
            state.isRunning = true
            state.isCancelled = false
            return state.ticket
        }
    }

    /// Marks the end; true where the statement was cancelled.
    ///
    /// Waits for a request under way, so that it cannot hit the next statement.
    func end() -> Bool {
        running.withLock { state in
            state.isRunning = false
            return state.isCancelled
        }
    }

    /// Asks the server to cancel the statement, without blocking the caller.
    func cancel(_ ticket: UInt64) {
        startThread { [self] in
            running.withLock { state in
                guard state.isRunning, state.ticket == ticket else { return }
                state.isCancelled = true
                request()
            }
        }
    }

    /// Sends the request; a failure is of no use to anybody, the statement then simply ends later.
    func request() {
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(pointer, &message, Int32(message.count))
    }
}
