/// A series of values in time order, as a CSV file has it; plain or gzip-compressed.
///
/// The times are a column `timestamp` (ISO 8601) or `t` (a number). `label` (1 in an anomaly, 0 or empty
/// elsewhere) and `anomaly_point` are ground truth: for evaluation only, never an input of a detector.
/// Every other column holds values; an empty field or `NaN` is a gap.
package struct SeriesFile: Sendable {
    /// The path as it was given.
    package let file: String
    /// The names of the columns with values, in the file's order.
    package let columns: [String]
    /// Whether the times are instants rather than numbers.
    package let hasInstants: Bool
    /// Seconds since 1970, or the numbers of column `t`; never descending but for an hour that a clock
    /// set back wrote twice.
    package private(set) var times: [Double] = []
    /// The values row after row, each as wide as `columns`; NaN is a gap.
    package private(set) var values: [Double] = []
    /// Whether each row is labelled an anomaly; `nil` where the file has no labels.
    package private(set) var labels: [Bool]?

    /// The number of rows.
    package var rowCount: Int { times.count }

    /// Reads a whole file.
    package init(file: String) throws(GraphFileError) {
        var reader = try CSVReader(file: file)
        guard let timeColumn = reader.columnIndex("timestamp") ?? reader.columnIndex("t") else {
            throw Self.headerError(reader, "lacks a column “timestamp” or “t”")
        }
        let labelColumn = reader.columnIndex("label")
        let truth = reader.columnIndex("anomaly_point")
        let valueColumns = reader.columns.indices.filter {
            $0 != timeColumn && $0 != labelColumn && $0 != truth
        }
        guard !valueColumns.isEmpty else {
            throw Self.headerError(reader, "lacks a column of values")
        }
        self.file = file
        columns = valueColumns.map { reader.columns[$0] }
        hasInstants = reader.columns[timeColumn] == "timestamp"
        if labelColumn != nil { labels = [] }

        let parser = try RowParser(reader, required: [], typed: [])
        var latest = -Double.infinity
        var record = CSVRecord()
        while try reader.read(into: &record) {
            let time =
                hasInstants
                ? try parser.time(record, timeColumn, reader)
                : try parser.number(record, timeColumn, reader)
            guard let time else {
                throw reader.valueError(record, column: timeColumn, "a time is needed here")
            }
            // A clock that is set back for the winter writes one hour twice; more is disorder.
            latest = max(latest, time)
            guard latest - time <= (hasInstants ? 3600 : 0) else {
                throw reader.valueError(
                    record, column: timeColumn,
                    "“\(parser.excerpt(record, timeColumn))” is before the times of rows above it")
            }
            times.append(time)
            for column in valueColumns {
                let isGap = record[column].map { $0.lowercased() == "nan" } ?? true
                values.append(isGap ? .nan : try parser.number(record, column, reader) ?? .nan)
            }
            guard let labelColumn else { continue }
            let label = try parser.count(record, labelColumn, reader) ?? 0
            guard label <= 1 else {
                throw reader.valueError(
                    record, column: labelColumn, "\(label) is not 0, 1 or empty")
            }
            labels?.append(label == 1)
        }
        guard rowCount > 0 else {
            throw GraphFileError(code: .malformed, file: file, reason: "the file has no rows")
        }
    }

    /// The values of one column.
    package func column(_ index: Int) -> [Double] {
        stride(from: index, to: values.count, by: columns.count).map { values[$0] }
    }

    private static func headerError(
        _ reader: borrowing CSVReader, _ problem: String
    ) -> GraphFileError {
        GraphFileError(
            code: .badHeader, file: reader.file, line: 1,
            reason: "the header \(problem); it has " + reader.columns.joined(separator: ", "))
    }
}
