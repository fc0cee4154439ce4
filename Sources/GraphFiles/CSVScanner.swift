/// Splits the bytes of a file into records and fields, and knows the line of each.
///
/// The scanner judges the punctuation alone; what a header must be and what a text may hold is
/// `CSVReader`'s to say.
struct CSVScanner: ~Copyable {
    let file: String
    private var stream: GzipStream
    private let limits: CSVReader.Limits
    private var buffer: [UInt8]
    private var position = 0
    private var end = 0
    private var line = 1

    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    private enum FieldEnd { case separator, line, file }

    init(file: String, limits: CSVReader.Limits) throws(GraphFileError) {
        stream = try GzipStream(file: file)
        self.file = file
        self.limits = limits
        buffer = [UInt8](repeating: 0, count: 256 * 1024)
    }

    /// Passes over a UTF-8 byte order mark at the begin of the file.
    mutating func skipByteOrderMark() throws(GraphFileError) {
        guard try hasByte() else { return }
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { position = 3 }
    }

    /// Reads the next record into `record`; false at the end of the file.
    mutating func read(into record: inout CSVRecord) throws(GraphFileError) -> Bool {
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
            let (stop, lineCount) = quotedEnd()
            line += lineCount
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

    /// The first quote at or after the position, or the buffer's end, and the lines passed.
    private func quotedEnd() -> (stop: Int, lineCount: Int) {
        let bytes = buffer.span
        var index = position
        var lineCount = 0
        while index < end, bytes[index] != Self.quote {
            if bytes[index] == Self.lineFeed { lineCount += 1 }
            index += 1
        }
        return (index, lineCount)
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

    private func error(
        _ code: GraphFileError.Code, line: Int, record: borrowing CSVRecord, _ reason: String
    ) -> GraphFileError {
        GraphFileError(
            code: code, file: file, line: line, column: record.fieldCount + 1, reason: reason)
    }

    private func error(
        _ code: GraphFileError.Code, line: Int, _ reason: String
    ) -> GraphFileError {
        GraphFileError(code: code, file: file, line: line, reason: reason)
    }
}
