/// Writes rows in the form that `COPY ... FROM STDIN (FORMAT binary)` reads.
///
/// Each row is begun with its number of columns and then takes its values in order. Binary is the
/// fastest way in, and strict: a value must have exactly its column's type.
package struct BinaryCopyWriter: ~Copyable {
    private var buffer: ByteBuffer
    private var columnsLeft = 0
    private var isFinished = false

    /// The bytes that wait to be taken.
    package var byteCount: Int { buffer.byteCount }

    /// A writer that has written the header.
    package init(capacity: Int = 1 << 16) {
        buffer = ByteBuffer(capacity: capacity)
        let header = CopyDecoder.signature + [UInt8](repeating: 0, count: 8)
        header.withUnsafeBytes { buffer.append($0) }
    }

    /// Begins a row.
    package mutating func beginRow(columnCount: Int) {
        precondition(columnsLeft == 0 && !isFinished, "the row before is complete")
        buffer.append(Int16(columnCount))
        columnsLeft = columnCount
    }

    /// Adds a value of the row; the parameter's type is the column's.
    package mutating func append(_ value: PostgresParameter) {
        precondition(columnsLeft > 0, "the row has a column left")
        columnsLeft -= 1
        let lengthOffset = buffer.byteCount
        buffer.append(Int32(-1))
        guard value.encode(into: &buffer) else { return }
        buffer.patch(Int32(buffer.byteCount - lengthOffset - 4), at: lengthOffset)
    }

    /// Takes the complete rows written so far, as a chunk for `copyIn`.
    package mutating func takeChunk() -> [UInt8] {
        precondition(columnsLeft == 0, "the row before is complete")
        let chunk = buffer.bytes()
        buffer.removeAll()
        return chunk
    }

    /// Writes the end mark; the last chunk is taken afterwards.
    package mutating func finish() {
        precondition(columnsLeft == 0 && !isFinished, "the row before is complete")
        buffer.append(Int16(-1))
        isFinished = true
    }
}
