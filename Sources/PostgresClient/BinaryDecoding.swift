import CLibPQ

/// Reads values in PostgreSQL's binary form.
///
/// Every function checks the length before it reads.
enum BinaryDecoding {
    @inline(__always)
    static func load<Value: FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, at offset: Int = 0, as type: Value.Type
    ) -> Value {
        Value(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    /// An integer of two, four or eight bytes; nil for another length.
    @inline(__always)
    static func integer(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        switch bytes.count {
        case 8: load(bytes, as: Int64.self)
        case 4: Int64(load(bytes, as: Int32.self))
        case 2: Int64(load(bytes, as: Int16.self))
        default: nil
        }
    }

    /// A floating-point number of four or eight bytes; nil for another length.
    @inline(__always)
    static func floatingPoint(_ bytes: UnsafeRawBufferPointer) -> Double? {
        switch bytes.count {
        case 8: Double(bitPattern: load(bytes, as: UInt64.self))
        case 4: Double(Float(bitPattern: load(bytes, as: UInt32.self)))
        default: nil
        }
    }

    @inline(__always)
    static func bool(_ bytes: UnsafeRawBufferPointer) -> Bool? {
        bytes.count == 1 ? bytes[0] != 0 : nil
    }

    @inline(__always)
    static func timestampSeconds(_ bytes: UnsafeRawBufferPointer) -> Double? {
        guard bytes.count == 8 else { return nil }
        return PostgresTime.seconds(microseconds: load(bytes, as: Int64.self))
    }

    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// The number of elements of an array; nil where the bytes are no array of one dimension.
    @inline(__always)
    static func arrayCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 12 else { return nil }
        let dimensionCount = load(bytes, as: Int32.self)
        if dimensionCount == 0 { return 0 }
        guard dimensionCount == 1, bytes.count >= 20 else { return nil }
        let elementCount = Int(load(bytes, at: 12, as: Int32.self))
        return elementCount >= 0 ? elementCount : nil
    }

    /// The object id of an array's element type.
    static func arrayElementType(_ bytes: UnsafeRawBufferPointer) -> Oid? {
        bytes.count >= 12 ? load(bytes, at: 8, as: UInt32.self) : nil
    }

    /// Calls `body` with each element's bytes, nil for NULL; false where the array is malformed.
    static func forEachElement(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer?) -> Bool
    ) -> Bool {
        guard let elementCount = arrayCount(bytes) else { return false }
        var offset = 20
        for _ in 0..<elementCount {
            guard offset + 4 <= bytes.count else { return false }
            let length = Int(load(bytes, at: offset, as: Int32.self))
            offset += 4
            if length < 0 {
                guard body(nil) else { return false }
                continue
            }
            guard offset + length <= bytes.count else { return false }
            let element = UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)])
            guard body(element) else { return false }
            offset += length
        }
        return true
    }
}
