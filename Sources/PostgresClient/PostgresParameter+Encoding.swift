import CLibPQ

extension PostgresParameter {
    /// The type that the parameter is declared with; zero leaves the choice to the server.
    var typeOID: Oid {
        switch self {
        case .null: 0
        case .bool: TypeOID.bool
        case .int16: TypeOID.int2
        case .int32: TypeOID.int4
        case .int64: TypeOID.int8
        case .float: TypeOID.float4
        case .double: TypeOID.float8
        case .text: TypeOID.text
        case .bytes: TypeOID.bytea
        case .jsonb: TypeOID.jsonb
        case .timestampSeconds: TypeOID.timestamptz
        case .uuid: TypeOID.uuid
        case .xid8: TypeOID.xid8
        case .boolArray: TypeOID.boolArray
        case .int32Array: TypeOID.int4Array
        case .int64Array: TypeOID.int8Array
        case .floatArray: TypeOID.float4Array
        case .doubleArray: TypeOID.float8Array
        case .textArray: TypeOID.textArray
        case .timestampSecondsArray: TypeOID.timestamptzArray
        case .uuidArray: TypeOID.uuidArray
        }
    }

    /// Appends the binary form; false stands for NULL and appends nothing.
    func encode(into buffer: inout ByteBuffer) -> Bool {
        switch self {
        case .null: return false
        case .bool(let value): buffer.append(UInt8(value ? 1 : 0))
        case .int16(let value): buffer.append(value)
        case .int32(let value): buffer.append(value)
        case .int64(let value): buffer.append(value)
        case .float(let value): buffer.append(value.bitPattern)
        case .double(let value): buffer.append(value.bitPattern)
        case .text(let value): buffer.append(utf8: value)
        case .bytes(let value): value.withUnsafeBytes { buffer.append($0) }
        case .jsonb(let value):
            buffer.append(jsonbVersion)
            buffer.append(utf8: value)
        case .timestampSeconds(let value):
            guard let microseconds = PostgresTime.microseconds(seconds: value) else { return false }
            buffer.append(microseconds)
        case .uuid(let value): buffer.append(uuid: value)
        case .xid8(let value): buffer.append(value)
        default: encodeArray(into: &buffer)
        }
        return true
    }

    /// The first text that ought to be a UUID and is not; nil where all are.
    var invalidUUID: String? {
        switch self {
        case .uuid(let text): UUIDText.bytes(text) == nil ? text : nil
        case .uuidArray(let texts): texts.first { UUIDText.bytes($0) == nil }
        default: nil
        }
    }

    private func encodeArray(into buffer: inout ByteBuffer) {
        switch self {
        case .boolArray(let values):
            buffer.appendArrayHeader(values.count, TypeOID.bool, elementByteCount: 1)
            for value in values { buffer.appendElement(UInt8(value ? 1 : 0)) }
        case .int32Array(let values):
            buffer.appendArrayHeader(values.count, TypeOID.int4, elementByteCount: 4)
            for value in values { buffer.appendElement(value) }
        case .int64Array(let values):
            buffer.appendArrayHeader(values.count, TypeOID.int8, elementByteCount: 8)
            for value in values { buffer.appendElement(value) }
        case .floatArray(let values):
            buffer.appendArrayHeader(values.count, TypeOID.float4, elementByteCount: 4)
            for value in values { buffer.appendElement(value.bitPattern) }
        case .doubleArray(let values):
            buffer.appendArrayHeader(values.count, TypeOID.float8, elementByteCount: 8)
            for value in values { buffer.appendElement(value.bitPattern) }
        case .textArray(let values):
            buffer.appendArrayHeader(values.count, TypeOID.text, elementByteCount: 16)
            for value in values { buffer.appendElement(text: value) }
        case .timestampSecondsArray(let values):
            buffer.appendArrayHeader(values.count, TypeOID.timestamptz, elementByteCount: 8)
            for value in values {
                buffer.appendElement(PostgresTime.microseconds(seconds: value))
            }
        case .uuidArray(let values):
            buffer.appendArrayHeader(values.count, TypeOID.uuid, elementByteCount: 16)
            for value in values {
                buffer.append(Int32(16))
                buffer.append(uuid: value)
            }
        default: preconditionFailure("the parameter is an array")
        }
    }
}

/// The first byte of binary `jsonb`.
let jsonbVersion: UInt8 = 1

extension ByteBuffer {
    /// Appends a one-dimensional array's header: dimensions, NULL flag, element type, length, bound.
    fileprivate mutating func appendArrayHeader(
        _ elementCount: Int, _ elementType: Oid, elementByteCount: Int
    ) {
        reserve(20 + elementCount * (4 + elementByteCount))
        append(Int32(elementCount == 0 ? 0 : 1))
        // The flag is a hint that the server recomputes: it may stand for arrays without NULL.
        append(Int32(1))
        append(UInt32(elementType))
        guard elementCount > 0 else { return }
        append(Int32(elementCount))
        append(Int32(1))
    }

    fileprivate mutating func appendElement<Value: FixedWidthInteger>(_ value: Value?) {
        guard let value else { return append(Int32(-1)) }
        append(Int32(MemoryLayout<Value>.size))
        append(value)
    }

    fileprivate mutating func appendElement(text: String?) {
        guard let text else { return append(Int32(-1)) }
        append(Int32(text.utf8.count))
        append(utf8: text)
    }

    fileprivate mutating func append(uuid text: String) {
        guard let bytes = UUIDText.bytes(text) else {
            preconditionFailure("a UUID was validated before it is encoded")
        }
        bytes.withUnsafeBytes { append($0) }
    }
}
