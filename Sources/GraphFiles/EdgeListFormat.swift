/// How the rows of an edge list are laid out.
package struct EdgeListFormat: Sendable, Equatable {
    /// What stands between the fields of a row.
    package enum Separator: Sendable, Equatable {
        /// One byte, with quotes as RFC 4180 has them: CSV, and its kin with tabs or semicolons.
        case byte(UInt8)
        /// Any run of spaces and tabs, no quotes; lines that begin with # or % are comments.
        case whitespace
    }

    /// What stands between the fields.
    package var separator: Separator
    /// Whether the first row names the columns.
    ///
    /// Without a header they are source, target and, where there are more than two, weight.
    package var hasHeader: Bool

    /// Commas and a header, unless said otherwise.
    package init(separator: Separator = .byte(UInt8(ascii: ",")), hasHeader: Bool = true) {
        self.separator = separator
        self.hasHeader = hasHeader
    }

    /// What an edge list without a header is taken to hold.
    static let columnsWithoutHeader = ["source", "target", "weight"]
}
