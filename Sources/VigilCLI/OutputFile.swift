import Foundation

/// Where a command's result goes: a file that appears whole or not at all, or standard output.
struct OutputFile: ~Copyable {
    private let name: String
    private let target: String?
    private let temporary: String
    private var descriptor: Int32
    private var isDone = false

    /// Opens a file beside its place; nil is standard output.
    init(_ path: String?) throws {
        target = path
        name = path ?? "standard output"
        temporary = path.map { "\($0).\(getpid()).tmp" } ?? ""
        guard path != nil else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.failure(name, errno) }
    }

    deinit {
        guard target != nil, !isDone else { return }
        close(descriptor)
        unlink(temporary)
    }

    /// Writes all of the bytes.
    func write(_ bytes: [UInt8]) throws {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure(name, errno)
            }
            done += count
        }
    }

    /// Puts the file in its place.
    consuming func finish() throws {
        guard let target else { return }
        // What a full disk refuses may show only here.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw Self.failure(name, errno) }
        guard rename(temporary, target) == 0 else { throw Self.failure(name, errno) }
        isDone = true
        close(descriptor)
    }

    private static func failure(_ name: String, _ number: Int32) -> Failure {
        Failure(
            exitCode: .cannotCreate,
            message: "cannot write \(name): \(String(cString: strerror(number)))")
    }
}
