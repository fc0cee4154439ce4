import LinearAlgebra

extension LSTMAutoencoder {
    /// The training loss of the windows taken as one batch, and its derivative by every weight.
    ///
    /// The loss is the mean squared error over the present values, without the L2 penalty; the
    /// derivatives have the names and shapes of `tensors()`. For checks against other implementations.
    /// - Returns: NaN and no derivatives where no value is present or the windows have another shape.
    package func gradients(
        of windows: SequenceWindows, threadCount: Int = 1
    ) -> (loss: Double, tensors: [String: Tensor]) {
        let present = windows.presentCounts().reduce(0, +)
        guard present > 0, windows.featureCount == architecture.featureCount,
            windows.stepCount == architecture.stepCount
        else { return (.nan, [:]) }
        let computation = GradientComputation(
            layout, stepCount: windows.stepCount, batchSize: windows.windowCount,
            threadCount: threadCount)
        let loss = computation.differentiate(
            windows, Array(0..<windows.windowCount)[...], scaler: scaler, weights: weights,
            scale: 1 / Double(present))
        return (loss / Double(present), layout.tensors(of: computation.gradient))
    }
}
