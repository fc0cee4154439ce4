/// Collects the numbers that a type watches in the metadata of its entities, as the texts of `->>`.
struct WatchedNumbers {
    private(set) var values: [Float] = []

    /// The number that the text is; NaN where it is none.
    ///
    /// What is too large for a `Float` is the largest of its sign: strange, and still a number.
    mutating func insert(_ bytes: UnsafeRawBufferPointer?) {
        guard let bytes, let number = Self.number(bytes) else {
            values.append(.nan)
            return
        }
        let limit = Double(Float.greatestFiniteMagnitude)
        values.append(Float(min(max(number, -limit), limit)))
    }

    /// A decimal number, perhaps between spaces: neither "nan" nor "0x1F" nor "1,000" is one.
    private static func number(_ bytes: UnsafeRawBufferPointer) -> Double? {
        let space: UInt8 = 0x20
        guard let first = bytes.firstIndex(where: { $0 != space }),
            let last = bytes.lastIndex(where: { $0 != space })
        else { return nil }
        let digits = bytes[first...last]
        let isDecimal = digits.allSatisfy { byte in
            // 0 to 9, plus, minus, point, E and e.
            (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
        }
        return isDecimal ? Double(String(decoding: digits, as: UTF8.self)) : nil
    }
}
