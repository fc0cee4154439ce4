import LinearAlgebra

extension AutoencoderWorkspace {
    /// Takes in the given windows, standardized, and moves their present steps to the front.
    ///
    /// - Returns: The number of present values.
    @discardableResult
    func load(
        _ windows: SequenceWindows, _ chosen: ArraySlice<Int>, scaler: FeatureScaler
    ) -> Int {
        rowCount = chosen.count
        stepCount = 0
        let size = rowCount * featureStride
        inputs.update(repeating: 0, count: stepCountMax * size)
        mask.update(repeating: 0, count: stepCountMax * size)
        var count = 0
        for (row, window) in chosen.enumerated() {
            lengths[row] = 0
            for step in 0..<windows.lengths[window] {
                let target = lengths[row] * size + row * featureStride
                let present = loadStep(windows, window, step, scaler, at: target)
                count += present
                if present > 0 { lengths[row] += 1 }
            }
            stepCount = max(stepCount, lengths[row])
        }
        return count
    }

    /// One step's values to a place; where none is present the place stays as it is.
    private func loadStep(
        _ windows: SequenceWindows, _ window: Int, _ step: Int, _ scaler: FeatureScaler,
        at target: Int
    ) -> Int {
        let start = (window * windows.stepCount + step) * windows.featureCount
        var present = 0
        windows.values.withUnsafeBufferPointer { values in
            for feature in 0..<windows.featureCount {
                let value = values[start + feature]
                guard !value.isNaN else { continue }
                inputs[target + feature] = scaler.standardized(value, feature: feature)
                mask[target + feature] = 1
                present += 1
            }
        }
        return present
    }

    /// Reconstructs what was loaded into `outputs`.
    func forward(_ parameters: UnsafePointer<Float>) {
        guard stepCount > 0 else { return }
        let states = runLayers(
            layout.encoder, encoder, .steps(inputs, stride: featureStride), parameters)
        let units = layout.latent.paddedInputs
        for row in 0..<rowCount {
            // Slot n holds the state after n steps, so a row without steps has the first: 0.
            let last = states + (lengths[row] * rowCount + row) * units
            (summary + row * units).update(from: last, count: units)
        }
        multiplyPanels(
            summary, stride: units, by: parameters + layout.latent.offset, into: latent,
            stride: layout.latent.paddedUnits, rows: rowCount, inner: units,
            columns: layout.latent.width, from: .row(parameters + layout.latentBias.offset))
        let decoded = runLayers(
            layout.decoder, decoder, .constant(latent, stride: layout.latent.paddedUnits),
            parameters)
        let outputUnits = layout.output.paddedInputs
        multiplyPanels(
            decoded + rowCount * outputUnits, stride: outputUnits,
            by: parameters + layout.output.offset, into: outputs, stride: featureStride,
            rows: stepCount * rowCount, inner: outputUnits, columns: featureStride,
            from: .row(parameters + layout.outputBias.offset))
    }

    /// Runs layers one after the other and returns the last one's hidden states.
    private func runLayers(
        _ layers: [LSTMLayout], _ memories: [LSTMMemory], _ input: LSTMInput,
        _ parameters: UnsafePointer<Float>
    ) -> UnsafePointer<Float> {
        var input = input
        var hidden = UnsafePointer<Float>(inputs)
        for (layer, memory) in zip(layers, memories) {
            layer.forward(
                input, parameters: parameters, memory: memory, projection: projection,
                stepCount: stepCount, rowCount: rowCount)
            hidden = UnsafePointer(memory.hidden)
            input = .steps(hidden + rowCount * layer.paddedUnits, stride: layer.paddedUnits)
        }
        return hidden
    }

    /// The sum of the squared errors of all present values after `forward`.
    func squaredError() -> Double {
        var sum = 0.0
        let size = rowCount * featureStride
        for step in 0..<stepCount {
            var stepSum = Lanes(repeating: 0)
            for position in stride(from: step * size, to: (step + 1) * size, by: panelWidth) {
                let error =
                    (loadLanes(outputs + position) - loadLanes(inputs + position))
                    * loadLanes(mask + position)
                stepSum = fusedProduct(error, error, plus: stepSum)
            }
            sum += Double(stepSum.sum())
        }
        return sum
    }

