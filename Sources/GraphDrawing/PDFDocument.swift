/// What is done to cairo's PDF.
enum PDFDocument {
    private static let mark = Array("/CreationDate (D:".utf8)

    /// The document with its time set to 1970, so that equal subgraphs give equal bytes.
    ///
    /// Only digits change, so every offset in the file stays right.
    static func withoutTime(_ bytes: [UInt8]) -> [UInt8] {
        guard let start = bytes.firstRange(of: mark)?.upperBound else { return bytes }
        var fixed = bytes
        var rest = Array("19700101000000".utf8)[...]
        var position = start
        while position < fixed.count, fixed[position] != UInt8(ascii: ")") {
            if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(fixed[position]) {
                fixed[position] = rest.popFirst() ?? UInt8(ascii: "0")
            } else if fixed[position] == UInt8(ascii: "-") {
                fixed[position] = UInt8(ascii: "+")
            }
            position += 1
        }
        return fixed
    }
}
