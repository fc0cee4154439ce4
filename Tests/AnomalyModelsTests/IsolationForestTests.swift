import AnomalyModels
import Foundation
import Testing

@Suite("Isolation forest")
struct IsolationForestTests {
    private let rows = FeatureMatrix.random(
        rowCount: 600, columnCount: 5, missingShare: 0.1, seed: 11)

    private func forest(_ matrix: FeatureMatrix, treeCount: Int = 50) throws -> IsolationForest {
        try IsolationForest.fit(matrix, parameters: .init(treeCount: treeCount, seed: 3))
    }

    @Test("The average path lengths of few leaves are those counted by hand")
    func averagePathLengths() {
        #expect(averagePathLength(0) == 0)
        #expect(averagePathLength(1) == 0)
        #expect(averagePathLength(2) == 1)
        #expect(abs(averagePathLength(3) - 5.0 / 3) < 1e-15)
        #expect(abs(averagePathLength(4) - 13.0 / 6) < 1e-15)
        // The sum and the series meet where one takes over from the other.
        let harmonic: Double = (1...129).reduce(0.0) { $0 + 1 / Double($1) }
        let summed: Double = 2 * harmonic - 2 * 129.0 / 130
        #expect(abs(averagePathLength(130) - summed) < 1e-13)
    }

    @Test("Any number of threads grows the same forest", arguments: [2, 3, 8])
    func threads(threadCount: Int) throws {
        let alone = try forest(rows)
        let together = try IsolationForest.fit(
            rows, parameters: alone.parameters, threadCount: threadCount)
        #expect(alone == together)
        #expect(alone.scores(rows) == together.scores(rows, threadCount: threadCount))
    }

    @Test("Another seed grows another forest")
    func seeds() throws {
        let other = try IsolationForest.fit(rows, parameters: .init(treeCount: 50, seed: 4))
        let forest = try forest(rows)
        #expect(other != forest)
    }

    @Test("Batch, single row and a plain walk give the same bits", arguments: [1, 3, 4, 50])
    func traversals(treeCount: Int) throws {
        let forest = try forest(rows, treeCount: treeCount)
        let batch = forest.scores(rows)
        for index in stride(from: 0, to: rows.rowCount, by: 7) {
            let row = rows.row(index)
            #expect(forest.score(row) == batch[index])
            #expect(forest.pathLength(row) == plainPathLength(row, forest))
        }
    }

    @Test("Trees keep their height limit, their sample and their rows' shares")
    func shape() throws {
        let forest = try forest(rows)
        let nodes = forest.nodes
        #expect(forest.sampleCount == 256 && forest.treeCount == 50)
        for tree in 0..<nodes.treeCount {
            let range = nodes.nodes(ofTree: tree)
            #expect(nodes.cover[range.lowerBound] == 256)
            for node in range where nodes.firstChild[node] >= 0 {
                let left = Int(nodes.firstChild[node])
                #expect(left > node && range.contains(left + 1))
                #expect(nodes.cover[left] + nodes.cover[left + 1] == nodes.cover[node])
                #expect(nodes.cover[left] > 0 && nodes.cover[left + 1] > 0)
            }
            for node in range where nodes.firstChild[node] < 0 {
                let rest = averagePathLength(Int(nodes.cover[node]))
                #expect((0...8 + 1e-12).contains(nodes.leafValue[node] - rest))
            }
        }
    }

    @Test("A row far from all others scores highest, near 1 where it is extreme in every column")
    func outlier() throws {
        var matrix = FeatureMatrix.random(rowCount: 255, columnCount: 4, seed: 2)
        matrix.append(row: [50, 50, -50, 50])
        let scores = try forest(matrix).scores(matrix)
        #expect(scores.max() == scores.last)
        #expect((scores.last ?? 0) > 0.8)
    }

    @Test("Constant and empty columns are never split on")
    func constantColumns() throws {
        var matrix = FeatureMatrix(columnCount: 4)
        var random = SeededRandom(seed: 9)
        for index in 0..<300 {
            matrix.append(row: [1, random.normal(), .nan, index == 5 ? 2 : .nan])
        }
        let features = try Set(forest(matrix).nodes.feature)
        #expect(features == [-1, 1])
    }

    @Test("Without any column that varies every row scores one half")
    func constantRows() throws {
        let matrix = FeatureMatrix(
            columnCount: 2, rows: [[Double]](repeating: [3, .nan], count: 40))
        let scores = try forest(matrix).scores(matrix)
        #expect(scores.allSatisfy { abs($0 - 0.5) < 1e-12 })
    }

    @Test("One training row gives one half, whatever comes")
    func oneRow() throws {
        let forest = try forest(FeatureMatrix(columnCount: 1, rows: [[1]]))
        #expect(forest.score([1]) == 0.5 && forest.score([9]) == 0.5)
    }

