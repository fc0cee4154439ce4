/// Reads CSV as RFC 4180 has it, record by record, from a plain or gzip-compressed file.
///
/// The first record is the header. Lines end with LF or CRLF, quoted fields may hold separators,
/// quotes (doubled) and line ends, a UTF-8 byte order mark is skipped, and the last line may lack
/// its end. Everything else is refused with the line and the field: a bad file never becomes
/// plausible data. Why not a package: docs/decisions/0002-csv-reader.md.
package struct CSVReader: ~Copyable {
    /// Bounds on what a file may make the reader hold in memory.
    package struct Limits: Sendable {
        /// The longest field in bytes; a text attribute beyond it is a missing quote, not a text.
        package var fieldByteCountMax = 1 << 20
        /// The longest record in bytes.
        package var recordByteCountMax = 16 << 20
        /// The most columns; PostgreSQL's own limit for a table is 1,600.
        package var columnCountMax = 4096

        /// The default limits.
        package init() {}
    }

    /// The path as it was given.
    package let file: String
    /// The names of the header line.
    package private(set) var columns: [String] = []

    private let limits: Limits
    private var stream: GzipStream
    private var buffer: [UInt8]
    private var position = 0
    private var end = 0
    private var line = 1

    /// Opens the file and reads its header.
    package init(file: String, limits: Limits = Limits()) throws(GraphFileError) {
        self.file = file
        self.limits = limits
        stream = try GzipStream(file: file)
        buffer = [UInt8](repeating: 0, count: 256 * 1024)
        guard try fill() else {
            throw GraphFileError(code: .badHeader, file: file, reason: "the file is empty")
        }
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { position = 3 }
        try readHeader()
    }

    /// Reads the next record into `record`; false at the end of the file.
    ///
    /// A record has as many fields as the header.
    package mutating func read(into record: inout CSVRecord) throws(GraphFileError) -> Bool {
        guard try readFields(into: &record) else { return false }
        guard record.fieldCount == columns.count else {
            let isBlank = record.fieldCount == 1 && record.isEmpty(0)
            let found = isBlank ? "an empty line" : Self.fields(record.fieldCount)
            throw error(
                .malformed, line: record.line,
                "\(found) where the header has \(Self.fields(columns.count))")
        }
        try checkText(record)
        return true
    }

    /// The position of a column by its name.
    package func columnIndex(_ name: String) -> Int? {
        columns.firstIndex(of: name)
    }

    /// An error about one field of a record, which names its column.
    package func valueError(
        _ record: borrowing CSVRecord, column: Int, _ reason: String
    ) -> GraphFileError {
        GraphFileError(
            code: .badValue, file: file, line: record.line, column: column + 1,
            reason: "\(columns[column]): \(reason)")
    }
}

// MARK: - Parsing

extension CSVReader {
    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private enum FieldEnd { case separator, line, file }

    private mutating func readFields(
        into record: inout CSVRecord
    ) throws(GraphFileError) -> Bool {
        record.clear(line: line)
        guard try hasByte() else { return false }
        while true {
            var isQuoted = false
            if try hasByte() { isQuoted = buffer[position] == Self.quote }
            let fieldEnd =
                isQuoted ? try readQuoted(into: &record) : try readPlain(into: &record)
            record.closeField(quoted: isQuoted)
            if fieldEnd != .separator { return true }
            guard record.fieldCount < limits.columnCountMax else {
                throw error(
                    .limitExceeded, line: line,
                    "more than \(limits.columnCountMax) fields in one record")
            }
        }
    }

    private mutating func readPlain(
        into record: inout CSVRecord
    ) throws(GraphFileError) -> FieldEnd {
        while try hasByte() {
            let stop = plainEnd()
            try take(upTo: stop, into: &record)
            guard stop < end else { continue }
            if buffer[stop] == Self.quote {
                throw error(
                    .malformed, line: line, record: record,
                    "a quote inside a field that does not begin with one")
            }
            return try readFieldEnd(record)
        }
        return .file
    }

    private mutating func readQuoted(
        into record: inout CSVRecord
    ) throws(GraphFileError) -> FieldEnd {
        let openingLine = line
        position += 1
        while try hasByte() {
            let stop = quotedEnd()
            try take(upTo: stop, into: &record)
            guard stop < end else { continue }
            position += 1
            guard try hasByte() else { return .file }
            if buffer[position] == Self.quote {
                record.bytes.append(Self.quote)
                position += 1
                continue
            }
            return try readFieldEnd(record)
        }
        throw error(
            .malformed, line: openingLine, record: record, "the quote that opens here never closes")
    }

