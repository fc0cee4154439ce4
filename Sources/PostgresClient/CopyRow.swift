/// One row of a binary COPY, read in place; it lives only inside the closure that receives it.
///
/// The stream does not carry types: each accessor checks the length that its type has, and throws
/// where it differs. The query of the COPY should cast what it is not sure of.
package struct CopyRow: ~Copyable {
    /// The number of columns.
    package let columnCount: Int
    private let message: UnsafeRawBufferPointer
    private let fields: UnsafePointer<CopyField>
    private let rowIndex: Int

    init(
        message: UnsafeRawBufferPointer, fields: UnsafePointer<CopyField>, columnCount: Int,
        rowIndex: Int
    ) {
        self.message = message
        self.fields = fields
        self.columnCount = columnCount
        self.rowIndex = rowIndex
    }

    /// Whether the value is NULL.
    package func isNull(_ column: Int) -> Bool {
        field(column).byteCount < 0
    }

    /// An integer of two, four or eight bytes.
    package func int64(_ column: Int) throws(PostgresError) -> Int64 {
        guard let value = BinaryDecoding.integer(try bytes(column)) else {
            throw mismatch(column, "an integer")
        }
        return value
    }

    /// An `integer` or a `smallint`.
    package func int32(_ column: Int) throws(PostgresError) -> Int32 {
        let bytes = try bytes(column)
        guard bytes.count <= 4, let value = BinaryDecoding.integer(bytes) else {
            throw mismatch(column, "integer")
        }
        return Int32(truncatingIfNeeded: value)
    }

    /// A `double precision` or a `real`.
    package func double(_ column: Int) throws(PostgresError) -> Double {
        guard let value = BinaryDecoding.floatingPoint(try bytes(column)) else {
            throw mismatch(column, "double precision")
        }
        return value
    }

    /// A `double precision` or a `real`; NaN for NULL.
    package func doubleOrNaN(_ column: Int) throws(PostgresError) -> Double {
        isNull(column) ? .nan : try double(column)
    }

    /// A `boolean`.
    package func bool(_ column: Int) throws(PostgresError) -> Bool {
        guard let value = BinaryDecoding.bool(try bytes(column)) else {
            throw mismatch(column, "boolean")
        }
        return value
    }

    /// A `timestamptz` in seconds since 1970.
    package func timestampSeconds(_ column: Int) throws(PostgresError) -> Double {
        guard let value = BinaryDecoding.timestampSeconds(try bytes(column)) else {
            throw mismatch(column, "timestamptz")
        }
        return value
    }

    /// A `timestamptz` in seconds since 1970; NaN for NULL.
    package func timestampSecondsOrNaN(_ column: Int) throws(PostgresError) -> Double {
        isNull(column) ? .nan : try timestampSeconds(column)
    }

    /// A `text`.
    package func text(_ column: Int) throws(PostgresError) -> String {
        BinaryDecoding.text(try bytes(column))
    }

    /// A `text`; nil for NULL.
    package func optionalText(_ column: Int) throws(PostgresError) -> String? {
        isNull(column) ? nil : try text(column)
    }

    /// The number of elements of an array of one dimension.
    package func arrayCount(_ column: Int) throws(PostgresError) -> Int {
        guard let count = BinaryDecoding.arrayCount(try bytes(column)) else {
            throw mismatch(column, "an array of one dimension")
        }
        return count
    }

    /// A `text[]`; NULL elements are left out.
    package func textArray(_ column: Int) throws(PostgresError) -> [String] {
        var texts: [String] = []
        let isComplete = BinaryDecoding.forEachElement(try bytes(column)) { element in
            if let element { texts.append(BinaryDecoding.text(element)) }
            return true
        }
        guard isComplete else { throw mismatch(column, "text[]") }
        return texts
    }

    /// Calls `body` with the bytes of each element of a `text[]`, nil for NULL; they are valid inside
    /// the call alone.
    package func forEachText(
        _ column: Int, _ body: (UnsafeRawBufferPointer?) -> Void
    ) throws(PostgresError) {
        let isComplete = BinaryDecoding.forEachElement(try bytes(column)) { element in
            body(element)
            return true
        }
        guard isComplete else { throw mismatch(column, "text[]") }
    }

    /// A `double precision[]` or `real[]`; NULL elements are NaN.
    package func doubleArray(_ column: Int) throws(PostgresError) -> [Double] {
        var values: [Double] = []
        let isComplete = BinaryDecoding.forEachElement(try bytes(column)) { element in
            guard let element else {
                values.append(.nan)
                return true
            }
            guard let value = BinaryDecoding.floatingPoint(element) else { return false }
            values.append(value)
            return true
        }
        guard isComplete else { throw mismatch(column, "double precision[]") }
        return values
    }

    /// Calls `body` with the binary form of a value; the bytes are valid inside the call alone.
    package func withBytes<Value>(
        _ column: Int, _ body: (UnsafeRawBufferPointer) -> Value
    ) throws(PostgresError) -> Value {
        body(try bytes(column))
    }

    // MARK: - Private parts

    @inline(__always)
    private func field(_ column: Int) -> CopyField {
        precondition(
            column >= 0 && column < columnCount, "column \(column) is one of \(columnCount)")
        return fields[column]
    }

    @inline(__always)
    private func bytes(_ column: Int) throws(PostgresError) -> UnsafeRawBufferPointer {
        let field = field(column)
        guard field.byteCount >= 0 else { throw mismatch(column, "a value, not NULL,") }
        return UnsafeRawBufferPointer(
            rebasing: message[field.offset..<(field.offset + field.byteCount)])
    }

    private func mismatch(_ column: Int, _ expected: StaticString) -> PostgresError {
        let byteCount = field(column).byteCount
        return PostgresError(
            code: .unexpectedResult,
            message: "column \(column) of COPY row \(rowIndex) holds "
                + (byteCount < 0 ? "NULL" : "\(byteCount) bytes")
                + ", where \(expected) is read")
    }
}

/// Where a field lies in its message; a negative count stands for NULL.
struct CopyField {
    var offset: Int
    var byteCount: Int
}
