/// JSON written straight into bytes, for the values that every batch writes.
///
/// Foundation's encoder took 2 to 3 ms for the explanation and subgraph of one anomaly, more than
/// everything else between COMMIT and the visible row; see docs/decisions/0003-json-writer.md.
package struct JSONText: Sendable {
    private var bytes: [UInt8] = []
    private var needsComma = false

    package init() {
        bytes.reserveCapacity(4096)
    }

    /// The text so far.
    package var text: String {
        String(decoding: bytes, as: UTF8.self)
    }

    /// A value that is JSON already.
    package mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    package mutating func object(_ body: (inout JSONText) -> Void) {
        nest(0x7B, 0x7D, body)
    }

    package mutating func array(_ body: (inout JSONText) -> Void) {
        nest(0x5B, 0x5D, body)
    }

    /// The key of the next value.
    package mutating func key(_ name: StaticString) {
        separate()
        bytes.append(0x22)
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes += [0x22, 0x3A]
        needsComma = false
    }

    /// The key of the next value, any text.
    package mutating func key(named name: String) {
        value(name)
        bytes.append(0x3A)
        needsComma = false
    }

    package mutating func value(_ text: String) {
        separate()
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22: bytes += [0x5C, 0x22]
            case 0x5C: bytes += [0x5C, 0x5C]
            // Control characters; NUL would be refused by jsonb, a replacement character is not.
            case 0: bytes += [0xEF, 0xBF, 0xBD]
            case 1..<0x20:
                bytes += [0x5C, 0x75, 0x30, 0x30]
                bytes += [Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    package mutating func value(_ number: Int64) {
        separate()
        bytes.append(contentsOf: String(number).utf8)
    }

    /// A number; NaN and infinities become null.
    package mutating func value(_ number: Double) {
        separate()
        bytes.append(contentsOf: (number.isFinite ? number.description : "null").utf8)
    }

    package mutating func value(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private mutating func nest(_ open: UInt8, _ close: UInt8, _ body: (inout JSONText) -> Void) {
        separate()
        bytes.append(open)
        needsComma = false
        body(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma {
            bytes.append(0x2C)
        }
        needsComma = true
    }
}
