import Foundation
import Logging

/// A log in a file, one line an event.
enum FileLog {
    static func logger(writingTo path: String) throws -> Logger {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else {
            throw Failure(exitCode: .cannotCreate, message: "cannot write \(path)")
        }
        return Logger(label: "vigil") { _ in FileLogHandler(file: file) }
    }
}

/// Writes each event as a line with its time, level, message and metadata.
private struct FileLogHandler: LogHandler {
    let file: FileHandle
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let time = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
        file.write(
            Data("\(time) \(event.level) \(event.message) \(text.joined(separator: " "))\n".utf8))
    }
}
