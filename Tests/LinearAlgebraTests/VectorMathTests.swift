import Foundation
import LinearAlgebra
import Testing

@Suite("Elementary functions on vectors")
struct VectorMathTests {
    /// Points over the whole range, denser near 0.
    private static let points: [Float] = (0..<4_000).map { index in
        let position = Float(index - 2_000) / 2_000
        return 90 * position * position * position
    }

    /// The largest relative error over the points within ±`limit`.
    private func largestError(
        within limit: Float, _ function: (Lanes) -> Lanes, _ exact: (Double) -> Double
    ) -> Double {
        var largest = 0.0
        let points = Self.points.filter { abs($0) <= limit }
        for start in stride(from: 0, to: points.count - 15, by: panelWidth) {
            var vector = Lanes()
            for lane in 0..<16 { vector[lane] = points[start + lane] }
            let result = function(vector)
            for lane in 0..<16 {
                let expected = exact(Double(vector[lane]))
                guard expected != 0 else { continue }
                largest = max(largest, abs(Double(result[lane]) / expected - 1))
            }
        }
        return largest
    }

    @Test("Exponential and logistic function are right to 2e-7, the hyperbolic tangent to 4e-7")
    func errors() {
        #expect(largestError(within: 87, exponential) { exp($0) } < 2e-7)
        #expect(largestError(within: 87, logistic) { 1 / (1 + exp(-$0)) } < 2e-7)
        #expect(largestError(within: 90, hyperbolicTangent) { tanh($0) } < 4e-7)
    }

    @Test("Far arguments end at the limits, zero is exact and NaN stays NaN")
    func limits() {
        let far = Lanes(
            0, -0, 100, -100, .infinity, -.infinity, .nan, 1e-30, 0, 0, 0, 0, 0, 0, 0, 0)
        let curve = logistic(far)
        #expect(curve[0] == 0.5 && curve[2] == 1 && curve[4] == 1)
        #expect(curve[3] < 1e-37 && curve[5] < 1e-37 && curve[6].isNaN)
        let tangent = hyperbolicTangent(far)
        #expect(tangent[0] == 0 && tangent[2] == 1 && tangent[3] == -1 && tangent[4] == 1)
        #expect(tangent[5] == -1 && tangent[6].isNaN && abs(tangent[7] / 1e-30 - 1) < 1e-6)
        let power = exponential(far)
        #expect(power[0] == 1 && power[2].isFinite && power[3] > 0 && power[6].isNaN)
    }
}
