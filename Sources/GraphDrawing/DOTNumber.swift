/// Numbers as DOT reads them: a fixed point and never an exponent.
enum DOTNumber {
    /// The number to three decimals.
    static func text(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let sign = thousandths < 0 ? "-" : ""
        let digits = String(thousandths.magnitude % 1000)
        let padding = String(repeating: "0", count: 3 - digits.count)
        return "\(sign)\(thousandths.magnitude / 1000).\(padding)\(digits)"
    }
}
