import AnomalyModels
import Foundation
import Testing

/// The number of damaged files is VIGIL_FUZZ where it is set; 100,000 take minutes in debug, where every
/// index and sum is checked.
@Suite("Damaged model files")
struct ModelFuzzTests {
    static let fileCount =
        ProcessInfo.processInfo.environment["VIGIL_FUZZ"].flatMap { Int($0) } ?? 600

    @Test(
        "Every damaged file is read soundly or refused with the reason; none traps",
        arguments: FuzzedModel.allCases)
    func files(model: FuzzedModel) throws {
        var mutator = ArchiveMutator(try model.original(), seed: 2_024)
        var reasons: [ModelFileError.Code: Int] = [:]
        var (readCount, modelCount, cardCount) = (0, 0, 0)
        // A stream's tables make its files ten times as long.
        let fileCount = model == .edgeStream ? Self.fileCount / 6 : Self.fileCount
        for _ in 0..<fileCount {
            do throws(ModelFileError) {
                let damaged = try ModelArchive(decoding: mutator.next())
                readCount += 1
                // What is accepted can be written, and comes back.
                let again = try ModelArchive(decoding: damaged.encoded())
                #expect(again == damaged)
                if (try? damaged.card()) != nil { cardCount += 1 }
                try model.use(damaged)
                modelCount += 1
            } catch {
                #expect(!error.message.isEmpty)
                reasons[error.code, default: 0] += 1
            }
        }
        print(
            "\(model): \(fileCount) damaged files, \(readCount) read, of which "
                + "\(cardCount) cards and \(modelCount) models; refused "
                + reasons.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
                .joined(separator: ", "))
        // The damage is of every kind, and some of it is harmless.
        #expect(modelCount > 0 && reasons.count >= 6)
    }
}

/// A kind of model whose files are damaged.
enum FuzzedModel: String, CaseIterable, Sendable {
    case forest, extendedForest, autoencoder, edgeStream, boostedTrees, regression

    /// A small sound file.
    func original() throws -> ModelArchive {
        var archive = try models()
        archive.encode(
            ModelCard(
                kind: .table, method: .isolationForest, version: "1", schema: "test",
                features: ["a"], createdAt: 0, seed: 5, parameters: ["tree_count": 4],
                trainingRowsByType: ["row": 120], fingerprint: "0"), as: ModelArchive.cardName)
        return archive
    }

    private func models() throws -> ModelArchive {
        switch self {
        case .forest:
            let rows = FeatureMatrix.random(
                rowCount: 120, columnCount: 3, missingShare: 0.1, seed: 4)
            let forest = try IsolationForest.fit(
                rows, parameters: .init(treeCount: 4, sampleSize: 24, seed: 5))
            var archive = ModelArchive(tensors: forest.tensors())
            archive.encode(forest.parameters, as: "parameters")
            let calibration = try #require(TailCalibration.fit(forest.scores(rows)))
            archive.encode(calibration, as: "calibration")
            return archive
        case .extendedForest:
            let rows = FeatureMatrix.random(
                rowCount: 80, columnCount: 3, missingShare: 0.1, seed: 7)
            let forest = try ExtendedIsolationForest.fit(
                rows, parameters: .init(treeCount: 3, sampleSize: 16, seed: 8))
            var archive = ModelArchive(tensors: forest.tensors())
            archive.encode(forest.parameters, as: "parameters")
            return archive
        case .autoencoder:
            let series = FeatureMatrix.random(rowCount: 12, columnCount: 2, seed: 6)
            let model = try LSTMAutoencoder.fit(
                SequenceWindows(sliding: series, stepCount: 4),
                parameters: .init(hiddenSizes: [3], latentSize: 2, epochCountMax: 1)
            ).model
            return ModelArchive(tensors: model.tensors())
        case .edgeStream:
            var detector = try EdgeStreamDetector(parameters: Self.streamParameters)
            for step in 0..<40 {
                _ = detector.update(
                    source: UInt64(step % 3), target: UInt64(step % 7), time: Double(step) * 60)
            }
            return ModelArchive(tensors: detector.tensors())
        case .boostedTrees:
            let rows = LabelledRows.additive(
                rowCount: 80, columnCount: 3, missingShare: 0.1, seed: 9)
            let trees = try GradientBoostedTrees.fit(
                rows.matrix, labels: rows.labels, parameters: .init(treeCount: 4))
            var archive = ModelArchive(tensors: trees.tensors())
            archive.encode(trees.parameters, as: "parameters")
            return archive
        case .regression:
            let rows = LabelledRows.additive(rowCount: 80, columnCount: 3, seed: 9)
            return ModelArchive(
                tensors: try LogisticRegression.fit(rows.matrix, labels: rows.labels).tensors())
        }
    }