    /// Consumes the separator or line end at the position.
    private mutating func readFieldEnd(
        _ record: borrowing CSVRecord
    ) throws(GraphFileError) -> FieldEnd {
        let byte = buffer[position]
        position += 1
        switch byte {
        case Self.comma:
            return .separator
        case Self.lineFeed:
            line += 1
            return .line
        case Self.carriageReturn:
            guard try hasByte(), buffer[position] == Self.lineFeed else {
                throw error(
                    .malformed, line: line, record: record,
                    "a carriage return without a line feed after it")
            }
            position += 1
            line += 1
            return .line
        default:
            throw error(
                .malformed, line: line, record: record,
                "text after the closing quote: a quote inside a field must be doubled")
        }
    }

    /// The first separator, line end or quote at or after the position, or the buffer's end.
    private func plainEnd() -> Int {
        let bytes = buffer.span
        var index = position
        while index < end {
            let byte = bytes[index]
            // All four stop bytes are at most a comma, and most text is above it.
            if byte <= Self.comma,
                byte == Self.comma || byte == Self.lineFeed || byte == Self.quote
                    || byte == Self.carriageReturn
            {
                return index
            }
            index += 1
        }
        return end
    }

    /// The first quote at or after the position, or the buffer's end; counts lines on the way.
    private mutating func quotedEnd() -> Int {
        let bytes = buffer.span
        var index = position
        var lineCount = 0
        while index < end, bytes[index] != Self.quote {
            if bytes[index] == Self.lineFeed { lineCount += 1 }
            index += 1
        }
        line += lineCount
        return index
    }

    private mutating func take(
        upTo stop: Int, into record: inout CSVRecord
    ) throws(GraphFileError) {
        record.bytes.append(contentsOf: buffer[position..<stop])
        position = stop
        guard record.openFieldByteCount <= limits.fieldByteCountMax else {
            throw error(
                .limitExceeded, line: record.line, record: record,
                "the field is longer than \(limits.fieldByteCountMax) bytes: is a quote missing?")
        }
        guard record.bytes.count <= limits.recordByteCountMax else {
            throw error(
                .limitExceeded, line: record.line,
                "the record is longer than \(limits.recordByteCountMax) bytes")
        }
    }

    private mutating func hasByte() throws(GraphFileError) -> Bool {
        if position < end { return true }
        return try fill()
    }

    private mutating func fill() throws(GraphFileError) -> Bool {
        position = 0
        end = 0
        do throws(GraphFileError) {
            end = try stream.read(into: &buffer)
        } catch {
            // Damage shows at some place of the file; the line says how far the text was good.
            var placed = error
            placed.line = line
            throw placed
        }
        return end > 0
    }
}

// MARK: - Checks

extension CSVReader {
    private mutating func readHeader() throws(GraphFileError) {
        var header = CSVRecord()
        guard try readFields(into: &header) else {
            throw error(.badHeader, line: nil, "the file is empty")
        }
        try checkText(header)
        var seen: Set<String> = []
        for index in 0..<header.fieldCount {
            guard let name = header[index], !name.isEmpty else {
                throw GraphFileError(
                    code: .badHeader, file: file, line: header.line, column: index + 1,
                    reason: "the header has a column without a name")
            }
            guard seen.insert(name).inserted else {
                throw GraphFileError(
                    code: .badHeader, file: file, line: header.line, column: index + 1,
                    reason: "the header names the column “\(name)” twice")
            }
            columns.append(name)
        }
    }

    /// Refuses fields that are not UTF-8 or hold a NUL, which no PostgreSQL text can keep.
    private func checkText(_ record: borrowing CSVRecord) throws(GraphFileError) {
        let all = record.bytes.span
        var high: UInt8 = 0
        var hasNull = false
        for index in all.indices {
            high |= all[index]
            hasNull = hasNull || all[index] == 0
        }
        guard high >= 0x80 || hasNull else { return }
        // Field by field: the halves of a character in two fields must not pass as one.
        for index in 0..<record.fieldCount {
            let field = all.extracting(record.range(of: index))
            for position in field.indices where field[position] == 0 {
                throw error(.malformed, record: record, field: index, "a NUL byte")
            }
            do {
                _ = try UTF8Span(validating: field)
            } catch {
                throw self.error(
                    .malformed, record: record, field: index, "bytes that are not UTF-8")
            }
        }
    }

    private func error(
        _ code: GraphFileError.Code, line: Int?, record: borrowing CSVRecord, _ reason: String
    ) -> GraphFileError {
        GraphFileError(
            code: code, file: file, line: line, column: record.fieldCount + 1, reason: reason)
    }

    private func error(
        _ code: GraphFileError.Code, record: borrowing CSVRecord, field: Int, _ reason: String
    ) -> GraphFileError {
        GraphFileError(
            code: code, file: file, line: record.line, column: field + 1, reason: reason)
    }

    private func error(
        _ code: GraphFileError.Code, line: Int?, _ reason: String
    ) -> GraphFileError {
        GraphFileError(code: code, file: file, line: line, reason: reason)
    }

    private static func fields(_ count: Int) -> String {
        count == 1 ? "1 field" : "\(count) fields"
    }
}
