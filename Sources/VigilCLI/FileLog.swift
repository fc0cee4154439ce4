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
        return Logger(label: "vigil") { label in
            StreamLogHandler(label: label, stream: FileStream(file: file))
        }
    }
}

private struct FileStream: TextOutputStream, Sendable {
    let file: FileHandle

    func write(_ string: String) {
        file.write(Data(string.utf8))
    }
}
