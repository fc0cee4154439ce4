import Foundation

/// What people see: standard output for results, standard error for progress and complaints.
enum Terminal {
    static let showsProgress = isatty(STDERR_FILENO) == 1
    static let hasColor =
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    static func say(_ text: String) {
        FileHandle.standardOutput.write(Data((printable(text) + "\n").utf8))
    }

    static func complain(_ text: String) {
        FileHandle.standardError.write(Data((printable(text) + "\n").utf8))
    }

    /// An empty screen, where standard output is one.
    static func clear() {
        guard isatty(STDOUT_FILENO) == 1 else { return }
        FileHandle.standardOutput.write(Data("\u{1B}[H\u{1B}[2J".utf8))
    }

    /// The text in a colour of the terminal's palette where there is one.
    static func colored(_ text: String, _ code: Int) -> String {
        hasColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// The text with control characters made visible; the program's own colours pass.
    ///
    /// Names are written by strangers and must not steer the terminal.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHostile) else { return text }
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            cleaned.append(isHostile(scalar) ? "\u{FFFD}" : scalar)
        }
        return String(cleaned)
    }

    private static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x09, 0x0D: false
        case 0x1B: !hasColor
        case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

/// Lines up rows in columns, numbers to the right.
func alignedTable(header: [String], rows: [[String]], rightAligned: Set<Int> = []) -> String {
    let columns = header.indices
    let widths = columns.map { column in
        ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
        columns.map { column in
            let padding = String(repeating: " ", count: widths[column] - cells[column].count)
            if rightAligned.contains(column) {
                return padding + cells[column]
            }
            return column == columns.last ? cells[column] : cells[column] + padding
        }.joined(separator: "  ")
    }
    let rule = columns.map { String(repeating: "-", count: widths[$0]) }
    return ([header, rule] + rows).map(line).joined(separator: "\n")
}

/// A number for people: three significant places, thousands separated.
func formatted(_ value: Double, places: Int = 2) -> String {
    value.isNaN ? "-" : value.formatted(.number.precision(.fractionLength(0...places)))
}

/// JSON for programs: sorted keys, one document.
func jsonText(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return String(decoding: try encoder.encode(value), as: UTF8.self)
}
