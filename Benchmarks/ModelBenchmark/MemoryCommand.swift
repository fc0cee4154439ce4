import AnomalyModels
import ArgumentParser
import Foundation

/// The memory of all models of a sidecar, each read from its file by a process that does nothing else.
struct MemoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memory",
        abstract: "Load every model from its file and print the memory that the process gains.",
        discussion: """
            Trains small models of the usual sizes, writes their files to a temporary folder and \
            reads them in a second process. The figures are growth of its resident memory: the \
            models, what they derive when they are read, and what reading leaves behind.
            """)

    @Option(help: "Calibrations of 1,024 points: one for each detector and entity type.")
    var calibrationCount = 200

    @Option(help: "Only load the files of this folder.")
    var load: String?

    private static let forests = [("entities", 18), ("relationships", 12)]

    func run() throws {
        if let load {
            try Self.loadAll(URL(filePath: load))
            return
        }
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "vigil-memory-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try writeAll(folder)
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["memory", "--load", folder.path()]
        try process.run()
        process.waitUntilExit()
    }

    private func writeAll(_ folder: URL) throws {
        for (name, columns) in Self.forests {
            let forest = try IsolationForest.fit(
                Self.rows(10_000, columns), parameters: .init(seed: 1), threadCount: 2)
            try Data(ModelArchive(tensors: forest.tensors()).encoded())
                .write(to: folder.appending(path: name))
        }
        let windows = SequenceWindows(sliding: Self.rows(60, 15), stepCount: 50)
        let model = try LSTMAutoencoder.fit(windows, parameters: .init(epochCountMax: 1)).model
        try Data(ModelArchive(tensors: model.tensors()).encoded())
            .write(to: folder.appending(path: "autoencoder"))
        var random = SeededRandom(seed: 2)
        let scores = (0..<5_000).map { _ in random.normal() }
        let calibrations = TailCalibration.fit(scores).map {
            Array(repeating: $0, count: calibrationCount)
        }
        try JSONEncoder().encode(calibrations).write(to: folder.appending(path: "calibrations"))
    }

    private static func rows(_ count: Int, _ columnCount: Int) -> FeatureMatrix {
        var random = SeededRandom(seed: 1)
        return FeatureMatrix(
            columnCount: columnCount,
            rows: (0..<count).map { _ in (0..<columnCount).map { _ in random.normal() } })
    }

    /// Loads each file and keeps its model to the end.
    private static func loadAll(_ folder: URL) throws {
        print("| model | file, MB | in memory, MB |\n|---|---|---|")
        let start = residentByteCount()
        var models: [Any] = []
        func line(_ title: String, _ name: String, _ load: (Data) throws -> Any) throws {
            let before = residentByteCount()
            let file = try Data(contentsOf: folder.appending(path: name))
            models.append(try load(file))
            let bytes = residentByteCount() - before
            print("| \(title) | \(megabytes(file.count)) | \(megabytes(bytes)) |")
        }
        for (name, columns) in forests {
            try line("isolation forest of \(name), 100 x 256, \(columns) columns", name) {
                try IsolationForest(
                    tensors: ModelArchive(decoding: Array($0)).tensors,
                    parameters: .init(seed: 1))
            }
        }
        try line("LSTM autoencoder, 50 x 15", "autoencoder") {
            try LSTMAutoencoder(tensors: ModelArchive(decoding: Array($0)).tensors)
        }
        try line("calibrations", "calibrations") {
            try JSONDecoder().decode([TailCalibration].self, from: $0)
        }
        print("| all models (\(models.count)) | | \(megabytes(residentByteCount() - start)) |")
    }

    /// The resident memory of this process, as Linux counts it.
    private static func residentByteCount() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func megabytes(_ byteCount: Int) -> String {
        rounded(Double(byteCount) / 1e6, 2)
    }
}
