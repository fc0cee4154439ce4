/// What is wrong with a file, and where: one sentence that a person can act on.
package struct GraphFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of problem it is, to branch on.
    package enum Code: String, Sendable {
        /// The file or folder is not there.
        case missing
        /// The file is there and cannot be read, or its compressed data is damaged.
        case unreadable
        /// The text is not CSV as RFC 4180 has it, or not UTF-8.
        case malformed
        /// The header lacks a column, repeats one, or the file has no header at all.
        case badHeader
        /// A field holds something that its column does not allow.
        case badValue
        /// The file or folder cannot be written.
        case unwritable
        /// A limit on the size of a field, a record or the header.
        case limitExceeded
    }

    /// What kind of problem it is.
    package var code: Code
    /// The path as it was given.
    package var file: String
    /// The line, from 1; `nil` where the problem belongs to the whole file.
    package var line: Int?
    /// The field within its record, from 1; `nil` where the problem belongs to the whole line.
    package var column: Int?
    /// What is wrong, without the place.
    package var reason: String

    /// Makes an error of its parts.
    package init(
        code: Code, file: String, line: Int? = nil, column: Int? = nil, reason: String
    ) {
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.reason = reason
    }

    /// `file:line: column 3: reason`, leaving out what is unknown.
    package var description: String {
        var text = file
        if let line { text += ":\(line)" }
        text += ": "
        if let column { text += "column \(column): " }
        return text + reason
    }
}
