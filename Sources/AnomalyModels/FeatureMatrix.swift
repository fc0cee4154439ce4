/// Feature vectors as the rows of one row-major array; a missing value is NaN.
package struct FeatureMatrix: Sendable, Equatable {
    /// The width of every row.
    package let columnCount: Int
    /// The values, row after row.
    package var values: [Double]

    /// A matrix without rows.
    package init(columnCount: Int) {
        precondition(columnCount >= 0, "A matrix has no negative width.")
        self.columnCount = columnCount
        values = []
    }

    /// A matrix of the given rows, each of which has `columnCount` values.
    package init(columnCount: Int, rows: [[Double]]) {
        self.init(columnCount: columnCount)
        values.reserveCapacity(columnCount * rows.count)
        for row in rows { append(row: row) }
    }

    /// A matrix of values that stand row after row.
    package init(columnCount: Int, values: [Double]) {
        precondition(
            columnCount > 0 && values.count % columnCount == 0, "Every row of a matrix is whole.")
        self.columnCount = columnCount
        self.values = values
    }

    /// The number of whole rows.
    package var rowCount: Int { columnCount > 0 ? values.count / columnCount : 0 }

    /// Adds one row at the end.
    package mutating func append(row: [Double]) {
        precondition(row.count == columnCount, "A row is as wide as its matrix.")
        values.append(contentsOf: row)
    }

    /// The values of one row.
    package func row(_ rowIndex: Int) -> [Double] {
        precondition((0..<rowCount).contains(rowIndex), "The row is one of the matrix.")
        return Array(values[rowIndex * columnCount..<(rowIndex + 1) * columnCount])
    }

    /// The values of one column, from the first row to the last.
    package func column(_ columnIndex: Int) -> [Double] {
        precondition((0..<columnCount).contains(columnIndex), "The column is one of the matrix.")
        return (0..<rowCount).map { values[$0 * columnCount + columnIndex] }
    }

    /// The matrix of the given rows, in the given order; a row may come more than once.
    package func selecting(rows: [Int]) -> FeatureMatrix {
        var selection = FeatureMatrix(columnCount: columnCount)
        selection.values.reserveCapacity(rows.count * columnCount)
        for rowIndex in rows {
            precondition((0..<rowCount).contains(rowIndex), "The row is one of the matrix.")
            let start = rowIndex * columnCount
            selection.values.append(contentsOf: values[start..<start + columnCount])
        }
        return selection
    }
}
