import LinearAlgebra

/// The working memory of an autoencoder for one small batch: allocated once, used for many.
///
/// Sendable unchecked: a parallel loop gives each of its threads a workspace of its own, and nobody else
/// touches it while the loop runs.
final class AutoencoderWorkspace: @unchecked Sendable {
    /// What the memory is for.
    enum Purpose {
        /// The forward pass alone: layers share their memory.
        case forward
        /// Both passes: everything that back-propagation needs is kept.
        case training
    }

    let layout: AutoencoderLayout
    let stepCountMax: Int
    let rowCountMax: Int
    let featureStride: Int

    /// The rows of the batch at hand, and its steps: those of its longest row.
    var rowCount = 0
    var stepCount = 0
    /// The present steps of each row.
    var lengths: [Int]
    /// The standardized input, [step][row][featureStride], 0 where a value is missing.
    let inputs: UnsafeMutablePointer<Float>
    /// 1 where a value is present, 0 elsewhere, in the same order.
    let mask: UnsafeMutablePointer<Float>
    /// The reconstruction, in the same order; in training later its derivative.
    let outputs: UnsafeMutablePointer<Float>
    /// The encoder's last hidden states, [row][unit].
    let summary: UnsafeMutablePointer<Float>
    /// The latent vectors, [row][unit].
    let latent: UnsafeMutablePointer<Float>
    /// One step's projected constant input.
    let projection: UnsafeMutablePointer<Float>
    let encoder: [LSTMMemory]
    let decoder: [LSTMMemory]

    /// Derivatives by hidden states, for two neighbouring layers: [step][row][unit].
    let hiddenGradients: [UnsafeMutablePointer<Float>]
    let summaryGradient: UnsafeMutablePointer<Float>
    let latentGradient: UnsafeMutablePointer<Float>
    let room: LSTMBackwardMemory

    private let memory: AlignedFloats

    init(
        _ layout: AutoencoderLayout, stepCount: Int, rowCount: Int, purpose: Purpose
    ) {
        var plan = MemoryPlan(base: nil)
        _ = Parts(layout, stepCount, rowCount, purpose, &plan)
        memory = AlignedFloats(count: plan.count)
        plan = MemoryPlan(base: memory.base)
        let parts = Parts(layout, stepCount, rowCount, purpose, &plan)
        self.layout = layout
        stepCountMax = stepCount
        rowCountMax = rowCount
        featureStride = layout.output.paddedUnits
        lengths = Array(repeating: 0, count: rowCount)
        inputs = parts.inputs
        mask = parts.mask
        outputs = parts.outputs
        summary = parts.summary
        latent = parts.latent
        projection = parts.projection
        encoder = parts.encoder
        decoder = parts.decoder
        hiddenGradients = parts.hiddenGradients
        summaryGradient = parts.summaryGradient
        latentGradient = parts.latentGradient
        room = parts.room
    }

    /// The size of the memory.
    var byteCount: Int { memory.count * MemoryLayout<Float>.stride }
}

/// Deals out parts of one memory, each at the start of a cache line; without memory it only counts.
private struct MemoryPlan {
    let base: UnsafeMutablePointer<Float>?
    private(set) var count = 0

    init(base: UnsafeMutablePointer<Float>?) { self.base = base }

    mutating func take(_ size: Int) -> UnsafeMutablePointer<Float> {
        defer { count += paddedToPanels(size) }
        guard let base else {
            // Never read or written: the first round only adds up the sizes.
            return UnsafeMutablePointer(bitPattern: 64).unsafelyUnwrapped
        }
        return base + count
    }
}

/// The parts of a workspace.
private struct Parts {
    let inputs, mask, outputs: UnsafeMutablePointer<Float>
    let summary, latent, projection: UnsafeMutablePointer<Float>
    var encoder: [LSTMMemory] = []
    var decoder: [LSTMMemory] = []
    var hiddenGradients: [UnsafeMutablePointer<Float>] = []
    let summaryGradient, latentGradient: UnsafeMutablePointer<Float>
    let room: LSTMBackwardMemory

    init(
        _ layout: AutoencoderLayout, _ steps: Int, _ rows: Int,
        _ purpose: AutoencoderWorkspace.Purpose, _ plan: inout MemoryPlan
    ) {
        let layers = layout.encoder + layout.decoder
        let unitsMax = layers.reduce(0) { max($0, $1.paddedUnits) }
        let gatesMax = layers.reduce(0) { max($0, $1.gateStride) }
        let stateSize = rows * unitsMax
        inputs = plan.take(steps * rows * layout.output.paddedUnits)
        mask = plan.take(steps * rows * layout.output.paddedUnits)
        outputs = plan.take(steps * rows * layout.output.paddedUnits)
        summary = plan.take(rows * layout.latent.paddedInputs)
        latent = plan.take(rows * layout.latent.paddedUnits)
        projection = plan.take(rows * gatesMax)
        switch purpose {
        case .training:
            let memories = layers.map { layer in
                let size = rows * layer.paddedUnits
                return LSTMMemory(
                    keepsSteps: true, gates: plan.take(steps * rows * layer.gateStride),
                    cells: plan.take((steps + 1) * size), cellTangents: plan.take(steps * size),
                    hidden: plan.take((steps + 1) * size))
            }
            encoder = Array(memories.prefix(layout.encoder.count))
            decoder = Array(memories.dropFirst(layout.encoder.count))
            hiddenGradients = [plan.take(steps * stateSize), plan.take(steps * stateSize)]
        case .forward:
            // A layer reads the hidden states of the one below and writes its own: two suffice.
            let gates = plan.take(max(LSTMLayout.chunkRowCount, rows) * gatesMax)
            let (cells, tangents) = (plan.take(stateSize), plan.take(stateSize))
            let hidden = [plan.take((steps + 1) * stateSize), plan.take((steps + 1) * stateSize)]
            let memories = layers.indices.map { index in
                LSTMMemory(
                    keepsSteps: false, gates: gates, cells: cells, cellTangents: tangents,
                    hidden: hidden[index % 2])
            }
            encoder = Array(memories.prefix(layout.encoder.count))
            decoder = Array(memories.dropFirst(layout.encoder.count))
        }
        let backward = purpose == .training
        summaryGradient = plan.take(backward ? rows * layout.latent.paddedInputs : 0)
        latentGradient = plan.take(backward ? rows * layout.latent.paddedUnits : 0)
        room = LSTMBackwardMemory(
            hidden: plan.take(backward ? stateSize : 0), cells: plan.take(backward ? stateSize : 0),
            gateSum: plan.take(backward ? rows * gatesMax : 0))
    }
}
