import AnomalyModels
import Foundation
import Testing

@Suite("Extended isolation forest")
struct ExtendedIsolationForestTests {
    private let rows = FeatureMatrix.random(
        rowCount: 500, columnCount: 4, missingShare: 0.1, seed: 11)

    /// Rows around the given centres, standard normal in two columns.
    private func blobs(_ centres: [(Double, Double)], rowCount: Int, seed: UInt64) -> FeatureMatrix
    {
        var random = SeededRandom(seed: seed)
        var matrix = FeatureMatrix(columnCount: 2)
        for row in 0..<rowCount {
            let (x, y) = centres[row % centres.count]
            matrix.append(row: [x + random.normal(), y + random.normal()])
        }
        return matrix
    }

    /// The standard deviation of the scores on a circle around the origin.
    private func unevenness(
        _ forest: some PathLengthForest, radius: Double
    ) -> Double {
        let circle = FeatureMatrix(
            columnCount: 2,
            rows: (0..<360).map {
                let angle = Double($0) * .pi / 180
                return [radius * cos(angle), radius * sin(angle)]
            })
        let scores = forest.scores(circle, threadCount: 1)
        let mean = scores.reduce(0, +) / Double(scores.count)
        let squares = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / Double(scores.count)).squareRoot()
    }

    // Section 2 and figure 9 of the paper: around one round blob the scores of axis-parallel trees
    // vary along a circle, low along the axes, and those of hyperplanes hardly do.
    @Test("Around a round blob scores depend on the distance and not on the direction")
    func roundBlob() throws {
        let blob = blobs([(0, 0)], rowCount: 2_000, seed: 1)
        let plain = try IsolationForest.fit(blob, parameters: .init(treeCount: 300, seed: 1))
        let extended = try ExtendedIsolationForest.fit(
            blob, parameters: .init(treeCount: 300, seed: 1))
        for radius in [4.0, 5.0] {
            let ratio =
                unevenness(extended, radius: radius) / unevenness(plain, radius: radius)
            #expect(ratio < 0.5)
        }
    }

    // Figure 2 of the paper: two blobs on one diagonal make ghosts on the other.
    @Test("Two blobs on a diagonal have no ghosts on the other one")
    func ghosts() throws {
        let matrix = blobs([(0, 10), (10, 0)], rowCount: 2_000, seed: 2)
        let probes = FeatureMatrix(columnCount: 2, rows: [[0, 0], [10, 10], [0, 10], [10, 0]])
        func contrast(_ forest: some PathLengthForest) -> Double {
            let scores = forest.scores(probes, threadCount: 1)
            return (scores[0] + scores[1] - scores[2] - scores[3]) / 2
        }
        let plain = contrast(
            try IsolationForest.fit(matrix, parameters: .init(treeCount: 300, seed: 1)))
        let extended = contrast(
            try ExtendedIsolationForest.fit(matrix, parameters: .init(treeCount: 300, seed: 1)))
        #expect(extended > 1.3 * plain)
    }

    @Test("Without extension a hyperplane compares one column")
    func levelZero() throws {
        for level in 0..<4 {
            let forest = try ExtendedIsolationForest.fit(
                FeatureMatrix.random(rowCount: 500, columnCount: 4, seed: 3),
                parameters: .init(treeCount: 10, extensionLevel: level, seed: 1))
            let nodes = forest.nodes
            for node in 0..<nodes.nodeCount {
                let termCount = Int(nodes.termOffsets[node + 1] - nodes.termOffsets[node])
                #expect(termCount == (nodes.firstChild[node] < 0 ? 0 : level + 1))
            }
        }
    }

    @Test("Any number of threads grows and scores the same, and a row alone as in the batch")
    func threads() throws {
        let alone = try ExtendedIsolationForest.fit(rows, parameters: .init(treeCount: 20, seed: 3))
        let together = try ExtendedIsolationForest.fit(
            rows, parameters: alone.parameters, threadCount: 3)
        #expect(alone == together)
        let scores = alone.scores(rows)
        #expect(scores == together.scores(rows, threadCount: 3))
        for row in [0, 17, 499] { #expect(alone.score(rows.row(row)) == scores[row]) }
        let otherSeed = try ExtendedIsolationForest.fit(
            rows, parameters: .init(treeCount: 20, seed: 4))
        #expect(otherSeed != alone)
    }

    @Test("A missing value is left out of the decision and is not zero")
    func missing() throws {
        var random = SeededRandom(seed: 21)
        var matrix = FeatureMatrix(columnCount: 3)
        for index in 0..<2_000 {
            let first = index % 5 == 0 ? Double.nan : 100 + random.normal()
            matrix.append(row: [first, random.normal(), random.normal()])
        }
        let forest = try ExtendedIsolationForest.fit(matrix, parameters: .init(seed: 1))
        let usual = forest.score([100, 0, 0])
        #expect(forest.score([0, 0, 0]) > usual + 0.1)
        #expect(abs(forest.score([.nan, 0, 0]) - usual) < 0.05)
        #expect((0...1).contains(forest.score([.nan, .nan, .nan])))
    }

    @Test("Infinite values, constant columns and equal rows give scores all the same")
    func degenerate() throws {
        var matrix = FeatureMatrix.random(rowCount: 200, columnCount: 2, seed: 4)
        matrix.append(row: [.infinity, 0])
        matrix.append(row: [-.infinity, .greatestFiniteMagnitude])
        let scores = try ExtendedIsolationForest.fit(matrix, parameters: .init(seed: 1))
            .scores(matrix)
        #expect(scores.allSatisfy { (0...1).contains($0) })
        let equal = FeatureMatrix(
            columnCount: 2, rows: [[Double]](repeating: [3, .nan], count: 40))
        let half = try ExtendedIsolationForest.fit(equal, parameters: .init(seed: 1))
            .scores(equal)
        #expect(half.allSatisfy { abs($0 - 0.5) < 1e-12 })
        let forest = try ExtendedIsolationForest.fit(rows, parameters: .init(seed: 1))
        #expect(forest.score([1]).isNaN)
    }

    @Test("Two passes leave the strangest share out")
    func twoPasses() throws {
        var matrix = FeatureMatrix.random(rowCount: 490, columnCount: 3, seed: 6)
        for shift in 0..<10 { matrix.append(row: [40, -40, 40 + Double(shift)]) }
        let (_, kept) = try ExtendedIsolationForest.fitInTwoPasses(
            matrix, parameters: .init(seed: 2), contamination: 0.02)
        #expect(kept == Array(0..<490))
    }

    @Test(
        "Impossible parameters are refused",
        arguments: [
            ExtendedIsolationForest.Parameters(treeCount: 0), .init(sampleSize: 0),
            .init(heightLimit: 0), .init(heightLimit: 257), .init(treeCount: 1 << 40),
            .init(extensionLevel: -1), .init(extensionLevel: 4),
        ])
    func impossibleParameters(parameters: ExtendedIsolationForest.Parameters) throws {
        let error = #expect(throws: ModelError.self) {
            try ExtendedIsolationForest.fit(rows, parameters: parameters)
        }
        #expect(error?.code == .invalidParameter)
    }

    @Test("A forest comes back from its file to the bit")
    func roundTrip() throws {
        let forest = try ExtendedIsolationForest.fit(
            rows, parameters: .init(treeCount: 12, extensionLevel: 2, seed: 9))
        let bytes = ModelArchive(tensors: forest.tensors()).encoded()
        let archive = try ModelArchive(decoding: bytes)
        let again = try ExtendedIsolationForest(
            tensors: archive.tensors, parameters: forest.parameters)
        #expect(again == forest)
        #expect(again.scores(rows) == forest.scores(rows))
        for name in forest.tensors().keys {
            var tensors = forest.tensors()
            tensors[name] = nil
            #expect(throws: ModelFileError.self) {
                try ExtendedIsolationForest(tensors: tensors, parameters: forest.parameters)
            }
        }
    }

    @Test("Mutated forests are refused or can be walked")
    func fuzz() throws {
        let forest = try ExtendedIsolationForest.fit(
            rows, parameters: .init(treeCount: 4, sampleSize: 32, seed: 9))
        var random = SeededRandom(seed: 77)
        let original = forest.tensors()
        let names = original.keys.sorted()
        var acceptedCount = 0
        for _ in 0..<3_000 {
            let name = names[random.index(below: names.count)]
            guard let tensor = original[name] else { continue }
            var bytes = tensor.bytes
            bytes[random.index(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            var tensors = original
            tensors[name] = try Tensor(element: tensor.element, shape: tensor.shape, bytes: bytes)
            guard
                let mutated = try? ExtendedIsolationForest(
                    tensors: tensors, parameters: forest.parameters),
                mutated.columnCount <= 1_000
            else { continue }
            acceptedCount += 1
            let score = mutated.score([Double](repeating: 0.5, count: mutated.columnCount))
            #expect(score.isFinite)
        }
        #expect(acceptedCount > 0)
    }
}
