/// A value for a parameter of a statement; each case stands for one type of PostgreSQL.
///
/// Values travel in binary form, so NaN and infinities keep their bits. `null` has no type of its
/// own: the server infers it from the statement, or from the call before.
package enum PostgresParameter: Sendable, Equatable {
    /// SQL NULL.
    case null
    /// `boolean`.
    case bool(Bool)
    /// `smallint`.
    case int16(Int16)
    /// `integer`.
    case int32(Int32)
    /// `bigint`.
    case int64(Int64)
    /// `real`.
    case float(Float)
    /// `double precision`.
    case double(Double)
    /// `text`.
    case text(String)
    /// `bytea`.
    case bytes([UInt8])
    /// `jsonb`, given as JSON text.
    case jsonb(String)
    /// `timestamptz`, in seconds since 1970; infinities are PostgreSQL's `infinity`, NaN is NULL.
    case timestampSeconds(Double)
    /// `uuid`, in its 36-character form; a text that is none is refused before it is sent.
    case uuid(String)
    /// `xid8`.
    case xid8(UInt64)
    /// `boolean[]`.
    case boolArray([Bool])
    /// `integer[]`.
    case int32Array([Int32])
    /// `bigint[]`.
    case int64Array([Int64])
    /// `real[]`.
    case floatArray([Float])
    /// `double precision[]`.
    case doubleArray([Double])
    /// `text[]`, with NULL elements.
    case textArray([String?])
    /// `timestamptz[]`, in seconds since 1970; NaN is a NULL element.
    case timestampSecondsArray([Double])
    /// `uuid[]`.
    case uuidArray([String])
}

extension PostgresParameter {
    /// The optional value as text, or NULL.
    package static func optional(_ value: String?) -> PostgresParameter {
        value.map { .text($0) } ?? .null
    }

    /// The optional value as a bigint, or NULL.
    package static func optional(_ value: Int64?) -> PostgresParameter {
        value.map { .int64($0) } ?? .null
    }

    /// The optional value as double precision, or NULL.
    package static func optional(_ value: Double?) -> PostgresParameter {
        value.map { .double($0) } ?? .null
    }
}
