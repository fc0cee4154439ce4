import AnomalyModels
import Testing

@Suite("Exact Shapley values of the path length")
struct ShapleyValueTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var columnCount: Int
        var sampleSize: Int
        var heightLimit: Int?
        var missingShare: Double
        var testDescription: String {
            "\(columnCount) columns, \(sampleSize) rows, height \(heightLimit ?? 0), missing "
                + "\(missingShare)"
        }
    }

    @Test(
        "Every contribution equals the enumeration of all coalitions",
        arguments: [
            Case(columnCount: 1, sampleSize: 64, missingShare: 0),
            Case(columnCount: 2, sampleSize: 64, missingShare: 0.1),
            Case(columnCount: 3, sampleSize: 100, heightLimit: 12, missingShare: 0.2),
            Case(columnCount: 6, sampleSize: 256, missingShare: 0.1),
            Case(columnCount: 10, sampleSize: 128, heightLimit: 20, missingShare: 0.05),
        ])
    func bruteForce(example: Case) throws {
        let matrix = FeatureMatrix.random(
            rowCount: 300, columnCount: example.columnCount, missingShare: example.missingShare,
            seed: 17)
        let forest = try IsolationForest.fit(
            matrix,
            parameters: .init(
                treeCount: 5, sampleSize: example.sampleSize, heightLimit: example.heightLimit,
                seed: 5))
        for index in [0, 50, 123] {
            let row = matrix.row(index)
            let exact = CoalitionGame(nodes: forest.nodes, row: row).shapleyValues()
            let fast = forest.contributions(of: row)
            for (a, b) in zip(fast.contributions, exact) {
                #expect(abs(a - b / Double(forest.treeCount)) < 1e-10)
            }
        }
    }

    @Test(
        "Expected path length and contributions add up to the row's path length",
        arguments: [(18, 256, nil), (18, 256, 200), (40, 512, 30), (3, 4_000, 64)]
            as [(Int, Int, Int?)])
    func additivity(columnCount: Int, sampleSize: Int, heightLimit: Int?) throws {
        let matrix = FeatureMatrix.random(
            rowCount: 5_000, columnCount: columnCount, missingShare: 0.1, seed: 23)
        let forest = try IsolationForest.fit(
            matrix,
            parameters: .init(
                treeCount: 20, sampleSize: sampleSize, heightLimit: heightLimit, seed: 1))
        var strange = [Double](repeating: 9, count: columnCount)
        strange[0] = .nan
        let missing = [Double](repeating: .nan, count: columnCount)
        for row in [matrix.row(0), matrix.row(1), strange, missing] {
            let result = forest.contributions(of: row)
            #expect(result.pathLength == forest.pathLength(row))
            let sum = result.contributions.reduce(result.expected, +)
            #expect(abs(sum - result.pathLength) < 1e-9)
        }
    }

    @Test("Many rows get what each gets alone, for any number of threads", arguments: [1, 2, 3])
    func manyRows(threadCount: Int) throws {
        let matrix = FeatureMatrix.random(
            rowCount: 50, columnCount: 12, missingShare: 0.1, seed: 29)
        let forest = try IsolationForest.fit(
            matrix, parameters: .init(treeCount: 10, heightLimit: 20, seed: 1))
        let together = forest.contributions(matrix, threadCount: threadCount)
        #expect(together == (0..<50).map { forest.contributions(of: matrix.row($0)) })
        #expect(forest.contributions(FeatureMatrix(columnCount: 1, rows: [[1]])).isEmpty)
    }

    @Test("A single split gives the whole difference to its column")
    func singleSplit() throws {
        let matrix = FeatureMatrix(columnCount: 2, rows: [[0, 7], [0, 7], [0, 7], [10, 7]])
        let forest = try IsolationForest.fit(
            matrix, parameters: .init(treeCount: 1, heightLimit: 1, seed: 1))
        // Three rows lie left, one right; the paths are 1 + c(3) = 8/3 and 1.
        let result = forest.contributions(of: [10, 7])
        #expect(abs(result.expected - 2.25) < 1e-12)
        #expect(result.pathLength == 1)
        #expect(abs(result.contributions[0] + 1.25) < 1e-12)
        #expect(result.contributions[1] == 0)
    }

    @Test("A column that no tree asks for contributes nothing")
    func unusedColumn() throws {
        var matrix = FeatureMatrix(columnCount: 3)
        var random = SeededRandom(seed: 3)
        for _ in 0..<200 { matrix.append(row: [random.normal(), 4, random.normal()]) }
        let forest = try IsolationForest.fit(matrix, parameters: .init(treeCount: 10, seed: 1))
        #expect(forest.contributions(of: [0, -100, 0]).contributions[1] == 0)
    }

    @Test("The column that makes a row strange shortens its path most")
    func strangeColumn() throws {
        let matrix = FeatureMatrix.random(rowCount: 500, columnCount: 6, seed: 31)
        let forest = try IsolationForest.fit(matrix, parameters: .init(seed: 1))
        let contributions = forest.contributions(of: [0, 0, 0, 12, 0, 0]).contributions
        #expect(contributions.min() == contributions[3])
        #expect(contributions[3] < -1)
    }
}
