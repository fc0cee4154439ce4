import CLibPQ

/// Connection strings as they may be shown.
package enum Conninfo {
    /// The connection string without its secrets, in the form of keywords and values.
    ///
    /// What cannot be understood is not shown at all: the part that is wrong may be the password.
    package static func masked(_ conninfo: String) -> String {
        guard let options = options(of: conninfo) else { return "(cannot be understood)" }
        return options.map { option in
            "\(option.keyword)=\(option.isSecret ? "****" : quoted(option.value))"
        }.joined(separator: " ")
    }

    /// Whether a password or another secret stands in the connection string.
    package static func hasSecret(_ conninfo: String) -> Bool {
        !secrets(in: conninfo).isEmpty
    }

    /// The secrets that stand in the connection string.
    package static func secrets(in conninfo: String) -> [String] {
        (options(of: conninfo) ?? []).filter(\.isSecret).map(\.value)
    }

    private struct Option {
        var keyword, value: String
        var isSecret: Bool
    }

    /// The parameters that the string names; nil where libpq cannot read it.
    private static func options(of conninfo: String) -> [Option]? {
        guard let list = PQconninfoParse(conninfo, nil) else { return nil }
        defer { PQconninfoFree(list) }
        var options: [Option] = []
        var entry = list
        while let keyword = entry.pointee.keyword {
            if let value = entry.pointee.val {
                // libpq marks what is not to be shown by an asterisk.
                let isSecret = entry.pointee.dispchar.map { $0[0] == CChar(UInt8(ascii: "*")) }
                options.append(
                    Option(
                        keyword: String(cString: keyword), value: String(cString: value),
                        isSecret: isSecret ?? false))
            }
            entry += 1
        }
        return options
    }

    private static func quoted(_ value: String) -> String {
        guard value.isEmpty || value.contains(where: { $0.isWhitespace || $0 == "'" || $0 == "\\" })
        else { return value }
        return "'" + value.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}
