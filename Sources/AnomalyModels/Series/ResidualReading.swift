import Foundation

/// What a residual detector says about one value.
package struct ResidualReading: Sendable, Equatable {
    /// The value; NaN is a gap.
    package let value: Double
    /// What was expected; NaN where nothing was.
    package let expected: Double
    /// The forecast that expected it; `nil` where none did.
    package let forecast: SeriesForecast?
    /// The robust standard deviation of that forecast's errors; NaN until there are enough.
    package let scale: Double
    /// The error in units of the scale, with its sign, within ±`ResidualDetector.scoreMax`; NaN: silent.
    package let z: Double

    /// How strange the value is: |z|; NaN where the detector is silent.
    package var score: Double { abs(z) }

    /// One sentence for people: what came, what was expected, and why.
    package var explanation: String {
        guard !value.isNaN else { return "no value" }
        guard let forecast, !z.isNaN else {
            return "\(Self.text(value)); too little is known to expect anything"
        }
        return "\(Self.text(value)) where \(Self.text(expected)) was expected, \(forecast.reason); "
            + "its error is usually about \(Self.text(scale))"
    }

    private static func text(_ number: Double) -> String {
        String(format: "%.6g", number)
    }
}
