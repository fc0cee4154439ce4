/// One record of a CSV file: its unquoted fields end to end, and the line on which it starts.
///
/// A record is reused from row to row, so that reading allocates nothing after the first rows.
package struct CSVRecord: Sendable {
    /// The line on which the record starts, from 1.
    package internal(set) var line = 0
    /// The bytes of all fields without separators and quotes, valid UTF-8.
    var bytes: [UInt8] = []
    /// Where each field ends in `bytes`; a field starts where the one before it ends.
    private var ends: [Int] = []
    /// Whether each field stood in quotes: `""` is an empty text, nothing at all is no value.
    private var quoted: [Bool] = []

    /// An empty record, to be filled by a reader.
    package init() {}

    /// The number of fields.
    package var fieldCount: Int { ends.count }

    /// The text of a field; `nil` where the file has nothing between the separators.
    ///
    /// A quoted empty field is the empty text, not `nil`.
    package subscript(index: Int) -> String? {
        let range = range(of: index)
        guard !range.isEmpty || quoted[index] else { return nil }
        return String(decoding: bytes[range], as: UTF8.self)
    }

    /// Whether a field has no bytes, quoted or not.
    package func isEmpty(_ index: Int) -> Bool {
        range(of: index).isEmpty
    }

    func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    /// The bytes of the field that is being read.
    var openFieldByteCount: Int { bytes.count - (ends.last ?? 0) }

    mutating func clear(line: Int) {
        self.line = line
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        quoted.removeAll(keepingCapacity: true)
    }

    mutating func closeField(quoted isQuoted: Bool) {
        ends.append(bytes.count)
        quoted.append(isQuoted)
    }
}
