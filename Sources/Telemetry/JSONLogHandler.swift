import Foundation
package import Logging

/// A log of one JSON object a line, for programs that collect logs.
///
/// `time`, `level`, `logger` and `message` come first, the metadata under `fields`.
package struct JSONLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level = .info

    private let label: String
    private let write: @Sendable (String) -> Void

    /// A handler that hands each line, its newline included, to `write`; by default to standard error.
    package init(
        label: String, write: @escaping @Sendable (String) -> Void = Self.writeToStandardError
    ) {
        self.label = label
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        write(line(of: event, at: Date()) + "\n")
    }

    /// One line, in one call: lines of several threads do not mix.
    package static let writeToStandardError: @Sendable (String) -> Void = { line in
        FileHandle.standardError.write(Data(line.utf8))
    }

    /// The event as a JSON object.
    func line(of event: LogEvent, at date: Date) -> String {
        var fields = metadata
        fields.merge(metadataProvider?.get() ?? [:]) { _, given in given }
        fields.merge(event.metadata ?? [:]) { _, given in given }
        if let error = event.error { fields["error"] = "\(error)" }
        let time = date.formatted(.iso8601.time(includingFractionalSeconds: true))
        var text = "{\"time\":\(Self.quoted(time)),\"level\":\(Self.quoted(event.level.rawValue))"
        text += ",\"logger\":\(Self.quoted(label))"
        text += ",\"message\":\(Self.quoted("\(event.message)"))"
        if !fields.isEmpty { text += ",\"fields\":" + Self.json(.dictionary(fields)) }
        return text + "}"
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): return quoted(text)
        case .stringConvertible(let thing): return quoted("\(thing)")
        case .array(let values): return "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let values):
            let members = values.sorted { $0.key < $1.key }.map {
                quoted($0.key) + ":" + json($0.value)
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let code = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - code.count) + code
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
