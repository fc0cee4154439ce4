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

    /// The text with what could steer the terminal made visible; the program's own colours pass.
    ///
    /// Names are written by strangers: a control character, a turn of the direction or an invisible
    /// mark in them becomes the replacement character.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHostile) else { return text }
        var cleaned = String.UnicodeScalarView()
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            if scalar == "\u{1B}", hasColor, beginsColor(rest) {
                cleaned.append(scalar)
            } else {
                cleaned.append(isHostile(scalar) ? "\u{FFFD}" : scalar)
            }
        }
        return String(cleaned)
    }

    /// Whether it is `[`, at most three digits and `m`: a colour, and nothing that moves or clears.
    private static func beginsColor(_ scalars: Substring.UnicodeScalarView) -> Bool {
        guard scalars.first == "[" else { return false }
        let digits = scalars.dropFirst().prefix { ("0"..."9").contains($0) }
        return digits.count <= 3 && scalars.dropFirst(1 + digits.count).first == "m"
    }

    static func isHostile(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x09: false
        case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x061C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F,
            0xFEFF, 0xFFF9...0xFFFB:
            true
        default: false
        }
    }
}

/// Lines up rows in columns, numbers to the right; `color` gives a cell a colour of the palette.
func alignedTable(
    header: [String], rows: [[String]], rightAligned: Set<Int> = [],
    color: (_ row: Int, _ column: Int) -> Int? = { _, _ in nil }
) -> String {
    let columns = header.indices
    let widths = columns.map { column in
        ([header] + rows).map { displayWidth($0[column]) }.max() ?? 0
    }
    func line(_ cells: [String], row: Int? = nil) -> String {
        columns.map { column in
            let cell = cells[column]
            let padding = String(repeating: " ", count: widths[column] - displayWidth(cell))
            let code = row.flatMap { color($0, column) }
            let shown = code.map { Terminal.colored(cell, $0) } ?? cell
            if rightAligned.contains(column) {
                return padding + shown
            }
            return column == columns.last ? shown : shown + padding
        }.joined(separator: "  ")
    }
    let rule = columns.map { String(repeating: "-", count: widths[$0]) }
    return ([line(header), line(rule)] + rows.enumerated().map { line($1, row: $0) })
        .joined(separator: "\n")
}

/// The cells of a terminal that a text takes: two for the wide characters of East Asia and emoji.
func displayWidth(_ text: String) -> Int {
    text.reduce(0) { width, character in
        switch character.unicodeScalars.first?.value ?? 0 {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            width + 2
        default: width + 1
        }
    }
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
    return harmlessJSON(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// JSON from the database in the form of ``jsonText(_:)``.
func indentedJSON(_ json: String) -> String {
    guard
        let value = try? JSONSerialization.jsonObject(
            with: Data(json.utf8), options: .fragmentsAllowed),
        let data = try? JSONSerialization.data(
            withJSONObject: value,
            options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed])
    else { return harmlessJSON(json) }
    return harmlessJSON(String(decoding: data, as: UTF8.self))
}

/// The same JSON with what could steer a terminal as escapes: exact for programs, harmless to see.
///
/// Outside of strings JSON has only line breaks and tabs of this kind, which stay.
func harmlessJSON(_ json: String) -> String {
    guard json.unicodeScalars.contains(where: Terminal.isHostile) else { return json }
    var escaped = ""
    for scalar in json.unicodeScalars {
        if Terminal.isHostile(scalar) {
            let digits = String(scalar.value, radix: 16)
            escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
            escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}
