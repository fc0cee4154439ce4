import AnomalyModels
import Foundation
import Testing

@Suite("Gradient-boosted trees")
struct GradientBoostedTreesTests {
    /// One split of six rows, computed by hand.
    ///
    /// Two of six are anomalous, so p = 1/3 for all: g = 1/3 for a normal row and -2/3 for an anomalous
    /// one, h = 2/9. Right of 3.5 lie two anomalous rows and a normal one.
    private let stumpRows = FeatureMatrix(
        columnCount: 1, rows: [[0], [1], [2], [4.5], [5], [6]].map { [$0[0] + 0.5] })
    private let stumpLabels = [false, false, false, true, true, false]
    private let stumpParameters = GradientBoostedTrees.Parameters(
        treeCount: 1, depthMax: 1, learningRate: 1, leafRowsMin: 1, regularization: 1)

    @Test("A stump has the split, the leaves and the covers computed by hand")
    func stump() throws {
        let trees = try GradientBoostedTrees.fit(
            stumpRows, labels: stumpLabels, parameters: stumpParameters)
        #expect(abs(trees.baseMargin - log(0.5)) < 1e-15)
        // Halfway between 2.5 and 5.
        #expect(trees.nodes.threshold == [3.75, 0, 0])
        #expect(trees.nodes.cover == [6, 3, 3])
        // Left G = 1, H = 2/3: -1 / (5/3). Right G = -4/3 + 1/3 = -1: +1 / (5/3).
        #expect(abs(trees.nodes.leafValue[1] + 0.6) < 1e-12)
        #expect(abs(trees.nodes.leafValue[2] - 0.6) < 1e-12)
        #expect(abs(trees.margin([0]) - (log(0.5) - 0.6)) < 1e-12)
        #expect(abs(trees.probability([9]) - 1 / (1 + exp(-(log(0.5) + 0.6)))) < 1e-12)
        #expect(abs(trees.expectedMargin - log(0.5)) < 1e-12)
    }

