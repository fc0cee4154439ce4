import AnomalyModels
import GraphFiles

/// A table for evaluation: columns x*, and the label y apart from them.
struct TableFile {
    /// The columns whose names begin with x; an empty cell is a missing value.
    private(set) var features: FeatureMatrix
    /// 1 anomalous, 0 normal, `nil` unknown; one for each row.
    private(set) var labels: [Int?] = []
    /// The names of the columns behind `features`.
    let featureNames: [String]
    /// Columns that are neither; they are not used.
    let otherNames: [String]

    init(file: String) throws {
        var reader = try CSVReader(file: file)
        guard let labelColumn = reader.columnIndex("y") else {
            throw GraphFileError(
                code: .badHeader, file: file, line: 1,
                reason: "the header lacks the column “y”, 1 for anomalies and 0 for normal rows; "
                    + "it has \(reader.columns.joined(separator: ", "))")
        }
        let names = reader.columns
        let columns = names.indices.filter { names[$0].hasPrefix("x") }
        guard !columns.isEmpty else {
            throw GraphFileError(
                code: .badHeader, file: file, line: 1,
                reason: "no column's name begins with x; it has \(names.joined(separator: ", "))")
        }
        featureNames = columns.map { names[$0] }
        otherNames = names.filter { $0 != "y" && !$0.hasPrefix("x") }
        features = FeatureMatrix(columnCount: columns.count)
        var record = CSVRecord()
        while try reader.read(into: &record) {
            for column in columns {
                features.values.append(try Self.number(record, column, reader) ?? .nan)
            }
            labels.append(try Self.label(record, labelColumn, reader))
        }
        guard !labels.isEmpty else {
            throw GraphFileError(
                code: .badValue, file: file, reason: "the table has a header and no rows")
        }
    }

    private static func number(
        _ record: CSVRecord, _ column: Int, _ reader: borrowing CSVReader
    ) throws -> Double? {
        guard !record.isEmpty(column), let text = record[column] else { return nil }
        guard let value = Double(text), value.isFinite else {
            throw reader.valueError(
                record, column: column, "“\(text.prefix(40))” is not a finite number")
        }
        return value
    }

    private static func label(
        _ record: CSVRecord, _ column: Int, _ reader: borrowing CSVReader
    ) throws -> Int? {
        guard let value = try number(record, column, reader) else { return nil }
        guard value == 0 || value == 1 else {
            throw reader.valueError(
                record, column: column, "a label is 1 (anomalous), 0 (normal) or empty")
        }
        return Int(value)
    }
}