    private static var streamParameters: EdgeStreamDetector.Parameters {
        var parameters = EdgeStreamDetector.Parameters()
        parameters.storage = .exact(keySlotCountMax: 1_024, pairSlotCountMax: 4_096)
        return parameters
    }

    /// Makes the model of a file and asks it what it can be asked.
    func use(_ archive: ModelArchive) throws(ModelFileError) {
        switch self {
        case .forest: try useForest(archive)
        case .extendedForest:
            let forest = try ExtendedIsolationForest(
                tensors: archive.tensors,
                parameters: try archive.decoded(
                    ExtendedIsolationForest.Parameters.self, from: "parameters"))
            guard forest.columnCount <= 100 else { return }
            let scores = forest.scores(Self.extremeRows(columnCount: forest.columnCount))
            #expect(scores.allSatisfy { $0.isNaN || ($0 >= 0 && $0 <= 1) })
        case .autoencoder:
            let model = try LSTMAutoencoder(tensors: archive.tensors)
            let (steps, features) = (
                model.architecture.stepCount, model.architecture.featureCount
            )
            // Sizes are numbers in the file; a thousand steps would only cost time.
            guard steps * features <= 1_000 else { return }
            var windows = SequenceWindows(stepCount: steps, featureCount: features)
            windows.append([Double](repeating: 0.5, count: steps * features))
            windows.append([Double](repeating: .nan, count: features))
            #expect(model.reconstructionErrors(windows).values.count == 2 * steps * features)
        case .edgeStream:
            var detector = try EdgeStreamDetector(
                tensors: archive.tensors, parameters: Self.streamParameters)
            for step in 0..<30 {
                let verdict = detector.update(
                    source: UInt64(step % 5), target: UInt64(step % 11), time: Double(step) * 90)
                #expect(!(verdict.tailProbability > 1))
            }
        case .boostedTrees:
            try useSupervised(
                GradientBoostedTrees(
                    tensors: archive.tensors,
                    parameters: try archive.decoded(
                        GradientBoostedTrees.Parameters.self, from: "parameters")))
        case .regression:
            try useSupervised(
                LogisticRegression(tensors: archive.tensors, parameters: .init()))
        }
    }

    private func useSupervised(_ model: some SupervisedModel) {
        guard model.columnCount <= 100 else { return }
        let rows = Self.extremeRows(columnCount: model.columnCount)
        let margins = model.margins(rows, threadCount: 1)
        for row in 0..<rows.rowCount {
            let (expected, values) = model.contributions(rows.row(row))
            #expect(margins[row].isFinite && margins[row] == model.margin(rows.row(row)))
            let sum = values.reduce(expected, +)
            let scale = values.reduce(1 + abs(expected)) { $0 + abs($1) }
            #expect(abs(sum - margins[row]) < 1e-6 * scale)
        }
    }

    private func useForest(_ archive: ModelArchive) throws(ModelFileError) {
        let calibration = try archive.decoded(TailCalibration.self, from: "calibration")
        var last = 1.0
        for score in [-1, 0.3, 0.5, 0.7, 1, 1e300, .infinity] {
            let p = calibration.tailProbability(score)
            #expect(p > 0 && p <= last)
            last = p
        }
        let forest = try IsolationForest(
            tensors: archive.tensors,
            parameters: try archive.decoded(IsolationForest.Parameters.self, from: "parameters"))
        // A width is a number in the file; rows of a million columns would only cost time.
        guard forest.columnCount <= 100 else { return }
        let rows = Self.extremeRows(columnCount: forest.columnCount)
        let scores = forest.scores(rows)
        for row in 0..<rows.rowCount {
            let explained = forest.contributions(of: rows.row(row))
            #expect(explained.contributions.count == forest.columnCount)
            #expect(scores[row] >= 0 && scores[row] <= 1)
        }
    }

    private static func extremeRows(columnCount: Int) -> FeatureMatrix {
        FeatureMatrix(
            columnCount: columnCount,
            rows: [0, .nan, 1e308, -.infinity].map {
                [Double](repeating: $0, count: columnCount)
            })
    }
}
