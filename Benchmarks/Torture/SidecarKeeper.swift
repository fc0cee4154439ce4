import Foundation
import Synchronization

/// Keeps the real `vigil run` alive as a service manager would: who ends is started again.
final class SidecarKeeper: Sendable {
    private struct State {
        var process: Process?
        var isWanted = true
        /// The process was told to end in this way, so its end is no surprise.
        var expected: Int32?
        var isPaused = false
        /// Not started again before then.
        var notBefore = ContinuousClock.now
    }

    private let state = Mutex(State())
    private let executable: URL
    private let arguments: [String]
    private let log: TortureLog
    private let output: FileHandle
    /// What the sidecar said, all of its lives one after the other.
    let outputFile: URL

    init(executable: URL, arguments: [String], outputFile: URL, log: TortureLog) throws {
        self.executable = executable
        self.arguments = arguments
        self.outputFile = outputFile
        self.log = log
        _ = FileManager.default.createFile(atPath: outputFile.path(), contents: nil)
        output = try FileHandle(forWritingTo: outputFile)
        try output.seekToEnd()
    }

    /// Starts it and starts it again, until the task is cancelled.
    func keep() async {
        while !Task.isCancelled {
            let isDue = state.withLock { state in
                state.isWanted && state.process == nil && ContinuousClock.now >= state.notBefore
            }
            if isDue { start() }
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    /// The process id; nil where none runs.
    var processID: Int32? { state.withLock { $0.process?.processIdentifier } }

    /// Ends it by a signal; the next life begins after the delay.
    func end(by signal: Int32, restartAfter delay: Duration) {
        let processID = state.withLock { state in
            state.expected = signal
            state.notBefore = ContinuousClock.now + delay
            return state.process?.processIdentifier
        }
        if let processID { kill(processID, signal) }
    }

    /// Stops its time.
    func pause() {
        state.withLock { state in
            guard let process = state.process else { return }
            state.isPaused = kill(process.processIdentifier, SIGSTOP) == 0
        }
    }

    /// Lets its time go on.
    func resume() {
        state.withLock { state in
            guard let process = state.process else { return }
            kill(process.processIdentifier, SIGCONT)
            state.isPaused = false
        }
    }

    /// Ends it politely for good, or by force where that takes too long.
    func retire() async {
        resume()
        state.withLock { $0.isWanted = false }
        end(by: SIGTERM, restartAfter: .zero)
        for _ in 0..<300 where processID != nil { try? await Task.sleep(for: .milliseconds(100)) }
        guard let processID else { return }
        log.fail("the sidecar does not end within 30 s after SIGTERM")
        kill(processID, SIGKILL)
        for _ in 0..<50 where self.processID != nil {
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Memory that it holds, in megabytes.
    var residentMegabytes: Int {
        guard let processID,
            let text = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") })
        else { return 0 }
        return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1024
    }

    // MARK: - Private parts

    private func start() {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter {
            !$0.key.hasPrefix("PG") && $0.key != "VIGIL_DSN"
        }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        process.terminationHandler = { [weak self] process in self?.ended(process) }
        // Under the lock: nobody may signal a process that has no id yet, or miss the end of this one.
        let failure = state.withLock { state -> (any Error)? in
            do {
                try process.run()
                state.process = process
                state.expected = nil
                return nil
            } catch {
                state.notBefore = ContinuousClock.now + .seconds(1)
                return error
            }
        }
        if let failure { log.fail("the sidecar cannot be started: \(failure)") }
        log.count("sidecar started")
    }

    private func ended(_ process: Process) {
        let status = process.terminationStatus
        let isSignal = process.terminationReason == .uncaughtSignal
        let expected = state.withLock { state in
            state.process = nil
            state.isPaused = false
            state.notBefore = max(state.notBefore, ContinuousClock.now + .milliseconds(500))
            return state.expected
        }
        let how = isSignal ? "signal \(status)" : "code \(status)"
        log.count("sidecar ended by \(how)")
        switch (isSignal, status, expected) {
        case (true, SIGKILL, SIGKILL), (false, 0, SIGTERM): break
        // Another session still holds the lock of the one writer: it comes again.
        case (false, 75, _): break
        default: log.fail("the sidecar ended by \(how), which nobody asked for")
        }
    }
}
