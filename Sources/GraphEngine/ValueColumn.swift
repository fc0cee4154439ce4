/// A column of doubles that takes as few bytes as its values allow, and gives them back to the bit.
///
/// While all values are the same it takes none; then `DecimalCode` writes them in one to seven bytes,
/// with the few that have no code in a table beside; where many have none, they lie there as they are.
/// The code is chosen anew, from a sample, when the table has grown beyond a small share: that reads
/// the whole column, and happens after so many strangers that their share of it is small.
struct ValueColumn: Sendable {
    private var codes = PackedColumn(width: 1)
    private var code = DecimalCode.plain
    /// The one value, where the column has no codes yet.
    private var constant: UInt64?
    private var isConstant = true
    private var strangers: [Int32: UInt64] = [:]
    private(set) var count = 0

    private static let sampleCount = 1 << 14
    private static let strangerShare = 48
    private static let strangerCountMin = 64
    /// Key, value and a bucket's share of a dictionary entry.
    private static let strangerByteCount = 24

    /// Bytes of one value, strangers left out.
    var width: Int { isConstant ? 0 : code.width }

    var byteCount: Int {
        (isConstant ? 0 : codes.byteCount) + strangers.capacity * Self.strangerByteCount
    }

    mutating func grow(to count: Int) {
        self.count = max(self.count, count)
        if !isConstant { codes.grow(to: count) }
    }

    @inline(__always)
    subscript(index: Int) -> Double {
        get { Double(bitPattern: bits(at: index)) }
        set { set(newValue.bitPattern, at: index) }
    }

    private func bits(at index: Int) -> UInt64 {
        if isConstant { return constant ?? DecimalCode.missing }
        let number = codes[index]
        if number == code.escape, code.width < DecimalCode.plainWidth {
            return strangers[Int32(index)] ?? DecimalCode.missing
        }
        return code.bits(of: number)
    }

    private mutating func set(_ bits: UInt64, at index: Int) {
        if isConstant {
            if constant == nil { constant = bits }
            if constant == bits { return }
            leaveConstant(for: bits)
        }
        if !strangers.isEmpty, codes[index] == code.escape { strangers[Int32(index)] = nil }
        if let number = code.code(of: bits) {
            codes[index] = number
            return
        }
        codes[index] = code.escape
        strangers[Int32(index)] = bits
        if strangers.count > Self.strangerCountMin + count / Self.strangerShare { recode() }
    }

    private mutating func leaveConstant(for bits: UInt64) {
        let constant = constant ?? DecimalCode.missing
        code = DecimalCode(fitting: [constant, bits])
        codes = PackedColumn(width: code.width)
        isConstant = false
        codes.grow(to: count)
        guard let number = code.code(of: constant), number != 0 else { return }
        for index in 0..<count { codes[index] = number }
    }

    /// Takes the narrowest code that fits the values now; for the end of a bulk load.
    mutating func compact() {
        guard !isConstant else { return }
        let better = DecimalCode(fitting: sample())
        if better.width < code.width { recode(better) }
    }

    private mutating func recode() {
        let fitting = DecimalCode(fitting: sample())
        // The sample may miss what the table is full of: never the same code again.
        recode(fitting.width > code.width || fitting != code ? fitting : DecimalCode.plain)
    }

    private mutating func recode(_ new: DecimalCode) {
        let old = self
        code = new
        strangers = [:]
        var index = 0
        var strangers: [Int32: UInt64] = [:]
        codes.rebuild(width: new.width) { _ in
            let bits = old.bits(at: index)
            index += 1
            if let number = new.code(of: bits) { return number }
            strangers[Int32(index - 1)] = bits
            return new.escape
        }
        self.strangers = strangers
        let isTooStrange =
            strangers.count > Self.strangerCountMin / 2
            + count / (Self.strangerShare * 2)
        if isTooStrange, new.width < DecimalCode.plainWidth { recode(DecimalCode.plain) }
    }

    /// Values spread evenly over the column, and strangers with their share.
    private func sample() -> [UInt64] {
        let step = max(1, count / Self.sampleCount)
        return stride(from: 0, to: count, by: step).map { bits(at: $0) }
    }
}
