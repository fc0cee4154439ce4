import Dispatch
import Synchronization

/// Runs `body` once for each thread number and returns the results in the order of the numbers.
///
/// The caller splits its work by thread number alone and reduces the results in order, so the same
/// thread count gives the same bits, whatever the scheduler does. One thread runs on the caller's.
package func parallelFor<Result: Sendable>(
    threadCount: Int, _ body: @Sendable (_ thread: Int) -> Result
) -> [Result] {
    guard threadCount > 1 else { return [body(0)] }
    let results = Mutex([Result?](repeating: nil, count: threadCount))
    DispatchQueue.concurrentPerform(iterations: threadCount) { thread in
        let result = body(thread)
        results.withLock { $0[thread] = result }
    }
    return results.withLock { $0.compactMap { $0 } }
}

/// Deals `count` items out in chunks to whichever thread is free.
///
/// For work of unequal size. Which thread gets a chunk is left to chance, so `body` must write only
/// what belongs to its items, or sums that do not depend on order (integers).
package func parallelForChunks(
    count: Int, chunkSize: Int, threadCount: Int,
    _ body: @Sendable (_ items: Range<Int>, _ thread: Int) -> Void
) {
    precondition(chunkSize > 0, "a chunk holds at least one item")
    guard threadCount > 1, count > chunkSize else {
        if count > 0 { body(0..<count, 0) }
        return
    }
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: threadCount) { thread in
        while true {
            let start = next.add(chunkSize, ordering: .relaxed).oldValue
            guard start < count else { return }
            body(start..<min(start + chunkSize, count), thread)
        }
    }
}

/// The share of `count` items that falls to one of `threadCount` threads.
package func share(of count: Int, thread: Int, threadCount: Int) -> Range<Int> {
    count * thread / threadCount..<count * (thread + 1) / threadCount
}

/// The results of `body` for 0..<count in order, computed on up to `threadCount` threads.
///
/// The order of the calls is free, so `body` must not depend on it.
package func parallelMap<Result: Sendable>(
    _ count: Int, threadCount: Int, _ body: @Sendable (_ item: Int) -> Result
) -> [Result] {
    guard threadCount > 1, count > 1 else { return (0..<max(count, 0)).map(body) }
    let results = Mutex<[Result?]>(Array(repeating: nil, count: count))
    parallelForChunks(count: count, chunkSize: 1, threadCount: min(threadCount, count)) {
        items, _ in
        for item in items {
            let result = body(item)
            results.withLock { $0[item] = result }
        }
    }
    return results.withLock { $0.compactMap(\.self) }
}
