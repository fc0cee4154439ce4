import CLibPQ

/// Typed values. A NULL, or a column of another type, throws; a wider integer or floating-point
/// type takes a narrower one.
extension QueryResult {
    /// An integer of two, four or eight bytes, an `oid`, or an `xid8`.
    package func int64(row: Int, column: Int) throws(PostgresError) -> Int64 {
        let bytes = try value(row, column)
        switch handle.columnType(column) {
        case TypeOID.int8, TypeOID.int4, TypeOID.int2, TypeOID.xid8:
            if let value = BinaryDecoding.integer(bytes) { return value }
        case TypeOID.oid:
            if bytes.count == 4 { return Int64(BinaryDecoding.load(bytes, as: UInt32.self)) }
        default: break
        }
        throw typeMismatch(row, column, "an integer")
    }

    /// A transaction id (`xid8`), or a bigint that is not negative.
    package func uint64(row: Int, column: Int) throws(PostgresError) -> UInt64 {
        let bytes = try value(row, column, TypeOID.xid8, TypeOID.int8, expected: "xid8")
        guard let value = BinaryDecoding.integer(bytes) else {
            throw typeMismatch(row, column, "xid8")
        }
        return UInt64(bitPattern: value)
    }

    /// An `integer` or a `smallint`.
    package func int32(row: Int, column: Int) throws(PostgresError) -> Int32 {
        let bytes = try value(row, column, TypeOID.int4, TypeOID.int2, expected: "integer")
        guard let value = BinaryDecoding.integer(bytes).flatMap(Int32.init(exactly:)) else {
            throw typeMismatch(row, column, "integer")
        }
        return value
    }

    /// A `smallint`.
    package func int16(row: Int, column: Int) throws(PostgresError) -> Int16 {
        let bytes = try value(row, column, TypeOID.int2, expected: "smallint")
        guard let value = BinaryDecoding.integer(bytes).flatMap(Int16.init(exactly:)) else {
            throw typeMismatch(row, column, "smallint")
        }
        return value
    }

    /// A `double precision` or a `real`.
    package func double(row: Int, column: Int) throws(PostgresError) -> Double {
        let bytes = try value(
            row, column, TypeOID.float8, TypeOID.float4, expected: "double precision")
        guard let value = BinaryDecoding.floatingPoint(bytes) else {
            throw typeMismatch(row, column, "double precision")
        }
        return value
    }

    /// A `real`.
    package func float(row: Int, column: Int) throws(PostgresError) -> Float {
        let bytes = try value(row, column, TypeOID.float4, expected: "real")
        guard bytes.count == 4 else { throw typeMismatch(row, column, "real") }
        return Float(bitPattern: BinaryDecoding.load(bytes, as: UInt32.self))
    }

    /// A `boolean`.
    package func bool(row: Int, column: Int) throws(PostgresError) -> Bool {
        let bytes = try value(row, column, TypeOID.bool, expected: "boolean")
        guard let value = BinaryDecoding.bool(bytes) else {
            throw typeMismatch(row, column, "boolean")
        }
        return value
    }

    /// A text of any kind: `text`, `varchar`, `name`, `"char"`, `json`, `jsonb`, `uuid`, an enum.
    package func string(row: Int, column: Int) throws(PostgresError) -> String {
        let bytes = try value(row, column)
        switch handle.columnType(column) {
        case TypeOID.text, TypeOID.varchar, TypeOID.bpchar, TypeOID.name, TypeOID.char,
            TypeOID.json, TypeOID.xml, TypeOID.unknown, TypeOID.firstUserDefined...:
            return BinaryDecoding.text(bytes)
        case TypeOID.jsonb:
            guard bytes.first == jsonbVersion else { throw typeMismatch(row, column, "jsonb") }
            return BinaryDecoding.text(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
        case TypeOID.uuid:
            guard bytes.count == 16 else { throw typeMismatch(row, column, "uuid") }
            return UUIDText.text(bytes)
        default: throw typeMismatch(row, column, "text (cast it with ::text)")
        }
    }

    /// A `bytea`.
    package func bytes(row: Int, column: Int) throws(PostgresError) -> [UInt8] {
        Array(try value(row, column, TypeOID.bytea, expected: "bytea"))
    }

    /// A `timestamptz` or `timestamp` in seconds since 1970; infinities stay infinities.
    package func timestampSeconds(row: Int, column: Int) throws(PostgresError) -> Double {
        let bytes = try value(
            row, column, TypeOID.timestamptz, TypeOID.timestamp, expected: "timestamptz")
        guard let value = BinaryDecoding.timestampSeconds(bytes) else {
            throw typeMismatch(row, column, "timestamptz")
        }
        return value
    }
}

/// The same values where NULL is an answer.
extension QueryResult {
    /// The integer, or nil for NULL.
    package func optionalInt64(row: Int, column: Int) throws(PostgresError) -> Int64? {
        isNull(row: row, column: column) ? nil : try int64(row: row, column: column)
    }

    /// The number, or nil for NULL.
    package func optionalDouble(row: Int, column: Int) throws(PostgresError) -> Double? {
        isNull(row: row, column: column) ? nil : try double(row: row, column: column)
    }

    /// The number, or NaN for NULL.
    package func doubleOrNaN(row: Int, column: Int) throws(PostgresError) -> Double {
        isNull(row: row, column: column) ? .nan : try double(row: row, column: column)
    }

    /// The text, or nil for NULL.
    package func optionalString(row: Int, column: Int) throws(PostgresError) -> String? {
        isNull(row: row, column: column) ? nil : try string(row: row, column: column)
    }
}
