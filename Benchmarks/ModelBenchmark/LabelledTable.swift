import AnomalyModels
import Foundation
import GraphFiles

/// A table of numbers with columns x* and, apart from them, the label y.
struct LabelledTable {
    /// The name of the table's folder.
    let name: String
    private(set) var features: FeatureMatrix
    private(set) var labels: [Bool] = []

    /// The rows that no label calls anomalous.
    var normalRows: [Int] { labels.indices.filter { !labels[$0] } }

    init(file: String) throws {
        name = URL(fileURLWithPath: file).deletingLastPathComponent().lastPathComponent
        var reader = try CSVReader(file: file)
        guard let label = reader.columnIndex("y") else {
            throw GraphFileError(
                code: .badHeader, file: file, line: 1, reason: "the header lacks the column “y”")
        }
        let columns = reader.columns.indices.filter { $0 != label }
        features = FeatureMatrix(columnCount: columns.count)
        var record = CSVRecord()
        while try reader.read(into: &record) {
            features.append(row: columns.map { record[$0].flatMap(Double.init) ?? .nan })
            labels.append(record[label].flatMap(Double.init) == 1)
        }
    }
}
