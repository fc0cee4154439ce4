import Synchronization

/// Lets writers through, except while a verdict is being taken.
///
/// Who has passed must leave again; `close` waits until everybody has left.
final class Gate: Sendable {
    private struct State {
        var isOpen = true
        var insideCount = 0
    }

    private let state = Mutex(State())

    /// Waits for the gate and passes it.
    func pass() async throws {
        while !state.withLock({ state in
            if state.isOpen { state.insideCount += 1 }
            return state.isOpen
        }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func leave() {
        state.withLock { $0.insideCount -= 1 }
    }

    /// Does the work behind the gate.
    func passing<Value>(_ work: () async throws -> Value) async throws -> Value {
        try await pass()
        defer { leave() }
        return try await work()
    }

    /// Closes the gate and waits until nobody is inside.
    func close() async throws {
        state.withLock { $0.isOpen = false }
        while state.withLock({ $0.insideCount > 0 }) {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func open() {
        state.withLock { $0.isOpen = true }
    }
}
