import AnomalyModels
import Testing

@Suite("Supervised models in model files")
struct SupervisedTensorTests {
    private let trees: GradientBoostedTrees
    private let regression: LogisticRegression
    private let rows = LabelledRows.additive(
        rowCount: 200, columnCount: 4, missingShare: 0.1, seed: 81)

    init() throws {
        trees = try GradientBoostedTrees.fit(
            rows.matrix, labels: rows.labels,
            weights: (0..<200).map { 0.5 + Double($0 % 7) / 3 },
            parameters: .init(treeCount: 8, depthMax: 4))
        regression = try LogisticRegression.fit(rows.matrix, labels: rows.labels)
    }

    @Test("Trees come back from their file to the bit")
    func treesAgain() throws {
        let bytes = ModelArchive(tensors: trees.tensors()).encoded()
        let archive = try ModelArchive(decoding: bytes)
        let again = try GradientBoostedTrees(
            tensors: archive.tensors, parameters: trees.parameters)
        #expect(again == trees)
        #expect(again.margins(rows.matrix) == trees.margins(rows.matrix))
        let row = rows.matrix.row(3)
        #expect(again.contributions(row).values == trees.contributions(row).values)
        #expect(again.contributions(row).expected == trees.contributions(row).expected)
    }

    @Test("A regression comes back from its file to the bit")
    func regressionAgain() throws {
        let bytes = ModelArchive(tensors: regression.tensors()).encoded()
        let archive = try ModelArchive(decoding: bytes)
        let again = try LogisticRegression(
            tensors: archive.tensors, parameters: regression.parameters)
        #expect(again == regression)
        #expect(again.margins(rows.matrix) == regression.margins(rows.matrix))
    }

    @Test("Each tensor is needed, with its element type, its length and one dimension")
    func eachTensor() throws {
        for (name, tensor) in trees.tensors().merging(
            regression.tensors(), uniquingKeysWith: { $1 })
        {
            let replacements: [Tensor?] = try [
                nil, Tensor([Float]([1])), tensor.reshaped(tensor.shape + [1]),
                Tensor(element: tensor.element, shape: [0], bytes: []),
            ]
            for replacement in replacements { expectRefused(name, replacement) }
        }
    }

    @Test("Numbers that are no trees are refused")
    func hostileTrees() throws {
        let nodes = trees.nodes
        for hostile: Int32 in [-2, 4, .max, .min] {
            expectRefused("boosting.feature", Tensor([hostile] + nodes.feature.dropFirst()))
        }
        for hostile in [0, -1, Double.nan, .infinity, 1e300, 1e-300] {
            expectRefused("boosting.cover", Tensor([hostile] + nodes.cover.dropFirst()))
        }
        for hostile in [Double.nan, .infinity] {
            expectRefused("boosting.threshold", Tensor([hostile] + nodes.threshold.dropFirst()))
            expectRefused("boosting.base_margin", Tensor([hostile]))
        }
        let leaf = try #require(nodes.feature.firstIndex(of: -1))
        for hostile in [Double.nan, -.infinity, 1e9] {
            var values = nodes.leafValue
            values[leaf] = hostile
            expectRefused("boosting.leaf_value", Tensor(values))
        }
        for hostile: Int32 in [0, -2, .min, .max, nodes.firstChild[0] + 1] {
            expectRefused("boosting.first_child", Tensor([hostile] + nodes.firstChild.dropFirst()))
        }
        for hostile: Int64 in [0, 1, -1, .max] {
            expectRefused("boosting.column_count", Tensor([hostile]))
        }
        for hostile in [0, -1, Double.nan, .infinity] {
            expectRefused("regression.deviations", Tensor([hostile, 1, 1, 1]))
        }
        expectRefused("regression.weights", Tensor([1, 1, Double.nan, 1]))
        expectRefused("regression.means", Tensor([1, 1, Double.infinity, 1]))
        expectRefused("regression.shifts", Tensor([1, 1, 6.0, 1]))
        expectRefused("regression.shifts", Tensor([1.0, 1]))
    }

    /// Expects that a model with this tensor in place of its own is no model.
    private func expectRefused(_ name: String, _ tensor: Tensor?) {
        var tensors = trees.tensors().merging(regression.tensors(), uniquingKeysWith: { $1 })
        tensors[name] = tensor
        #expect(throws: ModelFileError.self, "\(name)") {
            if name.hasPrefix("boosting") {
                _ = try GradientBoostedTrees(tensors: tensors, parameters: trees.parameters)
            } else {
                _ = try LogisticRegression(tensors: tensors, parameters: regression.parameters)
            }
        }
    }
}
