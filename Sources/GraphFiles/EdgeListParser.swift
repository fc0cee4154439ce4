/// One end of an edge as its field stands in the buffer.
struct EdgeEnd {
    /// A whole number in its usual notation that fits 32 bits, or any other text.
    enum Kind { case integer, text }

    var kind = Kind.text
    var integer: Int32 = 0
    var start = 0
    var count = 0
    /// Whether the text holds doubled quotes that stand for one.
    var isEscaped = false
}

/// What takes the rows of an edge list.
protocol EdgeSink: ~Copyable {
    /// Takes a row; the bytes are valid inside the call alone. Returns what is wrong with it.
    mutating func add(
        _ source: EdgeEnd, _ target: EdgeEnd, weight: Double, _ bytes: UnsafePointer<UInt8>
    ) -> (column: EdgeColumn, reason: String)?
}

/// The columns that mean something.
enum EdgeColumn { case source, target, weight }

/// Splits the bytes of an edge list into rows, with the numbers of its ends read on the way.
///
/// The rules are those of `CSVReader`, but only three fields of a row are looked at, and nothing is
/// copied: a row lies in the buffer as a whole, or more of the file is read and the row begun again.
struct EdgeListParser: ~Copyable {
    /// The file as errors name it.
    let name: String
    private var stream: GzipStream
    private let separator: UInt8
    private let isWhitespace: Bool
    private var columns: [String]
    private var columnCount = 0
    private var sourceColumn = 0
    private var targetColumn = 1
    private var weightColumn = -1
    private var buffer: Block
    private var position = 0
    private var end = 0
    private var isAtEnd = false
    private var line = 1

    private static let bufferByteCount = 1 << 20
    private static let recordByteCountMax = 16 << 20
    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let space = UInt8(ascii: " ")
    private static let tab = UInt8(ascii: "\t")

    /// Whether rows carry a weight.
    var hasWeights: Bool { weightColumn >= 0 }

    /// Opens a file and reads its columns.
    static func open(
        file: String, format: EdgeListFormat
    ) throws(GraphFileError) -> EdgeListParser {
        var parser = EdgeListParser(
            name: file == EdgeList.standardInput ? "standard input" : file,
            stream: try GzipStream(file: file), separator: format.separator)
        try parser.fill()
        parser.skipByteOrderMark()
        try parser.readColumns(hasHeader: format.hasHeader)
        return parser
    }

    private init(
        name: String, stream: consuming GzipStream, separator: EdgeListFormat.Separator
    ) {
        self.name = name
        self.stream = stream
        switch separator {
        case .byte(let byte): (self.separator, isWhitespace) = (byte, false)
        case .whitespace: (self.separator, isWhitespace) = (Self.space, true)
        }
        columns = EdgeListFormat.columnsWithoutHeader
        buffer = Block(byteCount: Self.bufferByteCount)
    }

    /// Hands the rows that are in the buffer to `sink`; false at the end of the file.
    mutating func parseBlock(into sink: inout some EdgeSink & ~Copyable) throws(GraphFileError)
        -> Bool
    {
        while true {
            let row =
                isWhitespace ? try parseWhitespaceRow() : try parseSeparatedRow()
            guard let row else {
                guard !isAtEnd else { return false }
                try fill()
                return true
            }
            if let problem = sink.add(
                unescaped(row.source), unescaped(row.target), weight: row.weight,
                buffer.start)
            {
                throw badValue(problem.column, line: row.line, problem.reason)
            }
        }
    }

    // MARK: - Rows

    private struct Row {
        var source = EdgeEnd()
        var target = EdgeEnd()
        var weight = 1.0
        var line = 0
    }

    private enum FieldEnd { case separator, line, cut }

    /// The next row of separated fields; nil where the buffer ends before it does.
    private mutating func parseSeparatedRow() throws(GraphFileError) -> Row? {
        guard position < end else { return nil }
        let bytes = buffer.start
        var row = Row()
        row.line = line
        var place = position
        var lineCount = 0
        var column = 0
        while true {
            var field = EdgeEnd()
            var stop: FieldEnd
            if column == sourceColumn || column == targetColumn {
                stop = integerField(bytes, &place, &field)
                if field.kind == .text {
                    place = field.start
                    stop = try self.field(bytes, &place, &field, &lineCount, column: column)
                    if stop != .cut { recognise(bytes, &field) }
                }
                if column == sourceColumn { row.source = field } else { row.target = field }
            } else {
                stop = try self.field(bytes, &place, &field, &lineCount, column: column)
                if column == weightColumn, stop != .cut {
                    row.weight = try weight(bytes, field, line: row.line)
                }
            }
            column += 1
            switch stop {
            case .separator where column < columnCount: continue
            case .cut: return nil
            case .separator:
                // Too many: count them for the message.
                repeat {
                    var extra = EdgeEnd()
                    stop = try self.field(bytes, &place, &extra, &lineCount, column: column)
                    column += 1
                } while stop == .separator
                if stop == .cut { return nil }
                throw fieldCountError(column, line: row.line)
            case .line:
                guard column == columnCount else {
                    let first = bytes[position]
                    if column == 1, first == Self.lineFeed || first == Self.carriageReturn {
                        throw malformed(
                            line: row.line, "an empty line where \(expectedFields)")
                    }
                    throw fieldCountError(column, line: row.line)
                }
            }
            break
        }
        if row.source.count == 0 {
            throw badValue(.source, line: row.line, "a value is needed here")
        }
        if row.target.count == 0 {
            throw badValue(.target, line: row.line, "a value is needed here")
        }
        position = place
        line += lineCount + 1
        return row
    }

