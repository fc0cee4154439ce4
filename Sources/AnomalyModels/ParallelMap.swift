import Dispatch
import Synchronization

/// The results of `body` for 0..<count in order, computed on up to `threadCount` threads.
///
/// The caller's thread works too and waits for the others. The order of the calls is free, so `body`
/// must not depend on it.
func parallelMap<Result: Sendable>(
    _ count: Int, threadCount: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
    guard threadCount > 1, count > 1 else { return (0..<max(count, 0)).map(body) }
    let results = Mutex<[Result?]>(Array(repeating: nil, count: count))
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: min(threadCount, count)) { _ in
        while true {
            let position = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard position < count else { return }
            let result = body(position)
            results.withLock { $0[position] = result }
        }
    }
    return results.withLock { $0.compactMap(\.self) }
}
