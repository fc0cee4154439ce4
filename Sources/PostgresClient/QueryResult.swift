import CLibPQ

/// The rows of one statement, in binary form as they came, decoded where they are asked for.
///
/// `@unchecked Sendable`: the result is owned by this object alone and never written after it was
/// received; libpq documents that functions which only read a `PGresult` may be called from several
/// threads at a time.
package final class QueryResult: @unchecked Sendable {
    let handle: ResultHandle
    /// The number of rows.
    package let rowCount: Int
    /// The number of columns.
    package let columnCount: Int

    init(_ handle: consuming ResultHandle) {
        rowCount = handle.rowCount
        columnCount = handle.columnCount
        self.handle = handle
    }

    /// The names of the columns, in order.
    package var columnNames: [String] {
        (0..<columnCount).map { handle.columnName($0) }
    }

    /// The position of the column of that name; nil where there is none.
    package func columnIndex(of name: String) -> Int? {
        (0..<columnCount).first { handle.columnName($0) == name }
    }

    /// What the server reports to have done, such as "INSERT 0 5".
    package var commandTag: String { handle.commandTag }

    /// The number of rows inserted, updated, deleted, selected or copied; zero for other commands.
    package var affectedRowCount: Int { handle.affectedRowCount }

    /// Whether the value is NULL.
    package func isNull(row: Int, column: Int) -> Bool {
        checkPosition(row, column)
        return handle.isNull(row, column)
    }

    /// Calls `body` with the binary form of a value; the bytes are valid inside the call alone.
    package func withBytes<Value>(
        row: Int, column: Int, _ body: (UnsafeRawBufferPointer) -> Value
    ) throws(PostgresError) -> Value {
        body(try value(row, column))
    }

    // MARK: - Private parts

    private func checkPosition(_ row: Int, _ column: Int) {
        precondition(row >= 0 && row < rowCount, "row \(row) is one of \(rowCount)")
        precondition(
            column >= 0 && column < columnCount, "column \(column) is one of \(columnCount)")
    }

    /// The bytes of a value that is not NULL.
    func value(_ row: Int, _ column: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
        checkPosition(row, column)
        guard !handle.isNull(row, column) else {
            throw mismatch(row, column, "is NULL")
        }
        return handle.bytes(row, column)
    }

    /// The bytes of a value whose type is one of `types`.
    func value(
        _ row: Int, _ column: Int, _ types: Oid..., expected: StaticString
    ) throws(PostgresError) -> UnsafeRawBufferPointer {
        let bytes = try value(row, column)
        guard types.contains(handle.columnType(column)) else {
            throw typeMismatch(row, column, expected)
        }
        return bytes
    }

    func typeMismatch(_ row: Int, _ column: Int, _ expected: StaticString) -> PostgresError {
        mismatch(
            row, column,
            "has the type with object id \(handle.columnType(column)), where \(expected) is read")
    }

    private func mismatch(_ row: Int, _ column: Int, _ what: String) -> PostgresError {
        PostgresError(
            code: .unexpectedResult,
            message: "column \"\(handle.columnName(column))\" of row \(row) \(what)")
    }
}
