extension LogisticRegression {
    /// What a weight and the intercept may be at most.
    private static let weightMax = 1e6

    /// The regression's numbers, from which `init(tensors:parameters:)` makes it again to the bit.
    package func tensors() -> [String: Tensor] {
        [
            "regression.intercept": Tensor([intercept]),
            "regression.weights": Tensor(weights),
            "regression.means": Tensor(scales.map(\.mean)),
            "regression.deviations": Tensor(scales.map(\.deviation)),
            "regression.shifts": Tensor(scales.map(\.shift)),
        ]
    }

    /// A regression from its numbers; refused where they are none.
    ///
    /// Tensors of other names are left to others.
    package init(tensors: [String: Tensor], parameters: Parameters) throws(ModelFileError) {
        let own = ForestTensors(tensors, prefix: "regression.")
        let intercept = try own.vector("intercept").doubles()
        let weights = try own.vector("weights").doubles()
        let means = try own.vector("means").doubles()
        let deviations = try own.vector("deviations").doubles()
        let shifts = try own.vector("shifts").doubles()
        let width = weights.count
        guard intercept.count == 1, (1...ForestNodes.columnCountMax).contains(width),
            means.count == width, deviations.count == width, shifts.count == width
        else {
            throw ModelFileError(
                code: .wrongShape, message: "The tensors of the regression differ in width.")
        }
        guard (intercept + weights).allSatisfy({ abs($0) <= Self.weightMax }),
            means.allSatisfy(\.isFinite), deviations.allSatisfy({ $0 > 0 && $0.isFinite }),
            shifts.allSatisfy({ abs($0) <= Self.deviationsMax })
        else {
            throw ModelFileError(
                code: .invalidModel, message: "The numbers of the regression are no model.")
        }
        self.init(
            parameters: parameters, intercept: intercept[0], weights: weights,
            scales: (0..<width).map {
                ColumnScale(mean: means[$0], deviation: deviations[$0], shift: shifts[$0])
            })
    }
}
