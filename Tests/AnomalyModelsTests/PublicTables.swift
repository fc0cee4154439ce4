import AnomalyModels
import Foundation
import Testing

/// The public tables that a test may read, where they are there.
enum PublicTables {
    /// The folder named by VIGIL_DATA, or the one beside the package.
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["VIGIL_DATA"] {
            return URL(fileURLWithPath: path)
        }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return package.deletingLastPathComponent().appendingPathComponent("shared/data")
    }()

    static func file(_ name: String) -> URL {
        folder.appendingPathComponent(name).appendingPathComponent("data.csv.gz")
    }

    static func hasTables(_ names: [String]) -> Bool {
        names.allSatisfy { FileManager.default.fileExists(atPath: file($0).path) }
    }

    /// The bytes of a gzip-compressed file.
    static func unpacked(_ file: URL) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let bytes = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        return bytes
    }

    /// The columns x* and the label y of a table.
    static func read(_ name: String) throws -> (features: FeatureMatrix, labels: [Bool]) {
        let text = String(decoding: try unpacked(file(name)), as: UTF8.self)
        let lines = text.split(whereSeparator: \.isNewline)
        let header = try #require(lines.first).split(separator: ",")
        try #require(header.last == "y")
        var features = FeatureMatrix(columnCount: header.count - 1)
        var labels: [Bool] = []
        for line in lines.dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            let numbers = fields.map { Double($0) ?? .nan }
            features.append(row: Array(numbers.dropLast()))
            labels.append(numbers.last == 1)
        }
        return (features, labels)
    }
}
