import Dispatch
import Synchronization

/// Runs `body` once for each thread number and returns the results in the order of the numbers.
///
/// The caller splits its work by thread number alone and reduces the results in order, so the same
/// thread count gives the same bits, whatever the scheduler does.
func parallelFor<Result: Sendable>(
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

/// The share of `count` items that falls to one of `threadCount` threads.
func share(of count: Int, thread: Int, threadCount: Int) -> Range<Int> {
    count * thread / threadCount..<count * (thread + 1) / threadCount
}
