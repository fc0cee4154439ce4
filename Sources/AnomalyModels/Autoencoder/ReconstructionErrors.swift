import Foundation

/// How far windows are from what the network rebuilt, value by value.
///
/// An error is the squared difference in standard deviations of the feature; NaN where the value is
/// missing. A window without any value has NaN everywhere: the model is silent about it.
package struct ReconstructionErrors: Sendable, Equatable {
    /// The steps of each window.
    package let stepCount: Int
    /// The features of each step.
    package let featureCount: Int
    /// The errors, [window][step][feature].
    package let values: [Float]

    /// The number of windows.
    package var windowCount: Int { values.count / (stepCount * featureCount) }

    /// The mean error of each window over its present values.
    package var means: [Double] {
        let size = stepCount * featureCount
        return (0..<windowCount).map { window in
            mean(start: window * size, count: size, stride: 1)
        }
    }

    /// log(1 + mean error) of each window: the raw score, larger = stranger, fit for `TailCalibration`.
    ///
    /// Errors are heavy-tailed; their logarithm has a tail that can be fitted. It never falls.
    package var scores: [Double] { means.map { log1p($0) } }

    /// The mean error of each step of a window, over the features present.
    package func stepErrors(window: Int) -> [Double] {
        (0..<stepCount).map { step in
            mean(start: (window * stepCount + step) * featureCount, count: featureCount, stride: 1)
        }
    }

    /// The mean error of each feature of a window, over the steps present.
    package func featureErrors(window: Int) -> [Double] {
        (0..<featureCount).map { feature in
            mean(
                start: window * stepCount * featureCount + feature, count: stepCount,
                stride: featureCount)
        }
    }

    private func mean(start: Int, count: Int, stride: Int) -> Double {
        precondition(
            start >= 0 && start + (count - 1) * stride < values.count, "The window is one of these."
        )
        return values.withUnsafeBufferPointer { values in
            var (sum, present) = (0.0, 0)
            for index in 0..<count {
                let value = values[start + index * stride]
                guard !value.isNaN else { continue }
                sum += Double(value)
                present += 1
            }
            return present > 0 ? sum / Double(present) : .nan
        }
    }
}
