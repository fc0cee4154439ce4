import LinearAlgebra
import ParallelLoops

extension LSTMAutoencoder {
    /// The most windows that go through the network together, which read its weights only once.
    private static let blockSizeMax = 24

    /// The errors of all windows; each has the same bits whatever windows are beside it.
    ///
    /// NaN throughout where the windows have another shape than the model.
    ///
    /// - Complexity: O(windows · T · weights).
    package func reconstructionErrors(
        _ windows: SequenceWindows, threadCount: Int = 1
    ) -> ReconstructionErrors {
        ReconstructionErrors(
            stepCount: windows.stepCount, featureCount: windows.featureCount,
            values: run(windows, threadCount: threadCount, result: .squaredErrors))
    }

    /// What the network makes of the windows, in the input's own units, [window][step][feature].
    ///
    /// NaN at steps without any value; a single missing value is filled in. NaN throughout where the
    /// windows have another shape than the model.
    package func reconstructions(
        _ windows: SequenceWindows, threadCount: Int = 1
    ) -> [Double] {
        let outputs = run(windows, threadCount: threadCount, result: .outputs)
        let featureCount = windows.featureCount
        guard featureCount == architecture.featureCount else {
            return [Double](repeating: .nan, count: outputs.count)
        }
        return outputs.indices.map { position in
            let feature = position % featureCount
            return Double(outputs[position]) * scaler.scales[feature] + scaler.means[feature]
        }
    }

    private func run(
        _ windows: SequenceWindows, threadCount: Int, result: AutoencoderWorkspace.Result
    ) -> [Float] {
        let count = windows.windowCount
        let size = windows.stepCount * windows.featureCount
        guard count > 0, windows.featureCount == architecture.featureCount,
            windows.stepCount == architecture.stepCount
        else { return [Float](repeating: .nan, count: count * size) }
        let threads = max(1, min(threadCount, count))
        let blockSize = min(Self.blockSizeMax, (count + threads - 1) / threads)
        let blockCount = (count + blockSize - 1) / blockSize
        let order = Array(0..<count)
        let workspaces = (0..<min(threads, blockCount)).map { _ in
            AutoencoderWorkspace(
                layout, stepCount: windows.stepCount, rowCount: blockSize, purpose: .forward)
        }
        return makeArray(count: count * size) { results in
            results.fill(0..<count * size, with: .nan)
            parallelForChunks(count: blockCount, chunkSize: 1, threadCount: workspaces.count) {
                blocks, thread in
                let workspace = workspaces[thread]
                for block in blocks {
                    let chosen = order[block * blockSize..<min((block + 1) * blockSize, count)]
                    workspace.load(windows, chosen, scaler: scaler)
                    workspace.forward(weights.base)
                    for (row, window) in chosen.enumerated() {
                        workspace.write(
                            result, of: windows, window, row: row,
                            to: results.dropFirst(window * size))
                    }
                }
            }
        }
    }
}

extension AutoencoderWorkspace {
    /// What is read from the workspace after a forward pass.
    enum Result {
        /// The squared errors of the values that are present.
        case squaredErrors
        /// The outputs of all steps that are present.
        case outputs
    }

    /// Puts one row's results back to the steps that they came from; absent steps stay as they are.
    func write(
        _ result: Result, of windows: SequenceWindows, _ window: Int, row: Int,
        to results: SharedElements<Float>
    ) {
        let features = windows.featureCount
        windows.values.withUnsafeBufferPointer { values in
            var present = 0
            for step in 0..<windows.lengths[window] {
                let first = (window * windows.stepCount + step) * features
                guard (first..<first + features).contains(where: { !values[$0].isNaN }) else {
                    continue
                }
                let place = (present * rowCount + row) * featureStride
                for feature in 0..<features {
                    let output = outputs[place + feature]
                    switch result {
                    case .outputs: results[step * features + feature] = output
                    case .squaredErrors where mask[place + feature] != 0:
                        let error = output - inputs[place + feature]
                        results[step * features + feature] = error * error
                    case .squaredErrors: break
                    }
                }
                present += 1
            }
        }
    }
}
