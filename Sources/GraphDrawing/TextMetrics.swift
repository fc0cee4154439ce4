/// Widths of text set in DejaVu Sans, so that room can be reserved before Graphviz sets the text.
///
/// ASCII widths are the font's own advances; other characters are estimated from above.
enum TextMetrics {
    /// Height of a line of text, as a multiple of the font size.
    static let lineHeight = 1.22

    private static let unitsPerEm = 2048.0
    private static let boldFactor = 1.13
    /// Advances of U+0020...U+007E in units of the font.
    private static let asciiAdvances: [UInt16] = [
        651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690,
        1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716,
        1087, 2048, 1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604, 604, 1343, 1141, 1767,
        1532, 1612, 1235, 1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690,
        799, 1716, 1024, 1024, 1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569,
        1995, 1298, 1253, 1300, 1300, 842, 1067, 803, 1298, 1212, 1675, 1212, 1212, 1075, 1303,
        690, 1303, 1716,
    ]

    /// The width in points of one line of text.
    static func width(of text: String, size: Double, isBold: Bool = false) -> Double {
        let ems = text.unicodeScalars.reduce(0) { $0 + advance(of: $1) }
        return ems * size * (isBold ? boldFactor : 1)
    }

    /// The text broken at spaces into lines of at most `widthMax` points; words too long are cut.
    ///
    /// At most `lineCountMax` lines are given; what is left over shows as an ellipsis.
    static func wrapped(
        _ text: String, size: Double, widthMax: Double, lineCountMax: Int, isBold: Bool = false
    ) -> [String] {
        var lines: [String] = []
        var line = ""
        func fits(_ text: String) -> Bool {
            width(of: text, size: size, isBold: isBold) <= widthMax
        }
        for word in text.split(separator: " ") {
            let longer = line.isEmpty ? String(word) : line + " " + word
            if fits(longer) {
                line = longer
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = ""
            for character in word {
                if !line.isEmpty && !fits(line + String(character)) {
                    lines.append(line)
                    line = ""
                }
                line.append(character)
            }
        }
        if !line.isEmpty { lines.append(line) }
        guard lines.count > lineCountMax else { return lines }
        var last = lines[lineCountMax - 1]
        while !last.isEmpty && !fits(last + "…") { last.removeLast() }
        return lines.prefix(lineCountMax - 1) + [last + "…"]
    }

    private static func advance(of scalar: Unicode.Scalar) -> Double {
        let value = scalar.value
        if value >= 0x20 && value < 0x7F {
            return Double(asciiAdvances[Int(value) - 0x20]) / unitsPerEm
        }
        switch value {
        case 0x0300...0x036F: return 0
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F,
            0xFF00...0xFF60, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 1.1
        default: return value >= 0x0590 ? 0.75 : 0.70
        }
    }
}
