import Foundation

/// Where a command's result goes: a file that appears whole or not at all, or standard output.
///
/// What is there and is no plain file, such as a pipe, is written as it is.
struct OutputFile: ~Copyable {
    private let name: String
    private let descriptor: Int32
    /// The plain file to put in place, and the one that is written meanwhile.
    private let replaced: (target: String, temporary: String)?
    private var isDone = false

    /// Opens a file beside its place; nil is standard output.
    init(_ path: String?) throws {
        guard let path else {
            (name, descriptor, replaced) = ("standard output", STDOUT_FILENO, nil)
            return
        }
        name = path
        // A symbolic link stays one: the file that it names is replaced. What a pipe's link names
        // is no path.
        let target = realpath(path, nil).map { resolved in
            defer { free(resolved) }
            return String(cString: resolved)
        }
        if Self.isSpecial(path, target: target) {
            replaced = nil
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
        } else {
            let file = target ?? path
            let temporary = "\(file).\(getpid()).tmp"
            replaced = (file, temporary)
            descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        }
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
    }

    deinit {
        guard let replaced, !isDone else { return }
        close(descriptor)
        unlink(replaced.temporary)
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
        guard let replaced else { return }
        // What a full disk refuses may show only here.
        guard fsync(descriptor) == 0 || errno == EINVAL,
            rename(replaced.temporary, replaced.target) == 0
        else { throw Self.failure(name, errno) }
        isDone = true
        close(descriptor)
    }

    /// Whether something is there that is no plain file.
    private static func isSpecial(_ path: String, target: String?) -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        let attributes = try? FileManager.default.attributesOfItem(atPath: target ?? path)
        return attributes?[.type] as? FileAttributeType != .typeRegular
    }

    private static func failure(_ name: String, _ number: Int32) -> Failure {
        Failure(
            exitCode: .cannotCreate,
            message: "cannot write \(name): \(String(cString: strerror(number)))")
    }
}
