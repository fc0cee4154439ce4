import CZlib
import Foundation

/// The bytes of one file, decompressed on the way when the file is gzip and as they are otherwise.
struct GzipStream: ~Copyable {
    private let file: String
    private let handle: gzFile
    private var isAtEnd = false

    /// The compressed bytes that zlib asks the system for at a time.
    private static let inputByteCount: UInt32 = 128 * 1024

    /// Opens a file; `standardInput` names the process's own input, which need not be a file.
    init(file: String) throws(GraphFileError) {
        // The descriptor is zlib's to close, so it gets one of its own.
        let opened =
            file == EdgeList.standardInput ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(file, "rb")
        guard let handle = opened else {
            let number = errno
            throw GraphFileError(
                code: number == ENOENT || number == ENOTDIR ? .missing : .unreadable,
                file: file, reason: Self.systemReason(number))
        }
        self.file = file
        self.handle = handle
        gzbuffer(handle, Self.inputByteCount)
    }

    deinit {
        gzclose(handle)
    }

    /// Fills `buffer` from its start and returns how many bytes are new; 0 only at the end.
    mutating func read(into buffer: inout [UInt8]) throws(GraphFileError) -> Int {
        var room = buffer.mutableSpan
        return try room.withUnsafeMutableBytes { bytes throws(GraphFileError) in
            try read(into: bytes)
        }
    }

    /// The same into memory of the caller's, which holds at most 2 GB.
    mutating func read(into bytes: UnsafeMutableRawBufferPointer) throws(GraphFileError) -> Int {
        guard !isAtEnd else { return 0 }
        errno = 0
        // zlib writes at most `count` bytes through the pointer, and forgets it.
        let count = Int(gzread(handle, bytes.baseAddress, UInt32(bytes.count)))
        if count == bytes.count { return count }
        let number = errno
        var status: Int32 = Z_OK
        let message = gzerror(handle, &status).map { String(cString: $0) } ?? ""
        switch status {
        case Z_OK where count >= 0, Z_STREAM_END where count >= 0:
            isAtEnd = true
            return count
        case Z_BUF_ERROR:
            throw unreadable("the gzip data ends too early: the file is truncated")
        case Z_DATA_ERROR:
            // zlib puts the path before its message; the error names the file itself.
            let cause = message.split(separator: ":").last.map { String($0) } ?? message
            throw unreadable("damaged gzip data (\(cause.trimmingCharacters(in: .whitespaces)))")
        case Z_ERRNO:
            throw unreadable(Self.systemReason(number))
        default:
            throw unreadable("zlib reports \(message)")
        }
    }

    private func unreadable(_ reason: String) -> GraphFileError {
        GraphFileError(code: .unreadable, file: file, reason: reason)
    }

    private static func systemReason(_ number: Int32) -> String {
        switch number {
        case ENOENT, ENOTDIR: "no such file"
        case EISDIR: "is a folder, not a file"
        case EACCES: "permission denied"
        case 0: "cannot be opened: out of memory"
        default: "cannot be read: \(String(cString: strerror(number)))"
        }
    }
}
