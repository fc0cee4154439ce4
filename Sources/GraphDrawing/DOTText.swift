/// Writes text into DOT source so that Graphviz shows exactly that text.
enum DOTText {
    /// A quoted label of the given lines, each ended by the mark that sets its justification.
    ///
    /// The text must be visible text already (see ``DisplayText``). Quotes and backslashes are
    /// escaped, so neither the quoted string nor an escape sequence such as `\N` can be formed by
    /// it; an ampersand that would begin an entity is written out, since Graphviz would decode it.
    static func label(_ lines: [String], justification: Justification = .center) -> String {
        var result = "\""
        for (index, line) in lines.enumerated() {
            append(line, to: &result)
            if index + 1 < lines.count || justification != .center {
                result += justification.rawValue
            }
        }
        return result + "\""
    }

    /// A quoted label of one line.
    static func label(_ text: String) -> String { label([text]) }

    /// How the lines of a label are set.
    enum Justification: String {
        case center = "\\n"
        case left = "\\l"
    }

    private static func append(_ line: String, to result: inout String) {
        let scalars = Array(line.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "&" where beginsEntity(scalars[index...]): result += "‹U+0026›"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// Whether `&` is followed by letters, digits or `#` up to a semicolon.
    private static func beginsEntity(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        for scalar in scalars.dropFirst() {
            if scalar == ";" { return true }
            let isName =
                scalar == "#" || scalar.isASCII && scalar.properties.isAlphabetic
                || scalar.isASCII && scalar.properties.numericType != nil
            guard isName else { return false }
        }
        return false
    }
}