    /// A field of digits alone, the usual case; its kind stays `text` where it is anything else.
    @inline(__always)
    private func integerField(
        _ bytes: UnsafePointer<UInt8>, _ place: inout Int, _ field: inout EdgeEnd
    ) -> FieldEnd {
        field.start = place
        var value = 0
        var index = place
        while index < end {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ Int(digit)
            index += 1
        }
        let count = index - field.start
        guard index < end, count > 0, count <= 10, value <= Int(Int32.max),
            bytes[field.start] != UInt8(ascii: "0") || count == 1
        else { return .cut }
        let next = bytes[index]
        guard next == separator || next == Self.lineFeed else { return .cut }
        field.kind = .integer
        field.integer = Int32(truncatingIfNeeded: value)
        field.count = count
        place = index + 1
        return next == separator ? .separator : .line
    }

    /// Any field, quoted or not, with the end that follows it; `cut` where the buffer ends first.
    private func field(
        _ bytes: UnsafePointer<UInt8>, _ place: inout Int, _ field: inout EdgeEnd,
        _ lineCount: inout Int, column: Int
    ) throws(GraphFileError) -> FieldEnd {
        var index = place
        field.start = place
        if index < end, bytes[index] == Self.quote {
            let openingLine = line + lineCount
            index += 1
            field.start = index
            while true {
                while index < end, bytes[index] != Self.quote {
                    if bytes[index] == Self.lineFeed { lineCount += 1 }
                    index += 1
                }
                guard index < end else {
                    guard isAtEnd else { return .cut }
                    throw malformed(
                        line: openingLine, column: column, "the quote that opens here never closes")
                }
                guard index + 1 < end else {
                    if !isAtEnd { return .cut }
                    break
                }
                guard bytes[index + 1] == Self.quote else { break }
                field.isEscaped = true
                index += 2
            }
            field.count = index - field.start
            index += 1
        } else {
            while index < end {
                let byte = bytes[index]
                if byte == separator || byte == Self.lineFeed || byte == Self.carriageReturn
                    || byte == Self.quote
                {
                    break
                }
                index += 1
            }
            field.count = index - field.start
            if index < end, bytes[index] == Self.quote {
                throw malformed(
                    line: line + lineCount, column: column,
                    "a quote inside a field that does not begin with one")
            }
        }
        return try fieldEnd(bytes, index, &place, line: line + lineCount, column: column)
    }

    private func fieldEnd(
        _ bytes: UnsafePointer<UInt8>, _ index: Int, _ place: inout Int, line: Int, column: Int
    ) throws(GraphFileError) -> FieldEnd {
        guard index < end else {
            guard isAtEnd else { return .cut }
            place = end
            return .line
        }
        switch bytes[index] {
        case separator:
            place = index + 1
            return .separator
        case Self.lineFeed:
            place = index + 1
            return .line
        case Self.carriageReturn:
            if index + 1 == end, !isAtEnd { return .cut }
            guard index + 1 < end, bytes[index + 1] == Self.lineFeed else {
                throw malformed(
                    line: line, column: column, "a carriage return without a line feed after it")
            }
            place = index + 2
            return .line
        default:
            throw malformed(
                line: line, column: column,
                "text after the closing quote: a quote inside a field must be doubled")
        }
    }

    /// The next row of fields between spaces and tabs; comments and blank lines are passed over.
    private mutating func parseWhitespaceRow() throws(GraphFileError) -> Row? {
        let bytes = buffer.start
        while position < end {
            var lineEnd = position
            while lineEnd < end, bytes[lineEnd] != Self.lineFeed { lineEnd += 1 }
            if lineEnd == end, !isAtEnd { return nil }
            var row = Row()
            row.line = line
            let fieldCount = try splitLine(bytes, position..<lineEnd, &row)
            if fieldCount == 0 {
                position = min(lineEnd + 1, end)
                line += 1
                continue
            }
            guard fieldCount == columnCount else {
                throw fieldCountError(fieldCount, line: row.line)
            }
            position = min(lineEnd + 1, end)
            line += 1
            return row
        }
        return nil
    }

