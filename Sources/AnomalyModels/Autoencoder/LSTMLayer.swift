// S. Hochreiter, J. Schmidhuber, "Long Short-Term Memory", Neural Computation 9(8), 1997,
// 10.1162/neco.1997.9.8.1735, with the forget gate of F. Gers, J. Schmidhuber, F. Cummins, 2000,
// 10.1162/089976600300015015; no peepholes. For one step, σ the logistic function:
//   (i, f, g, o) = (σ, σ, tanh, σ)(W x_t + U h_(t-1) + b)
//   c_t = f · c_(t-1) + i · g,   h_t = o · tanh(c_t)
// and backwards, with d the loss's derivative by what follows it:
//   dc_t = dc_(t+1) f_(t+1) + dh_t o (1 - tanh²(c_t)),   d(pre-activations) =
//   (dc g i (1-i), dc c_(t-1) f (1-f), dc i (1-g²), dh tanh(c_t) o (1-o)),   dh_(t-1) = Uᵀ d(...)
// Memory is time-major: [step][row][unit], a row being one sequence of a small batch.

import LinearAlgebra

/// The memory of one LSTM layer for one small batch.
struct LSTMMemory {
    /// Whether each step keeps its gates and cell states, which only back-propagation needs.
    ///
    /// Otherwise the gates of one product of inputs and one cell state are kept.
    let keepsSteps: Bool
    /// Gates after activation, later their derivatives: [step][row][gateStride].
    let gates: UnsafeMutablePointer<Float>
    /// Cell states [step + 1][row][unit]; the first is 0.
    let cells: UnsafeMutablePointer<Float>
    /// tanh of the cell states, [step][row][unit].
    let cellTangents: UnsafeMutablePointer<Float>
    /// Hidden states [step + 1][row][unit]; the first is 0.
    let hidden: UnsafeMutablePointer<Float>
}

/// What a layer is given at each step.
enum LSTMInput {
    /// [step][row][stride].
    case steps(UnsafePointer<Float>, stride: Int)
    /// The same at each step: [row][stride].
    case constant(UnsafePointer<Float>, stride: Int)
}

extension LSTMLayout {
    /// The rows whose inputs go into one product: few enough to stay in the cache until they are used.
    static let chunkRowCount = 48

    /// The steps whose inputs go into one product.
    static func chunkSize(rowCount: Int) -> Int { max(1, chunkRowCount / rowCount) }

    /// Runs the layer over `stepCount` steps of `rowCount` rows.
    ///
    /// `projection` is room for one step's gates, used where the input is constant.
    func forward(
        _ input: LSTMInput, parameters: UnsafePointer<Float>, memory: LSTMMemory,
        projection: UnsafeMutablePointer<Float>, stepCount: Int, rowCount: Int
    ) {
        let stateSize = rowCount &* paddedUnits
        let gateSize = rowCount &* gateStride
        memory.hidden.update(repeating: 0, count: stateSize)
        memory.cells.update(repeating: 0, count: stateSize)
        if case .constant(let values, let stride) = input {
            project(values, stride, rowCount, parameters, into: projection)
        }
        let chunkSize = Self.chunkSize(rowCount: rowCount)
        for start in stride(from: 0, to: stepCount, by: chunkSize) {
            let end = min(start &+ chunkSize, stepCount)
            let chunk = memory.gates + (memory.keepsSteps ? start &* gateSize : 0)
            switch input {
            case .steps(let values, let stride):
                project(
                    values + start &* rowCount &* stride, stride, (end &- start) &* rowCount,
                    parameters, into: chunk)
            case .constant:
                for step in 0..<end &- start {
                    (chunk + step &* gateSize).update(from: projection, count: gateSize)
                }
            }
            for step in start..<end {
                let gates = chunk + (step &- start) &* gateSize
                let previous = memory.hidden + step &* stateSize
                if step > 0 {
                    multiplyPanels(
                        previous, stride: paddedUnits, by: parameters + recurrent.offset,
                        into: gates, stride: gateStride, rows: rowCount, inner: paddedUnits,
                        columns: width, from: .current, descending: step % 2 == 1)
                }
                let slot = memory.keepsSteps ? step : 0
                activate(
                    gates, cells: memory.cells + slot &* stateSize,
                    newCells: memory.cells + (memory.keepsSteps ? (slot &+ 1) &* stateSize : 0),
                    tangents: memory.cellTangents + slot &* stateSize,
                    hidden: previous + stateSize, rowCount)
            }
        }
    }

    private func project(
        _ values: UnsafePointer<Float>, _ stride: Int, _ rows: Int,
        _ parameters: UnsafePointer<Float>, into gates: UnsafeMutablePointer<Float>
    ) {
        multiplyPanels(
            values, stride: stride, by: parameters + input.offset, into: gates, stride: gateStride,
            rows: rows, inner: input.paddedInputs, columns: width,
            from: .row(parameters + bias.offset))
    }

    /// One step's activations, cell states and hidden states from its pre-activations.
    private func activate(
        _ gates: UnsafeMutablePointer<Float>, cells: UnsafePointer<Float>,
        newCells: UnsafeMutablePointer<Float>, tangents: UnsafeMutablePointer<Float>,
        hidden: UnsafeMutablePointer<Float>, _ rowCount: Int
    ) {
        let units = paddedUnits
        for row in 0..<rowCount {
            let input = gates + row &* gateStride
            let forget = input + units
            let candidate = forget + units
            let output = candidate + units
            let first = row &* units
            // Two loops, as one step's two functions in a row would leave the processor waiting.
            for unit in stride(from: 0, to: units, by: panelWidth) {
                let i = logistic(loadLanes(input + unit))
                let f = logistic(loadLanes(forget + unit))
                let g = hyperbolicTangent(loadLanes(candidate + unit))
                storeLanes(i, input + unit)
                storeLanes(f, forget + unit)
                storeLanes(g, candidate + unit)
                storeLanes(logistic(loadLanes(output + unit)), output + unit)
                let past = loadLanes(cells + first + unit)
                storeLanes(fusedProduct(f, past, plus: i * g), newCells + first + unit)
            }
            for unit in stride(from: 0, to: units, by: panelWidth) {
                let tangent = hyperbolicTangent(loadLanes(newCells + first + unit))
                storeLanes(tangent, tangents + first + unit)
                storeLanes(loadLanes(output + unit) * tangent, hidden + first + unit)
            }
        }
    }
}
