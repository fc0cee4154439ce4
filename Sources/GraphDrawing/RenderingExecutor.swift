import Foundation

/// Runs an actor's jobs one after the other on a thread of its own.
///
/// Layout can take long and recurses deeply on long chains, so it must neither hold a thread of the
/// shared pool nor live on its small stack.
final class RenderingExecutor: SerialExecutor, @unchecked Sendable {
    // `jobs` is only touched while `condition` is locked; everything else is immutable.
    private static let stackByteCount = 64 << 20
    private let condition = NSCondition()
    private var jobs: [UnownedJob] = []

    init() {
        let thread = Thread { [self] in run() }
        thread.name = "vigil.graphviz"
        thread.stackSize = Self.stackByteCount
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.withLock {
            jobs.append(job)
            condition.signal()
        }
    }

    private func run() {
        while true {
            let batch = condition.withLock {
                while jobs.isEmpty { condition.wait() }
                defer { jobs = [] }
                return jobs
            }
            for job in batch { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }
}
