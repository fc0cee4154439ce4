import Foundation

/// The fields of one record by the roles of their columns, typed, with errors that name the place.
struct RowParser {
    private let columns: [String]
    private let roles: [String: Int]
    private let attributeColumns: [Int]
    private let groundTruthColumns: [Int]

    /// Sorts the columns into those in `typed`, ground truth and attributes.
    init(
        _ reader: borrowing CSVReader, required: [String], typed: Set<String>
    ) throws(GraphFileError) {
        columns = reader.columns
        var roles: [String: Int] = [:]
        for (index, name) in columns.enumerated() { roles[name] = index }
        for name in required where roles[name] == nil {
            throw GraphFileError(
                code: .badHeader, file: reader.file, line: 1,
                reason: "the header lacks the column “\(name)”; it has "
                    + columns.joined(separator: ", "))
        }
        self.roles = roles
        groundTruthColumns = columns.indices.filter {
            GroundTruth.columns.contains(reader.columns[$0])
        }
        attributeColumns = columns.indices.filter { index in
            let name = reader.columns[index]
            return !typed.contains(name) && !GroundTruth.columns.contains(name)
        }
    }

    func column(_ name: String) -> Int? { roles[name] }

    /// A text that must be there.
    func text(
        _ record: borrowing CSVRecord, _ column: Int, _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> String {
        guard !record.isEmpty(column), let text = record[column] else {
            throw reader.valueError(record, column: column, "a value is needed here")
        }
        return text
    }

    /// A finite number; `nil` for an empty field or a column that is not there.
    func number(
        _ record: borrowing CSVRecord, _ column: Int?, _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> Double? {
        guard let column, !record.isEmpty(column) else { return nil }
        let field = record.bytes.span.extracting(record.range(of: column))
        guard let value = FieldParsing.double(field) else {
            throw reader.valueError(
                record, column: column, "“\(excerpt(record, column))” is not a number")
        }
        return value
    }

    /// A number from 0 to 1; `nil` for an empty field or a column that is not there.
    func confidence(
        _ record: borrowing CSVRecord, _ column: Int?, _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> Double? {
        guard let column, let value = try number(record, column, reader) else { return nil }
        guard (0...1).contains(value) else {
            throw reader.valueError(
                record, column: column, "\(excerpt(record, column)) is not between 0 and 1")
        }
        return value
    }

    /// A whole number that is not negative; `nil` for an empty field or a missing column.
    func count(
        _ record: borrowing CSVRecord, _ column: Int?, _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> Int? {
        guard let column, !record.isEmpty(column) else { return nil }
        let field = record.bytes.span.extracting(record.range(of: column))
        guard let value = FieldParsing.integer(field), value >= 0 else {
            throw reader.valueError(
                record, column: column, "“\(excerpt(record, column))” is not a count")
        }
        return value
    }

    /// How many sources there are, and their names where the field lists them between bars.
    ///
    /// What begins like a number is a count; no source is called so.
    func sources(
        _ record: borrowing CSVRecord, _ column: Int?, _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> (count: Int?, names: [String]) {
        guard let column, !record.isEmpty(column) else { return (nil, []) }
        let field = record.bytes.span.extracting(record.range(of: column))
        let first = field[0]
        let isNumber =
            FieldParsing.digit(first) != nil || first == UInt8(ascii: "-")
            || first == UInt8(ascii: "+") || first == UInt8(ascii: ".")
        if isNumber { return (try count(record, column, reader), []) }
        let names = try list(record, column, reader)
        return (names.count, names)
    }

    /// The distinct members of a list, written between bars; empty for an empty field.
    func list(
        _ record: borrowing CSVRecord, _ column: Int?, _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> [String] {
        guard let column, !record.isEmpty(column), let text = record[column] else { return [] }
        let members = text.split(separator: "|", omittingEmptySubsequences: false).map {
            String($0)
        }
        guard !members.contains("") else {
            throw reader.valueError(
                record, column: column,
                "“\(excerpt(record, column))” has an empty member between its bars")
        }
        guard members.count == 1 || Set(members).count == members.count else {
            throw reader.valueError(
                record, column: column, "“\(excerpt(record, column))” names a member twice")
        }
        return members
    }

    /// `true` or `false`; `nil` for an empty field or a column that is not there.
    func flag(
        _ record: borrowing CSVRecord, _ column: Int?, _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> Bool? {
        guard let column, !record.isEmpty(column) else { return nil }
        switch record[column] {
        case "true", "1": return true
        case "false", "0": return false
        default:
            throw reader.valueError(
                record, column: column, "“\(excerpt(record, column))” is not true or false")
        }
    }

    /// JSON text, an object or also an array; `nil` for an empty field or a missing column.
    func json(
        _ record: borrowing CSVRecord, _ column: Int?, objectOnly: Bool,
        _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> String? {
        guard let column, !record.isEmpty(column), let text = record[column] else { return nil }
        if text == "{}" { return text }
        let value = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        if value is [String: Any] || !objectOnly && value is [Any] { return text }
        throw reader.valueError(
            record, column: column,
            "“\(excerpt(record, column))” is not a JSON object\(objectOnly ? "" : " or array")")
    }

    /// Seconds since 1970; `nil` for an empty field or a column that is not there.
    func time(
        _ record: borrowing CSVRecord, _ column: Int?, _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> Double? {
        guard let column, !record.isEmpty(column) else { return nil }
        let field = record.bytes.span.extracting(record.range(of: column))
        do {
            return try Timestamp.parse(field)
        } catch {
            throw reader.valueError(
                record, column: column, "“\(excerpt(record, column))”: \(error.rawValue)")
        }
    }

    /// All columns that have no role of their own and a value in this record.
    func attributes(_ record: borrowing CSVRecord) -> [GraphSetAttribute] {
        values(record, attributeColumns)
    }

    /// The columns that tell the answer.
    func groundTruth(
        _ record: borrowing CSVRecord, _ reader: borrowing CSVReader
    ) throws(GraphFileError) -> GroundTruth {
        guard !groundTruthColumns.isEmpty else { return GroundTruth() }
        var truth = GroundTruth()
        let labelColumn = column("label")
        if let labelColumn, let label = try count(record, labelColumn, reader) {
            guard label <= 1 else {
                throw reader.valueError(
                    record, column: labelColumn, "\(label) is not 0, 1 or empty")
            }
            truth.label = label
        }
        truth.notes = values(record, groundTruthColumns.filter { $0 != labelColumn })
        return truth
    }

    private func values(
        _ record: borrowing CSVRecord, _ indices: [Int]
    ) -> [GraphSetAttribute] {
        guard !indices.isEmpty else { return [] }
        var result: [GraphSetAttribute] = []
        for index in indices {
            guard let value = record[index] else { continue }
            result.append(GraphSetAttribute(name: columns[index], value: value))
        }
        return result
    }

    /// The start of a field for an error message: the rest may be a megabyte.
    func excerpt(_ record: borrowing CSVRecord, _ column: Int) -> String {
        let text = record[column] ?? ""
        return text.count <= 60 ? text : text.prefix(60) + "…"
    }
}
