/// Turns text written by strangers into text that can be shown: one line, bounded, with nothing
/// hidden.
///
/// Controls, direction marks, zero-width and private characters are written out as `‹U+202E›`, so
/// that a name cannot reorder, hide or imitate; piled-up combining marks are dropped after the
/// second.
enum DisplayText {
    /// Combining marks kept on one base character: enough for Vietnamese, too few to smear a line.
    private static let combiningMarksMax = 2

    /// The text made visible and, where it is longer than `lengthMax` characters, shortened in the
    /// middle.
    ///
    /// - Complexity: O(lengthMax), however long the text is.
    static func visible(_ text: String, lengthMax: Int) -> String {
        // A character of the result needs at least one scalar, so the two ends are enough to cut
        // from.
        let reach = lengthMax * 4
        let scalars = text.unicodeScalars
        let start = scalars.index(
            scalars.startIndex, offsetBy: 2 * reach, limitedBy: scalars.endIndex)
        guard let start, start < scalars.endIndex else {
            return shortened(cleaned(scalars), lengthMax: lengthMax)
        }
        let head = cleaned(scalars.prefix(reach))
        let tail = cleaned(scalars.suffix(reach))
        return shortened(head + "…" + tail, lengthMax: lengthMax)
    }

    /// The text with its middle replaced by an ellipsis, so that both ends stay readable.
    static func shortened(_ text: String, lengthMax: Int) -> String {
        guard text.count > lengthMax else { return text }
        let kept = max(2, lengthMax - 1)
        let tailCount = kept * 2 / 5
        return text.prefix(kept - tailCount) + "…" + text.suffix(tailCount)
    }

    private static func cleaned(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var result = String.UnicodeScalarView()
        var markCount = 0
        var isAfterSpace = true
        for scalar in scalars {
            switch treatment(of: scalar) {
            case .space:
                if !isAfterSpace { result.append(" ") }
                isAfterSpace = true
                continue
            case .combine:
                markCount += 1
                if markCount <= combiningMarksMax && !isAfterSpace { result.append(scalar) }
                continue
            case .spell:
                result.append(contentsOf: spelled(scalar).unicodeScalars)
            case .keep:
                result.append(scalar)
            }
            markCount = 0
            isAfterSpace = false
        }
        if result.last == " " { result.removeLast() }
        return String(result)
    }

    private enum Treatment { case keep, space, combine, spell }

    private static func treatment(of scalar: Unicode.Scalar) -> Treatment {
        if scalar.isASCII {
            if scalar.value == 0x20 || scalar.value == 0x09 { return .space }
            return scalar.value < 0x20 || scalar.value == 0x7F ? .spell : .keep
        }
        switch scalar.properties.generalCategory {
        case .spaceSeparator: return .space
        case .nonspacingMark, .enclosingMark:
            return scalar.properties.isDefaultIgnorableCodePoint ? .spell : .combine
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            return .spell
        default:
            return scalar.properties.isDefaultIgnorableCodePoint ? .spell : .keep
        }
    }

    private static func spelled(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "‹U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "›"
    }
}
