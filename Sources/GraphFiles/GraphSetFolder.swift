import Foundation

/// A folder that a graph set is written into: it appears whole, or not at all.
package final class GraphSetFolder {
    /// The folder that is to be.
    package let folder: String
    /// Where its files are written meanwhile, beside it.
    private let draft: String
    private var isDone = false

    /// Checks that nothing is in the way, and makes room beside the place.
    ///
    /// - Parameters:
    ///   - folder: A path where nothing is, or an empty folder.
    ///   - mark: Tells concurrent writers apart, such as a process number.
    /// - Throws: `GraphFileError` where something is in the way or writing is not permitted.
    package init(_ folder: String, mark: String) throws(GraphFileError) {
        let path = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw GraphFileError(
                    code: .unwritable, file: path, reason: "there is a file of that name")
            }
            let content = try? FileManager.default.contentsOfDirectory(atPath: path)
            guard let content, content.isEmpty else {
                throw GraphFileError(
                    code: .unwritable, file: path,
                    reason: content == nil
                        ? "the folder cannot be read"
                        : "the folder is not empty; name a new one, or empty it")
            }
        }
        self.folder = path
        draft = path + "." + mark + ".tmp"
        guard mkdir(draft, 0o777) == 0 else {
            let number = errno
            throw GraphFileError(code: .unwritable, file: draft, reason: Self.reason(number))
        }
    }

    deinit {
        if !isDone { try? FileManager.default.removeItem(atPath: draft) }
    }

    /// A compressed file of the set.
    package func file(_ name: String) throws(GraphFileError) -> GzipOutput {
        try GzipOutput(file: draft + "/" + name)
    }

    /// Writes a small plain file of the set.
    package func write(_ text: String, to name: String) throws(GraphFileError) {
        let file = draft + "/" + name
        do {
            try text.write(toFile: file, atomically: false, encoding: .utf8)
        } catch {
            throw GraphFileError(
                code: .unwritable, file: file, reason: error.localizedDescription)
        }
    }

    /// Puts the folder in its place.
    package func finish() throws(GraphFileError) {
        // An empty folder of the name may be replaced, and nothing else.
        guard rename(draft, folder) == 0 else {
            let number = errno
            throw GraphFileError(code: .unwritable, file: folder, reason: Self.reason(number))
        }
        isDone = true
    }

    static func reason(_ number: Int32) -> String {
        switch number {
        case ENOENT: "the folder that it is to stand in does not exist"
        case ENOSPC: "no space is left on the device"
        case EACCES, EPERM, EROFS: "writing there is not permitted"
        case EEXIST: "it is there already"
        case ENOTEMPTY: "the folder is not empty; name a new one, or empty it"
        default: "cannot be written: \(String(cString: strerror(number)))"
        }
    }
}
