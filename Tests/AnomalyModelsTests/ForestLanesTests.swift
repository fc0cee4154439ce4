import AnomalyModels
import Testing

@Suite("Many rows of a forest at once")
struct ForestLanesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var columnCount: Int
        var treeCount: Int
        var sampleSize = 256
        var heightLimit: Int?
        var testDescription: String {
            "\(columnCount) columns, \(treeCount) trees of \(sampleSize) rows"
        }
    }

    /// Values that fall on thresholds, beside them, beyond them, and none at all.
    private func awkwardRows(_ count: Int, like matrix: FeatureMatrix) -> FeatureMatrix {
        var random = SeededRandom(seed: 5)
        var rows = FeatureMatrix(columnCount: matrix.columnCount)
        let special = [Double.nan, .infinity, -.infinity, 0, -0.0, .greatestFiniteMagnitude]
        for _ in 0..<count {
            rows.append(
                row: (0..<matrix.columnCount).map { column in
                    let kind = random.index(below: 4)
                    if kind == 0 { return special[random.index(below: special.count)] }
                    let row = random.index(below: matrix.rowCount)
                    let value = matrix.values[row * matrix.columnCount + column]
                    return kind == 1 ? value.nextDown : value
                })
        }
        return rows
    }

    @Test(
        "Every row gets the bits that it gets alone",
        arguments: [
            Case(columnCount: 1, treeCount: 30), Case(columnCount: 18, treeCount: 100),
            Case(columnCount: 2, treeCount: 7), Case(columnCount: 5, treeCount: 3, sampleSize: 1),
            // Trees of more than 256 leaves are walked row by row.
            Case(columnCount: 3, treeCount: 4, sampleSize: 400, heightLimit: 60),
            Case(columnCount: 3, treeCount: 9, sampleSize: 256, heightLimit: 200),
        ])
    func sameBits(example: Case) throws {
        // Rounded values come often, so that thresholds are equal to values and to each other.
        var matrix = FeatureMatrix.random(
            rowCount: 600, columnCount: example.columnCount, missingShare: 0.1, seed: 11)
        for index in stride(from: 0, to: matrix.values.count, by: 2) {
            matrix.values[index] = (matrix.values[index] * 4).rounded() / 4
        }
        let forest = try IsolationForest.fit(
            matrix,
            parameters: .init(
                treeCount: example.treeCount, sampleSize: example.sampleSize,
                heightLimit: example.heightLimit, seed: 3))
        let rows = awkwardRows(700, like: matrix)
        let alone = (0..<rows.rowCount).map { forest.score(rows.row($0)) }
        for count in [1, 5, 31, 32, 33, 64, 65, 255, 257, 700] {
            let first = rows.selecting(rows: Array(0..<count))
            #expect(forest.scores(first) == Array(alone[..<count]))
        }
    }

    @Test("Blocks and threads do not change a bit")
    func threads() throws {
        let matrix = FeatureMatrix.random(
            rowCount: 5_000, columnCount: 3, missingShare: 0.05, seed: 2)
        let forest = try IsolationForest.fit(matrix, parameters: .init(treeCount: 10, seed: 3))
        let alone = forest.scores(matrix)
        #expect(forest.scores(matrix, threadCount: 2) == alone)
        #expect(forest.scores(matrix, threadCount: 5) == alone)
        #expect(alone[4_321] == forest.score(matrix.row(4_321)))
    }
}
