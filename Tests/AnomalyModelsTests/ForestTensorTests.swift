import AnomalyModels
import Foundation
import Testing

@Suite("Forests in model files")
struct ForestTensorTests {
    private let forest: IsolationForest
    private let rows = FeatureMatrix.random(
        rowCount: 400, columnCount: 4, missingShare: 0.1, seed: 19)

    init() throws {
        forest = try IsolationForest.fit(
            rows, parameters: .init(treeCount: 12, sampleSize: 64, seed: 9))
    }

    @Test("A forest comes back from its file to the bit")
    func roundTrip() throws {
        let bytes = ModelArchive(tensors: forest.tensors()).encoded()
        let archive = try ModelArchive(decoding: bytes)
        let again = try IsolationForest(tensors: archive.tensors, parameters: forest.parameters)
        #expect(again == forest)
        #expect(again.scores(rows) == forest.scores(rows))
        #expect(again.contributions(of: rows.row(3)) == forest.contributions(of: rows.row(3)))
    }

    @Test("Each tensor is needed")
    func missingTensors() {
        for name in forest.tensors().keys {
            var tensors = forest.tensors()
            tensors[name] = nil
            let error = #expect(throws: ModelFileError.self) {
                try IsolationForest(tensors: tensors, parameters: forest.parameters)
            }
            #expect(error?.code == .missingTensor)
        }
    }

    @Test("An imported forest keeps its own average path length")
    func ownAverage() throws {
        var tensors = forest.tensors()
        tensors["forest.average_path_length"] = Tensor([4.0])
        let imported = try IsolationForest(tensors: tensors, parameters: forest.parameters)
        let row = rows.row(0)
        #expect(imported.pathLength(row) == forest.pathLength(row))
        #expect(abs(imported.score(row) - exp2(-imported.pathLength(row) / 4)) < 1e-15)
        #expect(imported.tensors() == tensors)
        #expect(imported != forest)
        for hostile in [0, -1, Double.nan, .infinity] {
            try expectRefused("forest.average_path_length", Tensor([hostile]))
        }
    }

    @Test("Each tensor has its element type, its length and one dimension")
    func wrongTensors() throws {
        for (name, tensor) in forest.tensors() {
            let replacements = try [
                Tensor([Float]([1])), tensor.reshaped(tensor.shape + [1]),
                Tensor(element: tensor.element, shape: [0], bytes: []),
            ]
            for replacement in replacements {
                var tensors = forest.tensors()
                tensors[name] = replacement
                #expect(throws: ModelFileError.self) {
                    try IsolationForest(tensors: tensors, parameters: forest.parameters)
                }
            }
        }
    }

    @Test("Children that would loop, leave the tree or have two parents are refused")
    func hostileChildren() throws {
        let children = forest.nodes.firstChild
        for hostile: Int32 in [0, -2, .min, .max, children[0] + 1, Int32(children.count) - 1] {
            try expectRefused("forest.first_child", Tensor([hostile] + children.dropFirst()))
        }
        let second = try #require(children.indices.first { $0 > 0 && children[$0] >= 0 })
        var twice = children
        twice[second] = children[0]
        try expectRefused("forest.first_child", Tensor(twice))
    }

    @Test("Columns, covers, thresholds and lengths that cannot be are refused")
    func hostileNumbers() throws {
        let nodes = forest.nodes
        for hostile: Int32 in [-2, 4, .max, .min] {
            try expectRefused("forest.feature", Tensor([hostile] + nodes.feature.dropFirst()))
        }
        for hostile: Int32 in [0, -64, 65, .max] {
            let rest = nodes.cover.dropFirst().map { Int32($0) }
            try expectRefused("forest.cover", Tensor([hostile] + rest))
        }
        for hostile in [Double.nan, .infinity] {
            try expectRefused("forest.threshold", Tensor([hostile] + nodes.threshold.dropFirst()))
        }
        let leaf = try #require(nodes.feature.firstIndex(of: -1))
        for hostile in [Double.nan, -1, 1e9] {
            var lengths = nodes.leafValue
            lengths[leaf] = hostile
            try expectRefused("forest.leaf_path_length", Tensor(lengths))
        }
        try expectRefused("forest.column_count", Tensor([Int64(0)]))
        try expectRefused("forest.column_count", Tensor([Int64(1)]))
        try expectRefused("forest.sample_count", Tensor([Int64.max]))
        try expectRefused("forest.tree_offsets", Tensor([Int32(0)]))
        try expectRefused("forest.tree_offsets", Tensor([Int32(0), Int32(nodes.nodeCount), 1]))
    }

    @Test("Mutated forests are refused or can be walked")
    func fuzz() throws {
        // A small forest, so that a mutation hits each kind of number often.
        let forest = try IsolationForest.fit(
            rows, parameters: .init(treeCount: 4, sampleSize: 32, seed: 9))
        var random = SeededRandom(seed: 77)
        let original = ModelArchive(tensors: forest.tensors()).encoded()
        let headerByteCount = Int(original[0]) + Int(original[1]) << 8 + 8
        var acceptedCount = 0
        for _ in 0..<3_000 {
            var bytes = original
            let position =
                headerByteCount + random.index(below: bytes.count - headerByteCount)
            bytes[position] = UInt8(truncatingIfNeeded: random.next())
            guard let archive = try? ModelArchive(decoding: bytes),
                let mutated = try? IsolationForest(
                    tensors: archive.tensors, parameters: forest.parameters)
            else { continue }
            acceptedCount += 1
            let row = [Double](repeating: 0.5, count: min(mutated.columnCount, 1_000))
            let result = mutated.contributions(of: row)
            #expect(mutated.columnCount > 1_000 || result.pathLength.isFinite)
        }
        #expect(acceptedCount > 0)
    }

    private func expectRefused(_ name: String, _ tensor: Tensor) throws {
        var tensors = forest.tensors()
        tensors[name] = tensor
        #expect(throws: ModelFileError.self) {
            try IsolationForest(tensors: tensors, parameters: forest.parameters)
        }
    }
}
