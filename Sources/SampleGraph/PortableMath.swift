/// Elementary functions from basic arithmetic alone, so that a world has the same bytes on every machine.
///
/// The C library picks other code for other processors, and its results may differ in the last bit; a
/// time that is rounded down to a second would show it. IEEE 754 fixes +, -, *, / and the square root,
/// and Swift contracts none of them. The relative error is below 1e-14, far below what draws need.
enum PortableMath {
    private static let ln2High = 0x1.62e42feep-1
    private static let ln2Low = 0x1.a39ef35793c76p-33

    /// The natural logarithm of a positive, normal number.
    ///
    /// With x = m·2^k and m in [√½, √2): ln m = 2 atanh(z), z = (m - 1)/(m + 1), by its series.
    static func log(_ value: Double) -> Double {
        precondition(value > 0 && value.isNormal, "the logarithm of a positive number")
        var exponent = Double(value.exponent)
        var mantissa = value.significand
        if mantissa > 1.414_213_562_373_095 {
            mantissa /= 2
            exponent += 1
        }
        let ratio = (mantissa - 1) / (mantissa + 1)
        let square = ratio * ratio
        var sum = 0.0
        for term in stride(from: 23, through: 3, by: -2) { sum = (sum + 1 / Double(term)) * square }
        return exponent * ln2High + (2 * ratio * (1 + sum) + exponent * ln2Low)
    }

    /// e to a power that a `Double` can hold.
    ///
    /// With x = k ln 2 + r and |r| at most ln 2 / 2: 2^k times the series of e^r.
    static func exp(_ power: Double) -> Double {
        precondition(abs(power) < 700, "the result is finite and normal")
        let multiple = (power / (ln2High + ln2Low)).rounded()
        let rest = (power - multiple * ln2High) - multiple * ln2Low
        var sum = 1.0
        for term in stride(from: 15, through: 1, by: -1) { sum = 1 + sum * rest / Double(term) }
        return Double(sign: .plus, exponent: Int(multiple), significand: sum)
    }

    /// A positive number to a power.
    static func pow(_ base: Double, _ power: Double) -> Double {
        exp(power * log(base))
    }
}
