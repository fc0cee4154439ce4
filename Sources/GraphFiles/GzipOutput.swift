import CZlib
import Foundation

/// A gzip file that is being written; its bytes depend on nothing but what is written.
package final class GzipOutput {
    /// The path as it was given.
    package let file: String
    /// The CRC-32 of the text so far.
    package private(set) var checksum: UInt32 = 0
    /// The bytes of the text so far.
    package private(set) var byteCount = 0
    private var handle: gzFile?

    private static let bufferByteCount: UInt32 = 256 * 1024

    /// Creates a file that must not be there yet.
    package init(file: String) throws(GraphFileError) {
        self.file = file
        // zlib writes no name and no time into the header of a stream that it opens itself.
        guard let handle = gzopen(file, "wbx6") else {
            throw GraphFileError(
                code: .unwritable, file: file, reason: GraphSetFolder.reason(errno))
        }
        self.handle = handle
        gzbuffer(handle, Self.bufferByteCount)
    }

    deinit {
        if let handle { gzclose(handle) }
    }

    /// Appends to the text.
    package func write(_ bytes: [UInt8]) throws(GraphFileError) {
        guard let handle, !bytes.isEmpty else { return }
        errno = 0
        let count = gzwrite(handle, bytes, UInt32(bytes.count))
        guard count == bytes.count else { throw failure() }
        checksum = UInt32(truncatingIfNeeded: crc32(UInt(checksum), bytes, UInt32(bytes.count)))
        byteCount += bytes.count
    }

    /// Writes what is left; without it the file is not whole.
    package func finish() throws(GraphFileError) {
        guard let handle else { return }
        self.handle = nil
        errno = 0
        guard gzclose(handle) == Z_OK else { throw failure() }
    }

    private func failure() -> GraphFileError {
        GraphFileError(
            code: .unwritable, file: file,
            reason: errno == 0 ? "zlib could not write" : GraphSetFolder.reason(errno))
    }
}
