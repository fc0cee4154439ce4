import Foundation

/// A file of settings: `name = value`, one a line; `#` begins a comment.
///
/// A value may stand in double quotes, where it begins or ends with a space or holds a `#` after one.
/// A name that is no setting is refused: a slip of the pen would otherwise pass for a setting.
struct ConfigurationFile {
    struct Entry {
        var value: String
        var line: Int
    }

    let path: String
    private(set) var entries: [String: Entry] = [:]

    init(path: String, names: [String]) throws {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Failure(exitCode: .noInput, message: "cannot read the configuration file \(path)")
        }
        try self.init(text, path: path, names: names)
    }

    init(_ text: String, path: String, names: [String]) throws {
        self.path = path
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (place, line) in lines.enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            func refused(_ reason: String) -> Failure {
                Failure(exitCode: .configuration, message: "\(path), line \(place + 1): \(reason)")
            }
            guard let sign = line.firstIndex(of: "=") else {
                throw refused("this is not of the form: name = value")
            }
            let name = line[..<sign].trimmingCharacters(in: .whitespaces)
                .replacing("_", with: "-")
            guard names.contains(name) else {
                throw refused(
                    "there is no setting \"\(name)\"; there are: "
                        + names.joined(separator: ", "))
            }
            if let first = entries[name] {
                throw refused("\(name) was set in line \(first.line) already")
            }
            guard let value = Self.value(line[line.index(after: sign)...]) else {
                throw refused("the quotes of the value do not close")
            }
            entries[name] = Entry(value: value, line: place + 1)
        }
    }

    private static func value(_ text: Substring) -> String? {
        let text = text.trimmingCharacters(in: .whitespaces)
        guard text.hasPrefix("\"") else {
            return text.firstRange(of: " #").map {
                text[..<$0.lowerBound].trimmingCharacters(in: .whitespaces)
            } ?? text
        }
        guard let end = text.dropFirst().firstIndex(of: "\"") else { return nil }
        let rest = text[text.index(after: end)...].trimmingCharacters(in: .whitespaces)
        guard rest.isEmpty || rest.hasPrefix("#") else { return nil }
        return String(text[text.index(after: text.startIndex)..<end])
    }
}