    /// Adds the derivative of `scale` · (sum of squared errors) to `gradient`, after `forward`.
    func backward(
        _ parameters: UnsafePointer<Float>, transposed: UnsafePointer<Float>, scale: Float,
        gradient: UnsafeMutablePointer<Float>
    ) {
        guard stepCount > 0 else { return }
        differentiateOutputs(scale)
        let rows = stepCount * rowCount
        let output = layout.output
        let decoded = decoder[decoder.count - 1].hidden + rowCount * output.paddedInputs
        addTransposedProduct(
            decoded, stride: output.paddedInputs, by: outputs, stride: featureStride,
            toPanels: gradient + output.offset, count: rows, rows: output.paddedInputs,
            columns: featureStride)
        for row in 0..<rows {
            add(
                outputs + row * featureStride, to: gradient + layout.outputBias.offset,
                count: featureStride)
        }
        multiplyPanels(
            outputs, stride: featureStride, by: transposed + output.transposedOffset,
            into: hiddenGradients[0], stride: output.paddedInputs, rows: rows, inner: featureStride,
            columns: output.paddedInputs, from: .zero)
        let flipped = runBackward(
            layout.decoder, decoder, .constant(latent, stride: layout.latent.paddedUnits),
            inputGradient: latentGradient, from: 0, parameters, transposed, gradient)
        differentiateLatent(transposed, gradient, into: hiddenGradients[flipped])
        _ = runBackward(
            layout.encoder, encoder, .steps(inputs, stride: featureStride), inputGradient: nil,
            from: flipped, parameters, transposed, gradient)
    }

    /// The outputs become the loss's derivatives by them.
    private func differentiateOutputs(_ scale: Float) {
        let factor = Lanes(repeating: 2 * scale)
        for position in stride(from: 0, to: stepCount * rowCount * featureStride, by: panelWidth) {
            let error = loadLanes(outputs + position) - loadLanes(inputs + position)
            storeLanes(error * loadLanes(mask + position) * factor, outputs + position)
        }
    }

    /// Back through the latent layer: its parameters, and the encoder's last hidden states.
    private func differentiateLatent(
        _ transposed: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
        into hiddenGradient: UnsafeMutablePointer<Float>
    ) {
        let latent = layout.latent
        let units = latent.paddedInputs
        addTransposedProduct(
            summary, stride: units, by: latentGradient, stride: latent.width,
            toPanels: gradient + latent.offset, count: rowCount, rows: units, columns: latent.width)
        for row in 0..<rowCount {
            add(
                latentGradient + row * latent.width, to: gradient + layout.latentBias.offset,
                count: latent.width)
        }
        multiplyPanels(
            latentGradient, stride: latent.width, by: transposed + latent.transposedOffset,
            into: summaryGradient, stride: units, rows: rowCount, inner: latent.width,
            columns: units, from: .zero)
        hiddenGradient.update(repeating: 0, count: stepCount * rowCount * units)
        for row in 0..<rowCount where lengths[row] > 0 {
            (hiddenGradient + ((lengths[row] - 1) * rowCount + row) * units)
                .update(from: summaryGradient + row * units, count: units)
        }
    }

    /// Back through layers from the last to the first; `hiddenGradients[from]` belongs to the last.
    ///
    /// - Returns: Which of `hiddenGradients` is free for the layers below.
    private func runBackward(
        _ layers: [LSTMLayout], _ memories: [LSTMMemory], _ input: LSTMInput,
        inputGradient: UnsafeMutablePointer<Float>?, from: Int,
        _ parameters: UnsafePointer<Float>, _ transposed: UnsafePointer<Float>,
        _ gradient: UnsafeMutablePointer<Float>
    ) -> Int {
        var current = from
        for index in layers.indices.reversed() {
            let below = index > 0 ? memories[index - 1].hidden : nil
            let units = index > 0 ? layers[index - 1].paddedUnits : 0
            layers[index].backward(
                below.map { .steps($0 + rowCount * units, stride: units) } ?? input,
                parameters: parameters, transposed: transposed, memory: memories[index], room: room,
                hiddenGradient: hiddenGradients[current], gradient: gradient,
                inputGradient: index > 0 ? hiddenGradients[1 - current] : inputGradient,
                stepCount: stepCount, rowCount: rowCount)
            current = 1 - current
        }
        return current
    }
}
