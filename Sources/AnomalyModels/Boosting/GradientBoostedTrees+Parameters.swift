extension GradientBoostedTrees {
    /// What determines the trees, beside the training rows and their labels.
    package struct Parameters: Codable, Sendable, Equatable {
        /// The most trees; boosting stops before where no split gains.
        ///
        /// 1 to 10,000.
        package var treeCount: Int
        /// The most splits on a path from a root to a leaf.
        ///
        /// 1 to 16.
        package var depthMax: Int
        /// The share of each tree's step that is taken.
        ///
        /// Above 0, at most 1.
        package var learningRate: Double
        /// The least sum of curvatures, w p (1 - p), in a leaf.
        ///
        /// Not negative.
        package var leafWeightMin: Double
        /// The least number of rows in a leaf.
        ///
        /// At least 1.
        package var leafRowsMin: Int
        /// λ, which shrinks leaves of little curvature.
        ///
        /// Not negative.
        package var regularization: Double
        /// What a split must gain.
        ///
        /// Not negative.
        package var splitGainMin: Double
        /// The share of the rows that each tree sees, drawn without replacement.
        ///
        /// Above 0, at most 1.
        package var rowShare: Double
        /// The share of the columns that each tree may split on.
        ///
        /// Above 0, at most 1.
        package var columnShare: Double
        /// The most bins of a column's values; with as many distinct values no threshold is lost.
        ///
        /// 2 to 255.
        package var binCount: Int
        /// The seed of the draws of rows and columns.
        package var seed: UInt64

        /// Settings for some hundred to some thousand rows.
        package init(
            treeCount: Int = 100, depthMax: Int = 3, learningRate: Double = 0.1,
            leafWeightMin: Double = 1e-3, leafRowsMin: Int = 5, regularization: Double = 1,
            splitGainMin: Double = 0, rowShare: Double = 1, columnShare: Double = 1,
            binCount: Int = 64, seed: UInt64 = 1
        ) {
            self.treeCount = treeCount
            self.depthMax = depthMax
            self.learningRate = learningRate
            self.leafWeightMin = leafWeightMin
            self.leafRowsMin = leafRowsMin
            self.regularization = regularization
            self.splitGainMin = splitGainMin
            self.rowShare = rowShare
            self.columnShare = columnShare
            self.binCount = binCount
            self.seed = seed
        }

        /// Refuses a number outside the range that its documentation states.
        func validate() throws(ModelError) {
            try Self.check(treeCount, in: 1...10_000, "The number of trees")
            try Self.check(depthMax, in: 1...16, "The depth of the trees")
            try Self.check(leafRowsMin, in: 1...Int(Int32.max), "The rows of a leaf")
            try Self.check(binCount, in: 2...255, "The number of bins")
            for (name, share) in [
                ("learning rate", learningRate), ("share of the rows", rowShare),
                ("share of the columns", columnShare),
            ] where !(share > 0 && share <= 1) {
                throw ModelError(
                    code: .invalidParameter,
                    message: "The \(name) is \(share); it lies above 0 and at most at 1.")
            }
            for (name, number) in [
                ("least weight of a leaf", leafWeightMin), ("regularization", regularization),
                ("least gain of a split", splitGainMin),
            ] where !(number >= 0 && number <= 1e9) {
                throw ModelError(
                    code: .invalidParameter,
                    message: "The \(name) is \(number); it lies in 0...1e9.")
            }
        }

        private static func check(
            _ value: Int, in range: ClosedRange<Int>, _ name: String
        ) throws(ModelError) {
            guard range.contains(value) else {
                throw ModelError(
                    code: .invalidParameter,
                    message: "\(name) is \(value); it lies in "
                        + "\(range.lowerBound)...\(range.upperBound).")
            }
        }
    }
}
