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
        /// The most columns, above PostgreSQL's own limit of 1,600 for a table.
        package var columnCountMax = 4096

        /// The default limits.
        package init() {}
    }

    /// The path as it was given.
    package let file: String
    /// The names of the header line.
    package let columns: [String]

    private var scanner: CSVScanner

    /// Opens the file and reads its header.
    package init(file: String, limits: Limits = Limits()) throws(GraphFileError) {
        var scanner = try CSVScanner(file: file, limits: limits)
        columns = try Self.readHeader(&scanner)
        self.file = file
        self.scanner = scanner
    }

    /// Reads the next record into `record`; false at the end of the file.
    ///
    /// A record has as many fields as the header.
    package mutating func read(into record: inout CSVRecord) throws(GraphFileError) -> Bool {
        guard try scanner.read(into: &record) else { return false }
        guard record.fieldCount == columns.count else {
            let isBlank = record.fieldCount == 1 && record.isEmpty(0)
            let found = isBlank ? "an empty line" : Self.fields(record.fieldCount)
            throw GraphFileError(
                code: .malformed, file: file, line: record.line,
                reason: "\(found) where the header has \(Self.fields(columns.count))")
        }
        try Self.checkText(record, file)
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

    private static func readHeader(
        _ scanner: inout CSVScanner
    ) throws(GraphFileError) -> [String] {
        let file = scanner.file
        try scanner.skipByteOrderMark()
        var header = CSVRecord()
        guard try scanner.read(into: &header) else {
            throw GraphFileError(code: .badHeader, file: file, reason: "the file is empty")
        }
        try checkText(header, file)
        var names: [String] = []
        for index in 0..<header.fieldCount {
            let name = header[index] ?? ""
            let problem =
                name.isEmpty
                ? "the header has a column without a name"
                : names.contains(name) ? "the header names the column “\(name)” twice" : nil
            if let problem {
                throw GraphFileError(
                    code: .badHeader, file: file, line: header.line, column: index + 1,
                    reason: problem)
            }
            names.append(name)
        }
        return names
    }

    /// Refuses fields that are not UTF-8 or hold a NUL, which no PostgreSQL text can keep.
    private static func checkText(
        _ record: borrowing CSVRecord, _ file: String
    ) throws(GraphFileError) {
        let all = record.bytes.span
        var highest: UInt8 = 0
        var lowest: UInt8 = .max
        for index in all.indices {
            highest = max(highest, all[index])
            lowest = min(lowest, all[index])
        }
        guard highest >= 0x80 || lowest == 0 else { return }
        // Field by field: the halves of a character in two fields must not pass as one.
        for index in 0..<record.fieldCount {
            let field = all.extracting(record.range(of: index))
            var problem: String?
            for position in field.indices where field[position] == 0 { problem = "a NUL byte" }
            do {
                _ = try UTF8Span(validating: field)
            } catch {
                problem = "bytes that are not UTF-8"
            }
            guard let problem else { continue }
            throw GraphFileError(
                code: .malformed, file: file, line: record.line, column: index + 1,
                reason: problem)
        }
    }

    private static func fields(_ count: Int) -> String {
        count == 1 ? "1 field" : "\(count) fields"
    }
}
