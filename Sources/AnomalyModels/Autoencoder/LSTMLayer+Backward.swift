import LinearAlgebra

/// Room for the derivatives that travel back through one layer's steps.
struct LSTMBackwardMemory {
    /// By the hidden state, [row][unit].
    let hidden: UnsafeMutablePointer<Float>
    /// By the cell state, [row][unit].
    let cells: UnsafeMutablePointer<Float>
    /// The gates' derivatives summed over the steps, [row][gateStride]: for constant inputs.
    let gateSum: UnsafeMutablePointer<Float>
}

extension LSTMLayout {
    /// Back-propagation through time after `forward` with memory that keeps all.
    ///
    /// `hiddenGradient` holds the loss's derivative by each hidden state as the layers above see it,
    /// [step][row][unit]. Adds the parameters' derivatives to `gradient` and writes those by the
    /// inputs to `inputGradient`: [step][row][padded inputs], [row][padded inputs] for a constant input.
    /// The gates in `memory` become their derivatives.
    func backward(
        _ input: LSTMInput, parameters: UnsafePointer<Float>, transposed: UnsafePointer<Float>,
        memory: LSTMMemory, room: LSTMBackwardMemory, hiddenGradient: UnsafePointer<Float>,
        gradient: UnsafeMutablePointer<Float>, inputGradient: UnsafeMutablePointer<Float>?,
        stepCount: Int, rowCount: Int
    ) {
        let stateSize = rowCount &* paddedUnits
        let gateSize = rowCount &* gateStride
        room.hidden.update(repeating: 0, count: stateSize)
        room.cells.update(repeating: 0, count: stateSize)
        room.gateSum.update(repeating: 0, count: gateSize)
        let chunkSize = Self.chunkSize(rowCount: rowCount)
        var end = stepCount
        while end > 0 {
            let start = max(0, end &- chunkSize)
            let chunk = memory.gates + start &* gateSize
            for step in (start..<end).reversed() {
                let gates = memory.gates + step &* gateSize
                differentiate(
                    gates, cells: memory.cells + step &* stateSize,
                    tangents: memory.cellTangents + step &* stateSize,
                    above: hiddenGradient + step &* stateSize, room, rowCount)
                if step > 0 {
                    multiplyPanels(
                        gates, stride: gateStride, by: transposed + recurrent.transposedOffset,
                        into: room.hidden, stride: paddedUnits, rows: rowCount, inner: width,
                        columns: paddedUnits, from: .zero)
                }
            }
            let rows = (end &- start) &* rowCount
            accumulate(
                memory.hidden + start &* stateSize, paddedUnits, chunk, rows, recurrent, gradient)
            switch input {
            case .steps(let values, let stride):
                accumulate(
                    values + start &* rowCount &* stride, stride, chunk, rows, self.input, gradient)
                addRows(chunk, rows, to: gradient + bias.offset)
                if let inputGradient {
                    let padded = self.input.paddedInputs
                    multiplyTransposed(
                        chunk, transposed, into: inputGradient + start &* rowCount &* padded, rows)
                }
            case .constant:
                for step in 0..<end &- start {
                    add(chunk + step &* gateSize, to: room.gateSum, count: gateSize)
                }
            }
            end = start
        }
        if case .constant(let values, let stride) = input {
            accumulate(values, stride, room.gateSum, rowCount, self.input, gradient)
            addRows(room.gateSum, rowCount, to: gradient + bias.offset)
            if let inputGradient {
                multiplyTransposed(room.gateSum, transposed, into: inputGradient, rowCount)
            }
        }
    }

    /// One step: the gates become the derivatives by their pre-activations.
    private func differentiate(
        _ gates: UnsafeMutablePointer<Float>, cells: UnsafePointer<Float>,
        tangents: UnsafePointer<Float>, above: UnsafePointer<Float>, _ room: LSTMBackwardMemory,
        _ rowCount: Int
    ) {
        let units = paddedUnits
        for row in 0..<rowCount {
            let input = gates + row &* gateStride
            let forget = input + units
            let candidate = forget + units
            let output = candidate + units
            for unit in stride(from: row &* units, to: (row &+ 1) &* units, by: panelWidth) {
                let column = unit &- row &* units
                let i = loadLanes(input + column)
                let f = loadLanes(forget + column)
                let g = loadLanes(candidate + column)
                let o = loadLanes(output + column)
                let tangent = loadLanes(tangents + unit)
                let hidden = loadLanes(above + unit) + loadLanes(room.hidden + unit)
                let through = hidden * o
                let cell =
                    loadLanes(room.cells + unit)
                    + fusedProduct(-through * tangent, tangent, plus: through)
                storeLanes(cell * g * i * (1 - i), input + column)
                storeLanes(cell * loadLanes(cells + unit) * f * (1 - f), forget + column)
                storeLanes(
                    cell * i * fusedProduct(-g, g, plus: Lanes(repeating: 1)), candidate + column)
                storeLanes(hidden * tangent * o * (1 - o), output + column)
                storeLanes(cell * f, room.cells + unit)
            }
        }
    }

    private func accumulate(
        _ values: UnsafePointer<Float>, _ stride: Int, _ gates: UnsafePointer<Float>, _ rows: Int,
        _ matrix: MatrixLayout, _ gradient: UnsafeMutablePointer<Float>
    ) {
        addTransposedProduct(
            values, stride: stride, by: gates, stride: gateStride,
            toPanels: gradient + matrix.offset, count: rows, rows: matrix.paddedInputs,
            columns: matrix.width)
    }

    private func multiplyTransposed(
        _ gates: UnsafePointer<Float>, _ transposed: UnsafePointer<Float>,
        into result: UnsafeMutablePointer<Float>, _ rows: Int
    ) {
        multiplyPanels(
            gates, stride: gateStride, by: transposed + input.transposedOffset, into: result,
            stride: input.paddedInputs, rows: rows, inner: width, columns: input.paddedInputs,
            from: .zero)
    }

    private func addRows(
        _ gates: UnsafePointer<Float>, _ rows: Int, to sum: UnsafeMutablePointer<Float>
    ) {
        for row in 0..<rows { add(gates + row &* gateStride, to: sum, count: width) }
    }
}

/// sum += values; `count` is a multiple of 8.
@inline(__always)
func add(_ values: UnsafePointer<Float>, to sum: UnsafeMutablePointer<Float>, count: Int) {
    for position in stride(from: 0, to: count, by: panelWidth) {
        storeLanes(loadLanes(sum + position) + loadLanes(values + position), sum + position)
    }
}
