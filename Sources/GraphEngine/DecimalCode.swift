/// How a column writes doubles as small whole numbers: value = (origin + code) / 10^decimals.
///
/// The quotient of two whole numbers below 2^53 and 10^22 is correctly rounded, so it is the double
/// that the decimal text stands for; a value is coded only where it comes back to the bit. The largest
/// code is NaN, the one below it stands for a value kept elsewhere.
struct DecimalCode: Sendable, Equatable {
    var decimals = 0
    var origin: Int64 = 0
    /// Bytes of a code; 8 means that the code is the double itself.
    var width = 8

    static let plainWidth = 8
    static let decimalsMax = 9
    /// Whole numbers up to here are doubles exactly.
    private static let mantissaMax = 9_007_199_254_740_992.0
    private static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]
    static let missing = Double.nan.bitPattern

    var largest: UInt64 { .max >> UInt64(64 - 8 * width) }
    var escape: UInt64 { largest - 1 }

    /// Doubles as they are.
    static let plain = DecimalCode()

    private init() {}

    /// The code of a value; nil where it has none.
    func code(of bits: UInt64) -> UInt64? {
        if width == Self.plainWidth { return bits }
        if bits == Self.missing { return largest }
        guard let mantissa = Self.mantissa(of: bits, decimals: decimals) else { return nil }
        let offset = mantissa - origin
        return offset >= 0 && UInt64(offset) < escape ? UInt64(offset) : nil
    }

    /// The value of a code that is not the escape.
    @inline(__always)
    func bits(of code: UInt64) -> UInt64 {
        if width == Self.plainWidth { return code }
        if code == largest { return Self.missing }
        return (Double(origin &+ Int64(code)) / power).bitPattern
    }

    private var power: Double { Self.powers.withUnsafeBufferPointer { $0[decimals] } }

    /// value · 10^decimals where that is a whole number whose quotient is the value to the bit.
    static func mantissa(of bits: UInt64, decimals: Int) -> Int64? {
        let value = Double(bitPattern: bits)
        let scaled = (value * powers[decimals]).rounded()
        guard abs(scaled) < mantissaMax else { return nil }
        // Through the whole number, which has no negative zero.
        let mantissa = Int64(scaled)
        return (Double(mantissa) / powers[decimals]).bitPattern == bits ? mantissa : nil
    }

    /// The narrowest code for values like these; up to one in `outlierShare` may have none.
    ///
    /// - Complexity: O(values · log values).
    init(fitting sample: [UInt64]) {
        let present = sample.filter { $0 != Self.missing }
        let outlierMax = present.count / Self.outlierShare
        var needed = [Int](repeating: 0, count: Self.decimalsMax + 1)
        for bits in present {
            let decimals = (0...Self.decimalsMax).first {
                Self.mantissa(of: bits, decimals: $0) != nil
            }
            if let decimals { needed[decimals] += 1 }
        }
        var fitting = 0
        for decimals in 0...Self.decimalsMax {
            fitting += needed[decimals]
            guard present.count - fitting <= outlierMax else { continue }
            self.decimals = decimals
            let mantissas = present.compactMap { Self.mantissa(of: $0, decimals: decimals) }
            setWindow(
                mantissas.sorted(), outlierMax: outlierMax - (present.count - mantissas.count))
            return
        }
    }

    private static let outlierShare = 160

    /// Chooses the width and the origin; without outliers to spare, all mantissas must fit.
    private mutating func setWindow(_ mantissas: [Int64], outlierMax: Int) {
        guard let first = mantissas.first else {
            width = 1
            return
        }
        let inside = max(1, mantissas.count - max(0, outlierMax))
        var start = first
        var span = Int64.max
        for index in 0...mantissas.count - inside {
            let candidate = mantissas[index + inside - 1] - mantissas[index]
            if candidate < span {
                span = candidate
                start = mantissas[index]
            }
        }
        guard
            let width = (1..<Self.plainWidth).first(where: {
                UInt64(span) < UInt64.max >> UInt64(64 - 8 * $0) - 1
            })
        else { return }
        self.width = width
        // What is left over serves later values: times grow, so three quarters of it lie above.
        let spare = Int64(escape) - 1 - span
        origin = max(start - spare / 4, -(1 << 53))
        if start >= 0, origin < 0 { origin = 0 }
    }
}
