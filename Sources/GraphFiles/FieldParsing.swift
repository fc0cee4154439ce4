/// Numbers and times from the bytes of a field, without a detour over text.
enum FieldParsing {
    /// A whole number with an optional sign; `nil` for anything else, overflow included.
    static func integer(_ bytes: Span<UInt8>) -> Int? {
        var index = 0
        let isNegative = bytes.count > 0 && bytes[0] == minus
        if isNegative || (bytes.count > 0 && bytes[0] == plus) { index = 1 }
        guard index < bytes.count, bytes.count - index <= 18 else { return nil }
        var value = 0
        while index < bytes.count {
            guard let digit = digit(bytes[index]) else { return nil }
            value = value * 10 + digit
            index += 1
        }
        return isNegative ? -value : value
    }

    /// A decimal number, with an exponent or without; `nil` for anything else.
    ///
    /// Names (`nan`, `inf`), hexadecimal notation, spaces and values beyond the range of a
    /// `Double` are refused. The result is the nearest `Double` to the text.
    static func double(_ bytes: Span<UInt8>) -> Double? {
        var index = 0
        let isNegative = bytes.count > 0 && bytes[0] == minus
        if isNegative || (bytes.count > 0 && bytes[0] == plus) { index = 1 }
        var mantissa: UInt64 = 0
        var digitCount = 0
        var exponent = 0
        var hasPoint = false
        while index < bytes.count {
            let byte = bytes[index]
            if let digit = digit(byte) {
                digitCount += 1
                if digitCount <= 19 { mantissa = mantissa * 10 + UInt64(digit) }
                if hasPoint { exponent -= 1 }
            } else if byte == point, !hasPoint {
                hasPoint = true
            } else {
                break
            }
            index += 1
        }
        guard digitCount > 0 else { return nil }
        if index < bytes.count {
            guard bytes[index] | 0x20 == UInt8(ascii: "e"),
                let written = integer(bytes.extracting((index + 1)..<bytes.count)),
                abs(written) < 10_000
            else { return nil }
            exponent += written
        }
        // Both factors are exact in a Double, so that their product or quotient is rounded once.
        if digitCount <= 19, mantissa < 1 << 53, abs(exponent) <= 22 {
            let scale = powersOfTen[abs(exponent)]
            let magnitude =
                exponent < 0 ? Double(mantissa) / scale : Double(mantissa) * scale
            return isNegative ? -magnitude : magnitude
        }
        let text = String(decoding: bytes.withUnsafeBufferPointer { Array($0) }, as: UTF8.self)
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    static func digit(_ byte: UInt8) -> Int? {
        let value = byte &- UInt8(ascii: "0")
        return value < 10 ? Int(value) : nil
    }

    private static let minus = UInt8(ascii: "-")
    private static let plus = UInt8(ascii: "+")
    private static let point = UInt8(ascii: ".")
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]
}
