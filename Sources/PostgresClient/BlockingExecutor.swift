import Glibc

/// A serial executor that owns one thread, for calls that block.
///
/// Actors that share one executor call each other without a thread switch: a task that runs beside
/// a connection on the connection's own thread pays for the round trip to the server and for
/// nothing else. It is a task executor too, so `withTaskExecutorPreference` puts plain
/// asynchronous code on the thread.
package final class BlockingExecutor: SerialExecutor, TaskExecutor {
    private let queue: JobQueue

    /// An executor whose thread starts now and ends when the last reference is gone.
    ///
    /// With a niceness above 0 the thread gives way to others where processors are scarce; the threads
    /// that it starts inherit it.
    package init(niceness: Int32 = 0) {
        let queue = JobQueue()
        self.queue = queue
        startThread {
            // Of the calling thread alone, as Linux has it; what it refuses is no worse than before.
            if niceness > 0 { _ = setpriority(__priority_which_t(0), 0, niceness) }
            queue.run()
        }
    }

    /// An executor for long work beside the feed, which it gives way to.
    package static func forLongWork() -> BlockingExecutor { BlockingExecutor(niceness: 10) }

    deinit {
        queue.stop()
    }

    /// Runs the job on the thread, after those that came before it.
    package func enqueue(_ job: consuming ExecutorJob) {
        // The entry keeps the executor alive until its last job has run.
        queue.append(JobQueue.Entry(job: UnownedJob(job), executor: self))
    }

    /// This executor as the runtime refers to it.
    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// This executor as the runtime refers to it for tasks without an actor.
    package func asUnownedTaskExecutor() -> UnownedTaskExecutor {
        UnownedTaskExecutor(ordinary: self)
    }

    /// Whether the caller runs on this executor's thread.
    package func isIsolatingCurrentContext() -> Bool? {
        queue.isCurrentThread
    }

    /// Traps unless the caller runs on this executor's thread.
    package func checkIsolated() {
        precondition(queue.isCurrentThread, "the caller runs on the executor's thread")
    }
}

/// Jobs in order of arrival, handed over in batches under one lock.
///
/// `@unchecked Sendable`: `incoming`, `isStopped` and `thread` are read and written with the mutex
/// held; the two pointers never change, and what they point to is made for several threads.
private final class JobQueue: @unchecked Sendable {
    struct Entry {
        let job: UnownedJob
        let executor: BlockingExecutor
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var incoming: [Entry] = []
    private var isStopped = false
    private var thread: pthread_t?

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrival, nil)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    var isCurrentThread: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard let thread else { return false }
        return pthread_equal(thread, pthread_self()) != 0
    }

    func append(_ entry: Entry) {
        pthread_mutex_lock(mutex)
        let wasEmpty = incoming.isEmpty
        incoming.append(entry)
        pthread_mutex_unlock(mutex)
        if wasEmpty { pthread_cond_signal(arrival) }
    }

    func stop() {
        pthread_mutex_lock(mutex)
        isStopped = true
        pthread_mutex_unlock(mutex)
        pthread_cond_signal(arrival)
    }

    func run() {
        pthread_mutex_lock(mutex)
        thread = pthread_self()
        pthread_mutex_unlock(mutex)
        var batch: [Entry] = []
        while takeJobs(into: &batch) {
            for entry in batch {
                entry.job.runSynchronously(
                    isolatedTo: entry.executor.asUnownedSerialExecutor(),
                    taskExecutor: entry.executor.asUnownedTaskExecutor())
            }
            batch.removeAll(keepingCapacity: true)
        }
    }

    /// Waits for jobs; false when the executor is gone and nothing is left to run.
    private func takeJobs(into batch: inout [Entry]) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while incoming.isEmpty {
            if isStopped { return false }
            pthread_cond_wait(arrival, mutex)
        }
        swap(&batch, &incoming)
        return true
    }
}

/// Runs `body` on a new detached thread that leaves asynchronous signals to other threads.
func startThread(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(ThreadBody(run: body))
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let status = pthread_create(
        &thread, &attributes,
        { argument in
            guard let argument else { return nil }
            let body = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
            blockAsynchronousSignals()
            body.run()
            return nil
        }, box.toOpaque())
    precondition(status == 0, "the system grants the process a thread")
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

/// Faults of the thread itself stay deliverable, so that a crash still prints its backtrace.
private func blockAsynchronousSignals() {
    var signals = sigset_t()
    sigfillset(&signals)
    for signal in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] {
        sigdelset(&signals, signal)
    }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
}
