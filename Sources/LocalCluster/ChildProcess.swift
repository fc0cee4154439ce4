import Foundation

/// A program that is run to its end without blocking a thread of the shared pool.
///
/// Foundation's `Process` notices the end of a program by a descriptor that the program's own
/// children inherit; with a server among them it would wait for the server. So this spawns and waits
/// itself.
struct ChildProcess: Sendable {
    let executable: String
    let arguments: [String]

    /// How the program ended and what it said.
    struct Outcome: Sendable {
        /// The exit status; 128 and the signal's number after a signal, as shells count.
        let status: Int32
        let output: String
    }

    /// Runs the program with the given standard input; output and errors are collected together.
    func run(input: String = "") async throws(LocalClusterError) -> Outcome {
        let inputFile = try UnnamedFile()
        let outputFile = try UnnamedFile()
        inputFile.write(input)
        let processID = try spawn(
            standardInput: inputFile.descriptor, standardOutput: outputFile.descriptor)
        let status = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Self.wait(for: processID)) }
        }
        return Outcome(status: status, output: outputFile.contents())
    }

    /// Starts the program in a session of its own, out of reach of the terminal's signals; it
    /// inherits nothing but the given descriptors.
    @discardableResult
    func spawn(
        standardInput: Int32, standardOutput: Int32
    ) throws(LocalClusterError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        posix_spawn_file_actions_adddup2(&actions, standardOutput, 1)
        posix_spawn_file_actions_adddup2(&actions, standardOutput, 2)
        for descriptor in Self.openDescriptors where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF) | setSession
        posix_spawnattr_setflags(&attributes, Int16(flags))
        // The server's user may not be allowed into the caller's folder.
        let command = ["/bin/sh", "-c", "cd / && exec \"$@\"", "sh", executable] + arguments
        let argumentTexts = command.map { strdup($0) }
        let environmentTexts = Self.environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for text in argumentTexts + environmentTexts { free(text) } }
        var processID: pid_t = 0
        let status = posix_spawn(
            &processID, command[0], &actions, &attributes, argumentTexts + [nil],
            environmentTexts + [nil])
        guard status == 0 else {
            throw LocalClusterError(
                code: .commandFailed,
                message: "cannot run \(executable): \(String(cString: strerror(status)))")
        }
        return processID
    }

    /// Blocks until the program has ended.
    static func wait(for processID: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 {
            if errno != EINTR { return -1 }
        }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private static var openDescriptors: [Int32] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return (names ?? []).compactMap { Int32($0) }
    }

    /// The caller's environment without PostgreSQL's own variables, and with messages in English.
    private static let environment: [String: String] = {
        var environment = ProcessInfo.processInfo.environment
        for name in environment.keys where name.hasPrefix("PG") { environment[name] = nil }
        environment["LC_ALL"] = "C"
        return environment
    }()
}

/// `POSIX_SPAWN_SETSID` of glibc, which its header hides from Swift.
private let setSession: Int32 = 0x80

/// A file without a name: a server that inherits it keeps nobody waiting for the end of a pipe.
private final class UnnamedFile: Sendable {
    let descriptor: Int32

    init() throws(LocalClusterError) {
        var template = Array("/tmp/vigil-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw LocalClusterError(
                code: .folderUnusable, message: "cannot create a temporary file in /tmp")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
    }

    deinit {
        close(descriptor)
    }

    func write(_ text: String) {
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        try? file.write(contentsOf: Data(text.utf8))
        lseek(descriptor, 0, SEEK_SET)
    }

    func contents() -> String {
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        lseek(descriptor, 0, SEEK_SET)
        let data = (try? file.readToEnd()) ?? nil
        return String(decoding: data ?? Data(), as: UTF8.self)
    }
}
