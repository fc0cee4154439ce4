/// Takes the messages of a binary COPY apart into rows.
///
/// The server sends a row in one message, with the header before the first and the end mark in a
/// message of its own; several rows in one message are read too.
struct CopyDecoder: ~Copyable {
    private(set) var rowCount = 0
    private var hasHeader = false
    private var fields: UnsafeMutablePointer<CopyField>
    private var capacity = 32

    static let signature: [UInt8] = [
        0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00,
    ]
    /// Signature, flags, and the length of the header's extension.
    private static let headerByteCount = 19

    init() {
        fields = .allocate(capacity: capacity)
    }

    deinit {
        fields.deallocate()
    }

    /// Calls `body` for each row of the message.
    mutating func decode(
        _ message: UnsafeRawBufferPointer, _ body: (borrowing CopyRow) throws -> Void
    ) throws {
        var offset = 0
        if !hasHeader {
            offset = try skipHeader(message)
            hasHeader = true
        }
        while offset < message.count {
            guard offset + 2 <= message.count else { throw malformed() }
            let columnCount = Int(BinaryDecoding.load(message, at: offset, as: Int16.self))
            // A count of -1 is the end mark.
            if columnCount < 0 { return }
            offset = try readFields(message, offset + 2, columnCount)
            try body(
                CopyRow(
                    message: message, fields: fields, columnCount: columnCount, rowIndex: rowCount))
            rowCount += 1
        }
    }

    private func skipHeader(_ message: UnsafeRawBufferPointer) throws(PostgresError) -> Int {
        guard message.count >= Self.headerByteCount,
            message.starts(with: Self.signature)
        else { throw malformed() }
        let extensionByteCount = Int(BinaryDecoding.load(message, at: 15, as: Int32.self))
        let byteCount = Self.headerByteCount + extensionByteCount
        guard extensionByteCount >= 0, byteCount <= message.count else { throw malformed() }
        return byteCount
    }

    /// Notes where the fields of one row lie; returns the offset behind them.
    private mutating func readFields(
        _ message: UnsafeRawBufferPointer, _ start: Int, _ columnCount: Int
    ) throws(PostgresError) -> Int {
        if columnCount > capacity {
            fields.deallocate()
            capacity = columnCount
            fields = .allocate(capacity: capacity)
        }
        var offset = start
        for column in 0..<columnCount {
            guard offset + 4 <= message.count else { throw malformed() }
            let byteCount = Int(BinaryDecoding.load(message, at: offset, as: Int32.self))
            offset += 4
            fields[column] = CopyField(offset: offset, byteCount: byteCount)
            offset += max(byteCount, 0)
            guard offset <= message.count else { throw malformed() }
        }
        return offset
    }

    private func malformed() -> PostgresError {
        PostgresError(
            code: .unexpectedResult,
            message: "the COPY stream is not in binary format, after \(rowCount) rows",
            hint: "write COPY ... TO STDOUT (FORMAT binary)")
    }
}
