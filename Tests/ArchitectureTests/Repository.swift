import Foundation

/// The repository's files as they lie on the disk.
enum Repository {
    /// The folder of Package.swift.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let unkept: Set<String> = [".build", ".git", ".demo", ".tools", ".swiftpm"]

    /// Paths of files relative to the root, sorted; what is built or hidden is left out.
    static func files(under folder: String = "", withSuffix suffix: String = "") -> [String] {
        let start = folder.isEmpty ? root : root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(atPath: start.path()) else { return [] }
        var found: [String] = []
        while let path = walk.nextObject() as? String {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            if unkept.contains(name) || name.hasPrefix(".build") {
                walk.skipDescendants()
                continue
            }
            let isFile = walk.fileAttributes?[.type] as? FileAttributeType == .typeRegular
            if isFile, path.hasSuffix(suffix) {
                found.append(folder.isEmpty ? path : folder + "/" + path)
            }
        }
        return found.sorted()
    }

    /// The text of a file; `nil` where it is none.
    static func text(of path: String) -> String? {
        try? String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func lines(of path: String) -> [String] {
        let bytes =
            FileManager.default.contents(atPath: root.appending(path: path).path()) ?? Data()
        return bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path())
    }

    /// The names of the folders directly under a folder.
    static func folders(under folder: String) -> [String] {
        let all =
            (try? FileManager.default.contentsOfDirectory(
                at: root.appending(path: folder), includingPropertiesForKeys: [.isDirectoryKey]))
            ?? []
        return all.filter {
            (try? $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
        }.map(\.lastPathComponent).sorted()
    }

    /// The lines of Swift code, without comments and strings, with their numbers.
    static func code(of path: String) -> [(number: Int, text: String)] {
        var found: [(number: Int, text: String)] = []
        var isInText = false
        for (offset, line) in lines(of: path).enumerated() {
            var text: [UInt8] = []
            var quotes = 0
            var isInString = false
            var previous: UInt8 = 0
            for byte in line.utf8 {
                quotes = byte == quote ? quotes + 1 : 0
                if quotes == 3 {
                    isInText.toggle()
                    isInString = false
                } else if byte == quote, previous != backslash, !isInText {
                    isInString.toggle()
                } else if !isInText, !isInString {
                    if byte == slash, previous == slash { break }
                    text.append(byte)
                }
                previous = previous == backslash && byte == backslash ? 0 : byte
            }
            if !text.isEmpty { found.append((offset + 1, String(decoding: text, as: UTF8.self))) }
        }
        return found
    }

    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")
    private static let slash = UInt8(ascii: "/")

    /// The modules that a Swift file imports.
    static func imports(of path: String) -> [String] {
        lines(of: path).compactMap { line in
            guard line.contains("import "), !line.hasPrefix(" ") else { return nil }
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), words.count > place + 1,
                words[..<place].allSatisfy({ $0.hasPrefix("@") || levels.contains(String($0)) })
            else { return nil }
            let name =
                levels.union(kinds).contains(String(words[place + 1]))
                ? words.last ?? "" : words[place + 1]
            return name.split(separator: ".").first.map(String.init)
        }
    }

    private static let levels: Set<String> = [
        "package", "public", "internal", "private", "fileprivate",
    ]
    private static let kinds: Set<String> = [
        "struct", "class", "enum", "func", "protocol", "var", "let",
    ]
}