    @Test("Missing is not zero: where zero is an outlier, a missing value is not")
    func missingIsNotZero() throws {
        var random = SeededRandom(seed: 21)
        var matrix = FeatureMatrix(columnCount: 3)
        for index in 0..<2_000 {
            let first = index % 5 == 0 ? Double.nan : 100 + random.normal()
            matrix.append(row: [first, random.normal(), random.normal()])
        }
        let forest = try IsolationForest.fit(matrix, parameters: .init(seed: 1))
        let zero = forest.score([0, 0, 0])
        let missing = forest.score([.nan, 0, 0])
        let usual = forest.score([100, 0, 0])
        #expect(zero > usual + 0.1)
        #expect(abs(missing - usual) < 0.05)
    }

    @Test("Missing values take the sides in proportion to the rows that are there")
    func missingSides() throws {
        let matrix = FeatureMatrix.random(rowCount: 4_000, columnCount: 3, seed: 8)
        let nodes = try IsolationForest.fit(matrix, parameters: .init(treeCount: 200, seed: 1))
            .nodes
        var expected = 0.0
        var seen = 0.0
        var variance = 0.0
        for node in 0..<nodes.nodeCount where nodes.firstChild[node] >= 0 {
            let share =
                nodes.cover[Int(nodes.firstChild[node]) + 1] / nodes.cover[node]
            expected += share
            variance += share * (1 - share)
            seen += Double(nodes.missingGoesRight[node])
        }
        #expect(abs(seen - expected) < 4 * variance.squareRoot())
    }

    @Test("Infinite values are the farthest ones, in training and in scoring")
    func infinities() throws {
        var matrix = FeatureMatrix.random(rowCount: 300, columnCount: 2, seed: 4)
        matrix.append(row: [.infinity, 0])
        matrix.append(row: [-.infinity, 0])
        let forest = try forest(matrix)
        let scores = forest.scores(matrix)
        #expect(scores.allSatisfy { (0...1).contains($0) })
        #expect(scores[300] > scores[..<300].reduce(0, +) / 300)
        #expect(forest.score([.greatestFiniteMagnitude, 0]) == forest.score([.infinity, 0]))
    }

    @Test("A row of another width has no score")
    func wrongWidth() throws {
        let forest = try forest(rows)
        #expect(forest.score([1, 2]).isNaN && forest.pathLength([]).isNaN)
        #expect(forest.scores(FeatureMatrix(columnCount: 1, rows: [[1]])).allSatisfy { $0.isNaN })
        #expect(forest.contributions(of: [1]).contributions.allSatisfy { $0.isNaN })
    }

    @Test("Two passes leave the strangest share out and say which rows were kept")
    func twoPasses() throws {
        var matrix = FeatureMatrix.random(rowCount: 490, columnCount: 3, seed: 6)
        for shift in 0..<10 { matrix.append(row: [40, -40, 40 + Double(shift)]) }
        let (forest, kept) = try IsolationForest.fitInTwoPasses(
            matrix, parameters: .init(seed: 2), contamination: 0.02)
        #expect(kept == Array(0..<490))
        #expect(forest.score(matrix.row(495)) > 0.7)
    }

    @Test(
        "Impossible parameters are refused",
        arguments: [
            IsolationForest.Parameters(treeCount: 0), .init(sampleSize: 0), .init(heightLimit: 0),
            .init(heightLimit: 257), .init(treeCount: 1 << 40),
        ])
    func impossibleParameters(parameters: IsolationForest.Parameters) throws {
        let error = #expect(throws: ModelError.self) {
            try IsolationForest.fit(rows, parameters: parameters)
        }
        #expect(error?.code == .invalidParameter)
    }

    @Test("No rows or no columns are no training data")
    func emptyMatrix() {
        let error = #expect(throws: ModelError.self) {
            try IsolationForest.fit(FeatureMatrix(columnCount: 3), parameters: .init())
        }
        #expect(error?.code == .emptyMatrix)
        #expect(throws: ModelError.self) {
            try IsolationForest.fit(FeatureMatrix(columnCount: 0), parameters: .init())
        }
    }

    private func plainPathLength(_ row: [Double], _ forest: IsolationForest) -> Double {
        let nodes = forest.nodes
        var total = 0.0
        for tree in 0..<nodes.treeCount {
            var node = nodes.nodes(ofTree: tree).lowerBound
            while nodes.firstChild[node] >= 0 {
                let right = nodes.goesRight(row[Int(nodes.feature[node])], at: node)
                node = Int(nodes.firstChild[node]) + (right ? 1 : 0)
            }
            total += nodes.leafValue[node]
        }
        return total / Double(nodes.treeCount)
    }
}
