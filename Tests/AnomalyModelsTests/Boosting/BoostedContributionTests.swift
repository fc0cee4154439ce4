import AnomalyModels
import Testing

@Suite("Exact contributions to the margin of boosted trees")
struct BoostedContributionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var columnCount: Int
        var depthMax: Int
        var missingShare: Double
        var weighted = false
        var testDescription: String {
            "\(columnCount) columns, depth \(depthMax), missing \(missingShare)"
                + (weighted ? ", weighted" : "")
        }
    }

    private func fit(_ example: Case, rowCount: Int = 300) throws -> (
        GradientBoostedTrees, FeatureMatrix
    ) {
        let rows = LabelledRows.additive(
            rowCount: rowCount, columnCount: example.columnCount,
            missingShare: example.missingShare, seed: 41)
        var random = SeededRandom(seed: 42)
        let weights = (0..<rowCount).map { _ in 0.1 + 3 * random.uniform() }
        let trees = try GradientBoostedTrees.fit(
            rows.matrix, labels: rows.labels, weights: example.weighted ? weights : nil,
            parameters: .init(
                treeCount: 12, depthMax: example.depthMax, learningRate: 0.3, leafRowsMin: 2))
        return (trees, rows.matrix)
    }

    @Test(
        "Every contribution equals the enumeration of all coalitions",
        arguments: [
            Case(columnCount: 3, depthMax: 1, missingShare: 0),
            Case(columnCount: 3, depthMax: 6, missingShare: 0.2, weighted: true),
            Case(columnCount: 7, depthMax: 4, missingShare: 0.1),
            Case(columnCount: 10, depthMax: 9, missingShare: 0.1, weighted: true),
        ])
    func enumeration(example: Case) throws {
        let (trees, matrix) = try fit(example)
        for index in [0, 77] {
            let row = matrix.row(index)
            let exact = CoalitionGame(nodes: trees.nodes, row: row).shapleyValues()
            let (expected, values) = trees.contributions(row)
            for (a, b) in zip(values, exact) { #expect(abs(a - b) < 1e-10) }
            #expect(expected == trees.expectedMargin)
        }
    }

    @Test(
        "The expected margin and the contributions add up to the margin",
        arguments: [
            Case(columnCount: 40, depthMax: 3, missingShare: 0.1),
            Case(columnCount: 20, depthMax: 12, missingShare: 0.1, weighted: true),
        ])
    func additivity(example: Case) throws {
        let (trees, matrix) = try fit(example, rowCount: 1_000)
        var odd = [Double](repeating: .nan, count: example.columnCount)
        var rows = (0..<20).map(matrix.row) + [odd]
        odd[0] = .infinity
        odd[1] = -.infinity
        rows.append(odd)
        for row in rows {
            let (expected, values) = trees.contributions(row)
            #expect(abs(values.reduce(expected, +) - trees.margin(row)) < 1e-9)
        }
    }

    @Test("The expected margin is the mean over the training rows by weight")
    func expected() throws {
        let (trees, matrix) = try fit(Case(columnCount: 5, depthMax: 3, missingShare: 0.1))
        let mean = trees.margins(matrix).reduce(0, +) / Double(matrix.rowCount)
        #expect(abs(trees.expectedMargin - mean) < 1e-12)
    }

    @Test("A row of another width is told from no row")
    func otherWidth() throws {
        let (trees, _) = try fit(Case(columnCount: 5, depthMax: 2, missingShare: 0))
        #expect(trees.margin([1]).isNaN)
        #expect(trees.margins(FeatureMatrix(columnCount: 1, rows: [[1], [2]])).count == 2)
        #expect(trees.contributions([1]).values.allSatisfy { $0.isNaN })
    }
}
