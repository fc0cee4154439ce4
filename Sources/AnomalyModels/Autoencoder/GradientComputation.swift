import LinearAlgebra
import ParallelLoops

/// Gradients and losses of whole batches, with the same bits for any number of threads.
///
/// A batch is cut into groups of eight windows, whatever the number of threads. Group n adds its
/// gradient to that of lane n mod 8, each lane takes its groups in order, and the lanes are added in
/// order at the end.
struct GradientComputation: ~Copyable {
    /// The windows that go through the network together in training.
    static let groupSize = 8
    /// The gradients that are kept apart; more threads than these find no work.
    static let laneCountMax = 8

    let layout: AutoencoderLayout
    /// The gradient of the last batch.
    let gradient: AlignedFloats

    private let lanes: [AlignedFloats]
    private let transposed: AlignedFloats
    private let workspaces: [AutoencoderWorkspace]
    private let threadCount: Int

    init(_ layout: AutoencoderLayout, stepCount: Int, batchSize: Int, threadCount: Int) {
        self.layout = layout
        let groupCount = (batchSize + Self.groupSize - 1) / Self.groupSize
        lanes = (0..<min(groupCount, Self.laneCountMax)).map { _ in
            AlignedFloats(count: layout.paddedCount)
        }
        gradient = AlignedFloats(count: layout.paddedCount)
        transposed = AlignedFloats(count: layout.transposedCount)
        self.threadCount = max(1, min(threadCount, lanes.count))
        workspaces = (0..<self.threadCount).map { _ in
            AutoencoderWorkspace(
                layout, stepCount: stepCount, rowCount: Self.groupSize, purpose: .training)
        }
    }

    /// The sum of squared errors over the chosen windows; its derivative times `scale` is in `gradient`.
    func differentiate(
        _ windows: SequenceWindows, _ chosen: ArraySlice<Int>, scaler: FeatureScaler,
        weights: AlignedFloats, scale: Double
    ) -> Double {
        layout.packTransposed(weights.base, into: transposed.base)
        let groups = Self.groups(chosen)
        let laneCount = min(lanes.count, groups.count)
        let (lanes, transposed, workspaces) = (lanes, transposed, workspaces)
        let losses = makeArray(count: groups.count) { (losses: SharedElements<Double>) in
            parallelForChunks(
                count: laneCount, chunkSize: 1, threadCount: min(threadCount, laneCount)
            ) { taken, thread in
                let workspace = workspaces[thread]
                for lane in taken {
                    let sum = lanes[lane]
                    sum.base.update(repeating: 0, count: sum.count)
                    for group in stride(from: lane, to: groups.count, by: laneCount) {
                        workspace.load(windows, groups[group], scaler: scaler)
                        workspace.forward(weights.base)
                        losses[group] = workspace.squaredError()
                        workspace.backward(
                            weights.base, transposed: transposed.base, scale: Float(scale),
                            gradient: sum.base)
                    }
                }
            }
        }
        gradient.base.update(from: lanes[0].base, count: gradient.count)
        for lane in lanes[1..<max(1, laneCount)] {
            add(lane.base, to: gradient.base, count: gradient.count)
        }
        return losses.reduce(0, +)
    }

    /// The sum of squared errors over the chosen windows.
    func squaredError(
        _ windows: SequenceWindows, _ chosen: [Int], scaler: FeatureScaler, weights: AlignedFloats
    ) -> Double {
        let groups = Self.groups(chosen[...])
        let workspaces = workspaces
        let losses = makeArray(count: groups.count) { (losses: SharedElements<Double>) in
            parallelForChunks(
                count: groups.count, chunkSize: 1, threadCount: min(threadCount, groups.count)
            ) { taken, thread in
                for group in taken {
                    workspaces[thread].load(windows, groups[group], scaler: scaler)
                    workspaces[thread].forward(weights.base)
                    losses[group] = workspaces[thread].squaredError()
                }
            }
        }
        return losses.reduce(0, +)
    }

    private static func groups(_ chosen: ArraySlice<Int>) -> [ArraySlice<Int>] {
        stride(from: chosen.startIndex, to: chosen.endIndex, by: groupSize).map {
            chosen[$0..<min($0 + groupSize, chosen.endIndex)]
        }
    }
}
