/// The part of JSON that a model file's header consists of.
enum HeaderValue {
    case text(String)
    case count(Int)
    case list([HeaderValue])
    /// In the order of the file; no name comes twice.
    case object([HeaderEntry])
}

/// A name and its value in an object of a header.
struct HeaderEntry {
    let name: String
    let value: HeaderValue
}

/// A strict reader of a header's JSON: objects, lists, strings and counts, and nothing else.
///
/// Foundation's reader keeps the last of two entries with the same name and turns large counts
/// into floating point numbers; a file that plays with either is refused here.
struct HeaderParser {
    /// A header is an object of objects of lists.
    private static let depthMax = 4

    private let bytes: ArraySlice<UInt8>
    private var position: Int

    /// The value that the bytes, UTF-8 as a whole, stand for.
    static func parse(_ bytes: ArraySlice<UInt8>) throws(ModelFileError) -> HeaderValue {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw ModelFileError(code: .malformedHeader, message: "The header is not UTF-8.")
        }
        var parser = HeaderParser(bytes: bytes, position: bytes.startIndex)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.next == nil else { throw parser.malformed("ends before its last byte") }
        return value
    }

    private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func value(depth: Int) throws(ModelFileError) -> HeaderValue {
        guard depth < Self.depthMax else { throw malformed("is nested too deeply") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .list(try list(depth: depth))
        case UInt8(ascii: "\""): return .text(try text())
        default: return .count(try count())
        }
    }

    private mutating func object(depth: Int) throws(ModelFileError) -> [HeaderEntry] {
        var entries: [HeaderEntry] = []
        var names: Set<String> = []
        position += 1
        if skip(UInt8(ascii: "}")) { return entries }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw malformed("has an entry without a name") }
            let name = try text()
            guard names.insert(name).inserted else {
                throw ModelFileError(
                    code: .duplicateName,
                    message: "The header names \(name.debugDescription) twice.")
            }
            guard skip(UInt8(ascii: ":")) else { throw malformed("has a name without a value") }
            entries.append(HeaderEntry(name: name, value: try value(depth: depth + 1)))
        } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "}")) else { throw malformed("has an object without an end") }
        return entries
    }

    private mutating func list(depth: Int) throws(ModelFileError) -> [HeaderValue] {
        var values: [HeaderValue] = []
        position += 1
        if skip(UInt8(ascii: "]")) { return values }
        repeat { values.append(try value(depth: depth + 1)) } while skip(UInt8(ascii: ","))
        guard skip(UInt8(ascii: "]")) else { throw malformed("has a list without an end") }
        return values
    }

    private mutating func count() throws(ModelFileError) -> Int {
        let start = position
        var total = 0
        while let digit = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
            let (tens, tooLarge) = total.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            guard !tooLarge, !overflow else { throw malformed("has a count that is too large") }
            total = sum
            position += 1
        }
        let hasLeadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
        guard position > start, !hasLeadingZero else {
            throw malformed("has something else than an object, a list, a string or a count")
        }
        return total
    }

    private mutating func text() throws(ModelFileError) -> String {
        var scalars: [UInt8] = []
        position += 1
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: scalars, as: UTF8.self)
            case UInt8(ascii: "\\"): scalars.append(contentsOf: String(try escaped()).utf8)
            case 0..<0x20: throw malformed("has a control character in a string")
            default: scalars.append(byte)
            }
        }
        throw malformed("has a string without an end")
    }

    private mutating func escaped() throws(ModelFileError) -> Unicode.Scalar {
        guard let byte = next else { throw malformed("has a string without an end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try escapedScalar()
        default: throw malformed("has an unknown escape in a string")
        }
    }

    /// The scalar after `\u`, which may take a second escape (a surrogate pair).
    private mutating func escapedScalar() throws(ModelFileError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, skipExactly(UInt8(ascii: "\\")), skipExactly(UInt8(ascii: "u")) else {
            throw malformed("has half a surrogate pair")
        }
        let second = try hexadecimal()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw malformed("has half a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(ModelFileError) -> UInt32 {
        var total: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw malformed("has an escape without four digits")
            }
            total = total * 16 + UInt32(digit)
            position += 1
        }
        return total
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            position += 1
        }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        skipSpace()
        return skipExactly(byte)
    }

    private mutating func skipExactly(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private func malformed(_ reason: String) -> ModelFileError {
        let offset = position - bytes.startIndex
        return ModelFileError(
            code: .malformedHeader, message: "The header \(reason) (at byte \(offset)).")
    }
}
