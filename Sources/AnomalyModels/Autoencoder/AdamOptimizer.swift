// D. P. Kingma, J. Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, arXiv:1412.6980:
//   m = β1 m + (1 - β1) g,  v = β2 v + (1 - β2) g²,
//   w = w - α (m / (1 - β1^t)) / (√(v / (1 - β2^t)) + ε),
// β1 = 0.9, β2 = 0.999, ε = 1e-8, with the gradient shortened to a largest norm before (R. Pascanu, T.
// Mikolov, Y. Bengio, "On the difficulty of training recurrent neural networks", ICML 2013).

import Foundation
import LinearAlgebra

/// The optimizer's memory: the running means of each weight's gradient and of its square.
struct AdamOptimizer {
    static let firstDecay = 0.9
    static let secondDecay = 0.999
    static let epsilon: Float = 1e-8

    private let means: AlignedFloats
    private let squares: AlignedFloats
    private var stepCount = 0

    /// An optimizer that has seen no gradient.
    init(count: Int) {
        means = AlignedFloats(count: count)
        squares = AlignedFloats(count: count)
    }

    /// The 2-norm of `count` numbers, a multiple of 16.
    static func norm(_ values: UnsafePointer<Float>, count: Int) -> Double {
        var total = 0.0
        for start in stride(from: 0, to: count, by: 512) {
            var sum = Lanes(repeating: 0)
            for position in stride(from: start, to: min(start &+ 512, count), by: panelWidth) {
                let lanes = loadLanes(values + position)
                sum = fusedProduct(lanes, lanes, plus: sum)
            }
            total += Double(sum.sum())
        }
        return total.squareRoot()
    }

    /// One step on all weights with the gradient times `gradientFactor`; weights in `decayed` also decay.
    mutating func step(
        _ weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>,
        gradientFactor: Double, learningRate: Double, weightDecay: Double, decayed: [Range<Int>]
    ) {
        stepCount += 1
        // α and the corrections of both means as factors of one division:
        // α m̂ / (√v̂ + ε) = (α √c2 / c1) m / (√v + ε √c2).
        let firstCorrection = 1 - pow(Self.firstDecay, Double(stepCount))
        let secondCorrection = (1 - pow(Self.secondDecay, Double(stepCount))).squareRoot()
        let rate = Float(learningRate * secondCorrection / firstCorrection)
        let epsilon = Float(Double(Self.epsilon) * secondCorrection)
        var position = 0
        for range in decayed {
            update(
                weights, gradient, position..<range.lowerBound, factor: Float(gradientFactor),
                decay: 0, rate: rate, epsilon: epsilon)
            update(
                weights, gradient, range, factor: Float(gradientFactor),
                decay: Float(weightDecay), rate: rate, epsilon: epsilon)
            position = range.upperBound
        }
        update(
            weights, gradient, position..<means.count, factor: Float(gradientFactor), decay: 0,
            rate: rate, epsilon: epsilon)
    }

    private func update(
        _ weights: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>,
        _ range: Range<Int>, factor: Float, decay: Float, rate: Float, epsilon: Float
    ) {
        let (first, second) = (Float(Self.firstDecay), Float(Self.secondDecay))
        let (firstRest, secondRest) = (Float(1 - Self.firstDecay), Float(1 - Self.secondDecay))
        for position in stride(from: range.lowerBound, to: range.upperBound, by: panelWidth) {
            let weight = loadLanes(weights + position)
            let g = fusedProduct(
                weight, Lanes(repeating: decay), plus: loadLanes(gradient + position) * factor)
            let m = fusedProduct(
                loadLanes(means.base + position), Lanes(repeating: first), plus: g * firstRest)
            let v = fusedProduct(
                loadLanes(squares.base + position), Lanes(repeating: second),
                plus: g * g * secondRest)
            storeLanes(m, means.base + position)
            storeLanes(v, squares.base + position)
            storeLanes(weight - rate * m / (v.squareRoot() + epsilon), weights + position)
        }
    }
}
