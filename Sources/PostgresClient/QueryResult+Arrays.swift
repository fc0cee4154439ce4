import CLibPQ

/// Arrays of one dimension.
extension QueryResult {
    /// A `text[]`; NULL elements are nil.
    package func optionalTextArray(row: Int, column: Int) throws(PostgresError) -> [String?] {
        try array(row, column, TypeOID.text, TypeOID.varchar, TypeOID.name, expected: "text[]") {
            .some($0.map(BinaryDecoding.text))
        }
    }

    /// A `text[]` without NULL elements.
    package func textArray(row: Int, column: Int) throws(PostgresError) -> [String] {
        try array(
            row, column, TypeOID.text, TypeOID.varchar, TypeOID.name,
            expected: "text[] without NULL"
        ) { $0.map(BinaryDecoding.text) }
    }

    /// A `double precision[]` or `real[]`; NULL elements are NaN.
    package func doubleArray(row: Int, column: Int) throws(PostgresError) -> [Double] {
        try array(
            row, column, TypeOID.float8, TypeOID.float4, expected: "double precision[]"
        ) { element in
            guard let element else { return .nan }
            return BinaryDecoding.floatingPoint(element)
        }
    }

    /// A `bigint[]`, `integer[]`, `smallint[]` or `xid8[]` without NULL elements.
    package func int64Array(row: Int, column: Int) throws(PostgresError) -> [Int64] {
        try array(
            row, column, TypeOID.int8, TypeOID.int4, TypeOID.int2, TypeOID.xid8,
            expected: "bigint[] without NULL"
        ) { $0.flatMap(BinaryDecoding.integer) }
    }

    /// A `boolean[]` without NULL elements.
    package func boolArray(row: Int, column: Int) throws(PostgresError) -> [Bool] {
        try array(row, column, TypeOID.bool, expected: "boolean[] without NULL") {
            $0.flatMap(BinaryDecoding.bool)
        }
    }

    /// A `uuid[]` without NULL elements.
    package func uuidArray(row: Int, column: Int) throws(PostgresError) -> [String] {
        try array(row, column, TypeOID.uuid, expected: "uuid[] without NULL") { element in
            guard let element, element.count == 16 else { return nil }
            return UUIDText.text(element)
        }
    }

    /// A `timestamptz[]` in seconds since 1970; NULL elements are NaN.
    package func timestampSecondsArray(
        row: Int, column: Int
    ) throws(PostgresError) -> [Double] {
        try array(
            row, column, TypeOID.timestamptz, TypeOID.timestamp, expected: "timestamptz[]"
        ) { element in
            guard let element else { return .nan }
            return BinaryDecoding.timestampSeconds(element)
        }
    }

    /// Calls `body` with the bytes of each element of a `text[]`, nil for NULL; they are valid inside
    /// the call alone.
    package func forEachText(
        row: Int, column: Int, _ body: (UnsafeRawBufferPointer?) -> Void
    ) throws(PostgresError) {
        let bytes = try value(row, column)
        let isComplete = BinaryDecoding.forEachElement(bytes) { element in
            body(element)
            return true
        }
        guard isComplete else { throw typeMismatch(row, column, "text[]") }
    }

    /// Decodes each element with `decode`, whose nil means that the element does not fit.
    private func array<Element>(
        _ row: Int, _ column: Int, _ elementTypes: Oid..., expected: StaticString,
        decode: (UnsafeRawBufferPointer?) -> Element?
    ) throws(PostgresError) -> [Element] {
        let bytes = try value(row, column)
        guard let elementType = BinaryDecoding.arrayElementType(bytes),
            elementTypes.contains(elementType),
            let elementCount = BinaryDecoding.arrayCount(bytes)
        else { throw typeMismatch(row, column, expected) }
        var elements: [Element] = []
        // An element takes four bytes at least, whatever count the header claims.
        elements.reserveCapacity(min(elementCount, bytes.count / 4))
        let isComplete = BinaryDecoding.forEachElement(bytes) { element in
            guard let value = decode(element) else { return false }
            elements.append(value)
            return true
        }
        guard isComplete else { throw typeMismatch(row, column, expected) }
        return elements
    }
}
