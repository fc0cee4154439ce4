import AnomalyModels
import Foundation
import Testing

/// Writes a model file for other readers, see Benchmarks/models/read_archive.py.
@Suite(
    "Archive for other readers",
    .enabled(
        if: ProcessInfo.processInfo.environment["VIGIL_ARCHIVE"] != nil,
        "A model file is written where VIGIL_ARCHIVE names it."))
struct ArchiveForPython {
    @Test("A forest's file is written with the scores that its reader has to reach")
    func write() throws {
        let path = try #require(ProcessInfo.processInfo.environment["VIGIL_ARCHIVE"])
        let rows = FeatureMatrix.random(
            rowCount: 500, columnCount: 18, missingShare: 0.1, seed: 1)
        let forest = try IsolationForest.fit(rows, parameters: .init(seed: 1))
        var tensors = forest.tensors()
        tensors["test.rows"] = try Tensor(rows.values).reshaped([500, 18])
        tensors["test.scores"] = Tensor(forest.scores(rows))
        let explained = FeatureMatrix(
            columnCount: 18,
            rows: (0..<50).map { forest.contributions(of: rows.row($0)).contributions })
        tensors["test.contributions"] = try Tensor(explained.values).reshaped([50, 18])
        let card = #"{"kind":"entity","note":"quotes \" and é survive"}"#
        let archive = ModelArchive(metadata: ["card": card], tensors: tensors)
        try Data(archive.encoded()).write(to: URL(fileURLWithPath: path))
    }
}