    /// Reads the ends and the weight of a line; returns the fields found, 0 for a comment.
    private func splitLine(
        _ bytes: UnsafePointer<UInt8>, _ range: Range<Int>, _ row: inout Row
    ) throws(GraphFileError) -> Int {
        var index = range.lowerBound
        var fieldCount = 0
        while true {
            while index < range.upperBound, Self.isBlank(bytes[index]) { index += 1 }
            guard index < range.upperBound else { return fieldCount }
            if fieldCount == 0,
                bytes[index] == UInt8(ascii: "#") || bytes[index] == UInt8(ascii: "%")
            {
                return 0
            }
            var field = EdgeEnd()
            field.start = index
            while index < range.upperBound, !Self.isBlank(bytes[index]) { index += 1 }
            field.count = index - field.start
            if fieldCount == sourceColumn || fieldCount == targetColumn {
                recognise(bytes, &field)
                if fieldCount == sourceColumn { row.source = field } else { row.target = field }
            } else if fieldCount == weightColumn {
                row.weight = try weight(bytes, field, line: row.line)
            }
            fieldCount += 1
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == space || byte == tab || byte == carriageReturn
    }

    /// Makes a text an integer where it is one in its usual notation.
    private func recognise(_ bytes: UnsafePointer<UInt8>, _ field: inout EdgeEnd) {
        guard !field.isEscaped,
            let value = Self.integer(bytes + field.start, field.count),
            let narrow = Int32(exactly: value)
        else { return }
        field.kind = .integer
        field.integer = narrow
    }

    /// The value of a whole number that is written as Swift would write it; nil for other texts.
    static func integer(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int64? {
        guard count > 0 else { return nil }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        guard count > start, count - start <= 18 else { return nil }
        if bytes[start] == UInt8(ascii: "0"), count > 1 { return nil }
        var value: Int64 = 0
        for index in start..<count {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return isNegative ? -value : value
    }

    private func weight(
        _ bytes: UnsafePointer<UInt8>, _ field: EdgeEnd, line: Int
    ) throws(GraphFileError) -> Double {
        let text = UnsafeBufferPointer(start: bytes + field.start, count: field.count)
        guard field.count > 0 else {
            throw badValue(.weight, line: line, "a value is needed here")
        }
        guard let value = FieldParsing.double(text.span) else {
            let excerpt = String(decoding: text.prefix(60), as: UTF8.self)
            throw badValue(.weight, line: line, "“\(excerpt)” is not a number")
        }
        return value
    }

    /// Turns doubled quotes into one, in the buffer: the row is complete and is not read again.
    private func unescaped(_ end: EdgeEnd) -> EdgeEnd {
        guard end.isEscaped else { return end }
        var result = end
        var length = 0
        var index = 0
        while index < end.count {
            let byte = buffer[end.start + index]
            buffer[end.start + length] = byte
            length += 1
            index += byte == Self.quote ? 2 : 1
        }
        result.count = length
        return result
    }

    // MARK: - Columns

    private mutating func readColumns(hasHeader: Bool) throws(GraphFileError) {
        if hasHeader {
            let names = try firstFields() ?? []
            guard !names.isEmpty else {
                throw GraphFileError(code: .badHeader, file: name, reason: "the file is empty")
            }
            for column in ["source", "target"] where !names.contains(column) {
                throw GraphFileError(
                    code: .badHeader, file: name, line: 1,
                    reason: "the header lacks the column “\(column)”; it has "
                        + names.joined(separator: ", ").prefix(200))
            }
            for (index, each) in names.enumerated() where names[..<index].contains(each) {
                throw GraphFileError(
                    code: .badHeader, file: name, line: 1, column: index + 1,
                    reason: "the header names the column “\(each)” twice")
            }
            columns = names
            sourceColumn = names.firstIndex(of: "source") ?? 0
            targetColumn = names.firstIndex(of: "target") ?? 1
            weightColumn = names.firstIndex(of: "weight") ?? -1
            columnCount = names.count
            return
        }
        // The first row says how many there are; it is read again as a row.
        let (start, firstLine) = (position, line)
        guard let fields = try firstFields() else {
            columnCount = 2
            return
        }
        guard fields.count >= 2 else {
            throw malformed(line: line, "1 field where a source and a target are needed")
        }
        (position, line) = (start, firstLine)
        columnCount = fields.count
        weightColumn = columnCount > 2 ? 2 : -1
    }

    /// The fields of the next row as texts; nil at the end of the file.
    private mutating func firstFields() throws(GraphFileError) -> [String]? {
        while true {
            var fields: [String] = []
            let start = position
            let startLine = line
            if try scanFields(into: &fields) { return fields }
            (position, line) = (start, startLine)
            guard !isAtEnd else { return nil }
            try fill()
        }
    }

    /// False where the buffer ends before the row does.
    private mutating func scanFields(into fields: inout [String]) throws(GraphFileError) -> Bool {
        let bytes = buffer.start
        func text(_ start: Int, _ count: Int) -> String {
            String(
                decoding: UnsafeBufferPointer(start: bytes + start, count: count), as: UTF8.self)
        }
        if isWhitespace {
            while position < end {
                var lineEnd = position
                while lineEnd < end, bytes[lineEnd] != Self.lineFeed { lineEnd += 1 }
                if lineEnd == end, !isAtEnd { return false }
                let words = text(position, lineEnd - position)
                    .split(whereSeparator: { $0 == " " || $0 == "\t" || $0.isNewline })
                if let first = words.first, !first.hasPrefix("#"), !first.hasPrefix("%") {
                    fields = words.map(String.init)
                    return true
                }
                position = min(lineEnd + 1, end)
                line += 1
            }
            return false
        }
        guard position < end else { return false }
        var lineCount = 0
        var place = position
        while true {
            var each = EdgeEnd()
            let stop = try field(bytes, &place, &each, &lineCount, column: fields.count)
            if stop == .cut { return false }
            fields.append(text(each.start, each.count).replacing("\"\"", with: "\""))
            guard fields.count <= CSVReader.Limits().columnCountMax else {
                throw GraphFileError(
                    code: .limitExceeded, file: name, line: line,
                    reason: "more than \(CSVReader.Limits().columnCountMax) fields in one record")
            }
            if stop == .line { break }
        }
        position = place
        line += lineCount + 1
        return true
    }

    // MARK: - The buffer

    private mutating func skipByteOrderMark() {
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { position = 3 }
    }

    /// Moves what is left to the front and reads on behind it.
    private mutating func fill() throws(GraphFileError) {
        let left = end - position
        if left == buffer.count {
            guard buffer.count < Self.recordByteCountMax else {
                throw GraphFileError(
                    code: .limitExceeded, file: name, line: line,
                    reason: "the record is longer than \(Self.recordByteCountMax) bytes: "
                        + "is a quote missing?")
            }
            buffer = Block(byteCount: buffer.count * 2, beginningWith: buffer)
        } else if position > 0, left > 0 {
            // Towards the front, so that an overlap is copied in the right order.
            for index in 0..<left { buffer[index] = buffer[position + index] }
        }
        position = 0
        end = left
        do throws(GraphFileError) {
            let count = try stream.read(into: buffer.room(from: left))
            isAtEnd = count < buffer.count - left
            end += count
        } catch {
            var placed = error
            placed.file = name
            placed.line = line
            throw placed
        }
    }

    // MARK: - Errors

    private var expectedFields: String {
        "\(columnCount) fields are expected"
    }

    private func fieldCountError(_ count: Int, line: Int) -> GraphFileError {
        malformed(line: line, "\(count) field\(count == 1 ? "" : "s") where \(expectedFields)")
    }

    private func malformed(line: Int, column: Int? = nil, _ reason: String) -> GraphFileError {
        GraphFileError(
            code: .malformed, file: name, line: line, column: column.map { $0 + 1 }, reason: reason)
    }

    private func badValue(_ column: EdgeColumn, line: Int, _ reason: String) -> GraphFileError {
        let index =
            switch column {
            case .source: sourceColumn
            case .target: targetColumn
            case .weight: weightColumn
            }
        return GraphFileError(
            code: .badValue, file: name, line: line, column: index + 1,
            reason: "\(columns[index]): \(reason)")
    }
}

/// Bytes of a fixed number, freed with their owner.
private struct Block: ~Copyable {
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    init(byteCount: Int) {
        bytes = .allocate(capacity: byteCount)
        bytes.initialize(repeating: 0)
    }

    init(byteCount: Int, beginningWith other: borrowing Block) {
        self.init(byteCount: byteCount)
        _ = bytes.update(fromContentsOf: other.bytes)
    }

    deinit { bytes.deallocate() }

    var count: Int { bytes.count }
    /// The first byte; valid while the block lives.
    var start: UnsafePointer<UInt8> { UnsafePointer(bytes.baseAddress.unsafelyUnwrapped) }

    func room(from index: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[index...]))
    }

    subscript(index: Int) -> UInt8 {
        get { bytes[index] }
        nonmutating set { bytes[index] = newValue }
    }
}