    @Test("A split is made only where it gains more than asked for", arguments: [0.59, 0.61])
    func leastGain(gainMin: Double) throws {
        // ½ (1 / (5/3) + 1 / (5/3) - 0) = 0.6.
        var parameters = stumpParameters
        parameters.splitGainMin = gainMin
        let trees = try GradientBoostedTrees.fit(
            stumpRows, labels: stumpLabels, parameters: parameters)
        #expect(trees.nodes.nodeCount == (gainMin < 0.6 ? 3 : 1))
        if gainMin > 0.6 { #expect(trees.margin([9]) == trees.baseMargin) }
    }

    @Test("Leaves have the rows and the curvature that are asked for")
    func leafLimits() throws {
        var parameters = stumpParameters
        parameters.leafRowsMin = 4
        #expect(try stumpNodeCount(parameters) == 1)
        // Three rows have a curvature of 2/3.
        parameters.leafRowsMin = 1
        parameters.leafWeightMin = 0.67
        #expect(try stumpNodeCount(parameters) == 1)
        parameters.leafWeightMin = 0.66
        #expect(try stumpNodeCount(parameters) == 3)
    }

    private func stumpNodeCount(_ parameters: GradientBoostedTrees.Parameters) throws -> Int {
        try GradientBoostedTrees.fit(stumpRows, labels: stumpLabels, parameters: parameters)
            .nodes.nodeCount
    }

    @Test("The second tree follows from what the first one leaves")
    func secondTree() throws {
        var parameters = stumpParameters
        parameters.treeCount = 2
        parameters.learningRate = 0.5
        let trees = try GradientBoostedTrees.fit(
            stumpRows, labels: stumpLabels, parameters: parameters)
        let low = 1 / (1 + exp(-(log(0.5) - 0.3)))
        let high = 1 / (1 + exp(-(log(0.5) + 0.3)))
        // The same split is the best again: G and H at the new probabilities.
        let left = -0.5 * 3 * low / (3 * low * (1 - low) + 1)
        let right = -0.5 * (3 * high - 2) / (3 * high * (1 - high) + 1)
        #expect(abs(trees.margin([0]) - (log(0.5) - 0.3 + left)) < 1e-12)
        #expect(abs(trees.margin([9]) - (log(0.5) + 0.3 + right)) < 1e-12)
    }

    @Test("An additive function is learnt: the margins rank as the true log-odds do")
    func additive() throws {
        let training = LabelledRows.additive(rowCount: 2_000, seed: 3)
        let fresh = LabelledRows.additive(rowCount: 1_000, seed: 4)
        let trees = try GradientBoostedTrees.fit(
            training.matrix, labels: training.labels, parameters: .init())
        let best = rankingArea(
            (0..<1_000).map { LabelledRows.additiveMargin(fresh.matrix.row($0)) }, fresh.labels)
        let reached = rankingArea(trees.margins(fresh.matrix), fresh.labels)
        #expect(reached > best - 0.02)
        // Columns that say nothing contribute little.
        let contributions = (0..<200).map { trees.contributions(fresh.matrix.row($0)).values }
        let means = (0..<6).map { column in
            contributions.reduce(0) { $0 + abs($1[column]) } / 200
        }
        #expect(means[3...].allSatisfy { $0 < means[..<3].min() ?? 0 })
    }

    @Test("Two columns that only matter together are learnt at depth 2, not at depth 1")
    func exclusiveOr() throws {
        let matrix = FeatureMatrix.random(rowCount: 400, columnCount: 2, seed: 11)
        let labels = (0..<400).map { (matrix.row($0)[0] > 0) != (matrix.row($0)[1] > 0) }
        func area(depth: Int) throws -> Double {
            let trees = try GradientBoostedTrees.fit(
                matrix, labels: labels, parameters: .init(depthMax: depth, binCount: 255))
            return rankingArea(trees.margins(matrix), labels)
        }
        let (deep, shallow) = (try area(depth: 2), try area(depth: 1))
        #expect(deep > 0.999)
        #expect(shallow < 0.85)
    }

    @Test("A missing value goes where the loss falls more", arguments: [true, false])
    func missingDirection(missingIsAnomalous: Bool) throws {
        var matrix = FeatureMatrix(columnCount: 1)
        var labels: [Bool] = []
        for index in 0..<40 {
            matrix.append(row: [index < 10 ? .nan : Double(index)])
            labels.append(index < 10 ? missingIsAnomalous : index >= 25)
        }
        let trees = try GradientBoostedTrees.fit(matrix, labels: labels, parameters: .init())
        #expect((trees.margin([.nan]) > 0) == missingIsAnomalous)
        #expect(trees.margin([11]) < -1)
        #expect(trees.margin([39]) > 1)
    }

    @Test("Whether a value is missing can be all that a split asks")
    func missingAlone() throws {
        let matrix = FeatureMatrix(
            columnCount: 1, rows: (0..<40).map { [$0 % 4 == 0 ? .nan : Double($0 % 3)] })
        let labels = (0..<40).map { $0 % 4 == 0 }
        let trees = try GradientBoostedTrees.fit(
            matrix, labels: labels, parameters: .init(depthMax: 1))
        #expect(trees.margin([.nan]) > 2)
        #expect(trees.margin([1]) < -2)
        #expect(trees.margin([1e300]) < -2)
    }

    @Test("Without missing values in training they go where the greater weight goes")
    func missingUnseen() throws {
        let matrix = FeatureMatrix(columnCount: 1, rows: (0..<30).map { [Double($0)] })
        let few = try GradientBoostedTrees.fit(
            matrix, labels: (0..<30).map { $0 >= 22 }, parameters: .init())
        #expect(few.margin([.nan]) == few.margin([0]))
        let many = try GradientBoostedTrees.fit(
            matrix, labels: (0..<30).map { $0 >= 8 }, parameters: .init())
        #expect(many.margin([.nan]) == many.margin([29]))
    }

    @Test("Infinite values count as the farthest ones")
    func infinite() throws {
        let matrix = FeatureMatrix(
            columnCount: 1,
            rows: (0..<40).map { [$0 < 10 ? -.infinity : $0 < 30 ? Double($0) : .infinity] })
        let trees = try GradientBoostedTrees.fit(
            matrix, labels: (0..<40).map { $0 < 10 || $0 >= 30 }, parameters: .init())
        #expect(trees.nodes.threshold.allSatisfy { $0.isFinite })
        #expect(trees.margin([-.infinity]) > 1 && trees.margin([.infinity]) > 1)
        #expect(trees.margin([20]) < -1)
    }

    @Test("A weight counts as so many equal rows; rows of weight 0 do not count")
    func weights() throws {
        let rows = LabelledRows.additive(rowCount: 200, columnCount: 3, missingShare: 0.1, seed: 5)
        var random = SeededRandom(seed: 6)
        let weights = (0..<200).map { _ in Double(random.index(below: 4)) }
        let repeated = (0..<200).flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
        let parameters = GradientBoostedTrees.Parameters(
            treeCount: 20, leafRowsMin: 1, binCount: 255)
        let weighted = try GradientBoostedTrees.fit(
            rows.matrix, labels: rows.labels, weights: weights, parameters: parameters)
        let plain = try GradientBoostedTrees.fit(
            rows.matrix.selecting(rows: repeated), labels: repeated.map { rows.labels[$0] },
            parameters: parameters)
        #expect(weighted.nodes.feature == plain.nodes.feature)
        #expect(weighted.nodes.threshold == plain.nodes.threshold)
        #expect(weighted.nodes.cover == plain.nodes.cover)
        for (a, b) in zip(weighted.nodes.leafValue, plain.nodes.leafValue) {
            #expect(abs(a - b) < 1e-9)
        }
    }

    @Test("Weights that are no whole numbers change the covers in proportion")
    func fractionalWeights() throws {
        let trees = try GradientBoostedTrees.fit(
            stumpRows, labels: stumpLabels, weights: [0.1, 0.2, 0.3, 0.25, 0.7, 0.45],
            parameters: stumpParameters)
        #expect(abs(trees.nodes.cover[0] - 2) < 1e-12)
        #expect(trees.nodes.cover[1] + trees.nodes.cover[2] == trees.nodes.cover[0])
        #expect(abs(trees.baseMargin - log(0.95 / 1.05)) < 1e-12)
    }

    @Test("The trees are the same for any number of threads", arguments: [2, 3, 7])
    func threads(threadCount: Int) throws {
        // So many rows that more than one thread is used.
        let rows = LabelledRows.additive(
            rowCount: 6_000, columnCount: 40, missingShare: 0.05, seed: 7)
        let parameters = GradientBoostedTrees.Parameters(
            treeCount: 4, depthMax: 4, rowShare: 0.7, columnShare: 0.6)
        let one = try GradientBoostedTrees.fit(
            rows.matrix, labels: rows.labels, parameters: parameters)
        let many = try GradientBoostedTrees.fit(
            rows.matrix, labels: rows.labels, parameters: parameters, threadCount: threadCount)
        #expect(one == many)
        let margins = one.margins(rows.matrix, threadCount: threadCount)
        #expect(margins == one.margins(rows.matrix))
        #expect(margins[17] == one.margin(rows.matrix.row(17)))
    }

    @Test("The trees are the same in any order of the rows, with weights and many values too")
    func rowOrder() throws {
        let rows = LabelledRows.additive(rowCount: 500, missingShare: 0.1, seed: 8)
        var random = SeededRandom(seed: 9)
        let weights = (0..<500).map { _ in 0.5 + random.uniform() }
        var parameters = GradientBoostedTrees.Parameters(treeCount: 30)
        parameters.binCount = 32
        let order = random.sample(500, below: 500)
        let first = try GradientBoostedTrees.fit(
            rows.matrix, labels: rows.labels, weights: weights, parameters: parameters)
        let second = try GradientBoostedTrees.fit(
            rows.matrix.selecting(rows: order), labels: order.map { rows.labels[$0] },
            weights: order.map { weights[$0] }, parameters: parameters)
        #expect(first == second)
    }

    @Test("Draws of rows and columns follow the seed")
    func draws() throws {
        let rows = LabelledRows.additive(rowCount: 300, seed: 10)
        func fit(seed: UInt64) throws -> GradientBoostedTrees {
            try GradientBoostedTrees.fit(
                rows.matrix, labels: rows.labels,
                parameters: .init(treeCount: 10, rowShare: 0.5, columnShare: 0.5, seed: seed))
        }
        let first = try fit(seed: 1)
        let (again, other) = (try fit(seed: 1), try fit(seed: 2))
        #expect(first == again)
        #expect(first.nodes != other.nodes)
        let nodes = first.nodes
        for tree in 0..<nodes.treeCount {
            let range = nodes.nodes(ofTree: tree)
            #expect(nodes.cover[range.lowerBound] == 150)
            #expect(Set(nodes.feature[range].filter { $0 >= 0 }).count <= 3)
        }
    }

    @Test("Boosting stops where no split gains")
    func stops() throws {
        // Every row is in both classes: nothing can be gained.
        let matrix = FeatureMatrix(columnCount: 2, rows: (0..<40).map { [Double($0 / 2), 7] })
        let trees = try GradientBoostedTrees.fit(
            matrix, labels: (0..<40).map { $0 % 2 == 0 }, parameters: .init(leafRowsMin: 2))
        #expect(trees.treeCount == 1)
        #expect(trees.margin([3, 7]) == 0)
        #expect(trees.contributions([3, 7]).values == [0, 0])
    }
}
