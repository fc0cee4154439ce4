/// Rows of CSV as bytes, handed on in large pieces.
struct CSVText {
    private var bytes: [UInt8] = []
    private var isRowStart = true
    private let sink: ([UInt8]) throws -> Void

    private static let pieceByteCount = 1 << 18

    /// Text with these columns, given to `sink` piece by piece.
    init(columns: [String], sink: @escaping ([UInt8]) throws -> Void) throws {
        self.sink = sink
        bytes.reserveCapacity(Self.pieceByteCount + 65_536)
        for column in columns { text(column) }
        try endRow()
    }

    /// A text; `nil` and the empty text leave the field empty.
    mutating func text(_ value: String?) {
        separate()
        guard let value, !value.isEmpty else { return }
        let needsQuotes = value.utf8.contains {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 < 0x20
        }
        guard needsQuotes else {
            bytes.append(contentsOf: value.utf8)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A list, its members between bars.
    mutating func list(_ values: [String]) {
        text(values.joined(separator: "|"))
    }

    mutating func integer(_ value: Int) {
        separate()
        digits(value)
    }

    /// A number of at most three decimals; `nil` leaves the field empty.
    mutating func number(_ value: Double?) {
        separate()
        guard let value else { return }
        let thousandths = Int((value * 1000).rounded())
        if thousandths < 0 { bytes.append(UInt8(ascii: "-")) }
        digits(abs(thousandths) / 1000)
        var rest = abs(thousandths) % 1000
        guard rest != 0 else { return }
        bytes.append(UInt8(ascii: "."))
        var unit = 100
        while rest != 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        }
    }

    mutating func flag(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    /// Whole seconds since 1970 as an ISO 8601 instant.
    mutating func instant(_ seconds: Double) {
        separate()
        bytes.append(contentsOf: CivilDate.instant(seconds).utf8)
    }

    mutating func endRow() throws {
        bytes.append(UInt8(ascii: "\n"))
        isRowStart = true
        if bytes.count >= Self.pieceByteCount { try finish() }
    }

    /// Hands on what is left.
    mutating func finish() throws {
        try sink(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func separate() {
        if !isRowStart { bytes.append(UInt8(ascii: ",")) }
        isRowStart = false
    }

    private mutating func digits(_ value: Int) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}
