/// A column of counts that are mostly small: one byte each, and a table of the large ones.
struct CountColumn: Sendable {
    private var bytes = PagedColumn<UInt8>(fillByte: 0)
    private var large: [Int32: Int32] = [:]

    var byteCount: Int { bytes.byteCount + large.capacity * 12 }

    mutating func grow(to count: Int) { bytes.grow(to: count) }

    subscript(index: Int) -> Int {
        get {
            let byte = bytes[index]
            return byte < UInt8.max ? Int(byte) : Int(large[Int32(index)] ?? 0)
        }
        set {
            if newValue < Int(UInt8.max) {
                if bytes[index] == UInt8.max { large[Int32(index)] = nil }
                bytes[index] = UInt8(newValue)
            } else {
                bytes[index] = UInt8.max
                large[Int32(index)] = Int32(newValue)
            }
        }
    }
}
