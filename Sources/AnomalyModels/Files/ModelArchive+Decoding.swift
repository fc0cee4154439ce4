extension ModelArchive {
    /// Reads a file's bytes; whatever is wrong with them becomes an error that says so.
    package init(decoding bytes: [UInt8]) throws(ModelFileError) {
        let headerByteCount = try Self.headerByteCount(bytes)
        let header = try HeaderParser.parse(bytes[8..<8 + headerByteCount])
        guard case .object(let entries) = header else {
            throw ModelFileError(code: .malformedHeader, message: "The header is no JSON object.")
        }
        guard entries.count <= Self.tensorCountMax else {
            throw ModelFileError(
                code: .oversized,
                message: "The file names \(entries.count) tensors; the limit is "
                    + "\(Self.tensorCountMax).")
        }
        self.init()
        let buffer = bytes[(8 + headerByteCount)...]
        var announced: [TensorEntry] = []
        for entry in entries {
            if entry.name == Self.metadataName {
                metadata = try Self.decodedMetadata(entry.value)
            } else {
                announced.append(try TensorEntry(name: entry.name, entry.value))
            }
        }
        // Nothing is copied before it is known that all tensors together are as large as the file.
        try Self.validateCoverage(announced, byteCount: buffer.count)
        for entry in announced { tensors[entry.name] = try entry.tensor(in: buffer) }
    }

    private static func headerByteCount(_ bytes: [UInt8]) throws(ModelFileError) -> Int {
        guard bytes.count <= byteCountMax else {
            throw ModelFileError(
                code: .oversized,
                message: "The file has \(bytes.count) bytes; the limit is \(byteCountMax).")
        }
        guard bytes.count >= 8 else {
            throw ModelFileError(
                code: .truncated, message: "The file ends before the length of its header.")
        }
        let announced = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard announced <= UInt64(headerByteCountMax) else {
            throw ModelFileError(
                code: .oversized,
                message: "The header has \(announced) bytes; the limit is \(headerByteCountMax).")
        }
        guard Int(announced) <= bytes.count - 8 else {
            throw ModelFileError(
                code: .truncated,
                message: "The header has \(announced) bytes; the file ends after "
                    + "\(bytes.count - 8) of them.")
        }
        return Int(announced)
    }

    private static func decodedMetadata(
        _ value: HeaderValue
    ) throws(ModelFileError) -> [String: String] {
        guard case .object(let entries) = value else {
            throw ModelFileError(code: .malformedHeader, message: "The metadata is no JSON object.")
        }
        var metadata: [String: String] = [:]
        for entry in entries {
            guard case .text(let text) = entry.value else {
                throw ModelFileError(
                    code: .malformedHeader,
                    message: "The metadata entry \(entry.name.debugDescription) is no string.")
            }
            metadata[entry.name] = text
        }
        return metadata
    }

    /// The tensors must fill the buffer without overlaps and gaps, in which anything could hide.
    private static func validateCoverage(
        _ entries: [TensorEntry], byteCount: Int
    ) throws(ModelFileError) {
        if let last = entries.max(by: { $0.range.upperBound < $1.range.upperBound }),
            last.range.upperBound > byteCount
        {
            throw ModelFileError(
                code: .truncated,
                message: "Tensor \(last.name.debugDescription) ends at byte "
                    + "\(last.range.upperBound), the file at \(byteCount).")
        }
        var end = 0
        let ascending = entries.map(\.range).sorted {
            ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
        }
        for range in ascending {
            guard range.lowerBound == end else {
                throw ModelFileError(
                    code: .overlappingTensors,
                    message: "A tensor begins at byte \(range.lowerBound), the one before ends at "
                        + "\(end).")
            }
            end = range.upperBound
        }
        guard end == byteCount else {
            throw ModelFileError(
                code: .overlappingTensors,
                message: "The tensors end at byte \(end), the file at \(byteCount).")
        }
    }
}

/// What the header says about one tensor.
private struct TensorEntry {
    let name: String
    let element: Tensor.Element
    let shape: [Int]
    let range: Range<Int>

    init(name: String, _ value: HeaderValue) throws(ModelFileError) {
        guard case .object(let fields) = value, fields.count == 3 else {
            throw Self.malformed(name)
        }
        var type: String?
        var shape: [Int]?
        var offsets: [Int]?
        for field in fields {
            switch (field.name, field.value) {
            case ("dtype", .text(let text)): type = text
            case ("shape", .list(let values)): shape = try Self.counts(values, of: name)
            case ("data_offsets", .list(let values)): offsets = try Self.counts(values, of: name)
            default: throw Self.malformed(name)
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2 else {
            throw Self.malformed(name)
        }
        guard let element = Tensor.Element(rawValue: type) else {
            throw ModelFileError(
                code: .unsupportedElement,
                message: "Tensor \(name.debugDescription) has elements of type "
                    + "\(type.debugDescription).")
        }
        guard offsets[0] <= offsets[1],
            Tensor.byteCount(element, shape) == offsets[1] - offsets[0]
        else {
            throw ModelFileError(
                code: .wrongShape,
                message: "Tensor \(name.debugDescription) of shape \(shape) cannot lie at bytes "
                    + "\(offsets[0]) to \(offsets[1]).")
        }
        self.name = name
        self.element = element
        self.shape = shape
        range = offsets[0]..<offsets[1]
    }

    /// The tensor, its range being one of the buffer.
    func tensor(in buffer: ArraySlice<UInt8>) throws(ModelFileError) -> Tensor {
        let start = buffer.startIndex
        let bytes = Array(buffer[start + range.lowerBound..<start + range.upperBound])
        return try Tensor(element: element, shape: shape, bytes: bytes)
    }

    private static func counts(
        _ values: [HeaderValue], of name: String
    ) throws(ModelFileError) -> [Int] {
        var counts: [Int] = []
        for value in values {
            guard case .count(let count) = value else { throw malformed(name) }
            counts.append(count)
        }
        return counts
    }

    private static func malformed(_ name: String) -> ModelFileError {
        ModelFileError(
            code: .malformedHeader,
            message: "Tensor \(name.debugDescription) lacks a type, a shape or two offsets.")
    }
}
