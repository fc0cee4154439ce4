/// An array of numbers with a shape, as a model file holds it: little-endian, row-major.
package struct Tensor: Sendable, Equatable {
    /// The type of a tensor's numbers; the raw value is the format's name for it.
    package enum Element: String, Sendable, CaseIterable {
        case float32 = "F32"
        case float64 = "F64"
        case int32 = "I32"
        case int64 = "I64"
        case uint8 = "U8"

        /// The size of one number.
        package var byteCount: Int {
            switch self {
            case .float64, .int64: 8
            case .float32, .int32: 4
            case .uint8: 1
            }
        }
    }

    /// The most dimensions that a tensor may have; models here need at most three.
    package static let dimensionCountMax = 8

    /// The type of the numbers.
    package let element: Element
    /// The size of each dimension, the slowest first; empty for a single number.
    package let shape: [Int]
    /// The numbers' bytes.
    package let bytes: [UInt8]

    /// A tensor of raw bytes; refused where their number does not follow from the shape.
    package init(element: Element, shape: [Int], bytes: [UInt8]) throws(ModelFileError) {
        guard Self.byteCount(element, shape) == bytes.count else {
            throw ModelFileError(
                code: .wrongShape,
                message: "\(bytes.count) bytes are no \(element.rawValue) tensor of shape \(shape)."
            )
        }
        self.element = element
        self.shape = shape
        self.bytes = bytes
    }

    /// A vector of 64-bit floating point numbers.
    package init(_ values: [Double]) {
        self.init(.float64, values.map { $0.bitPattern })
    }

    /// A vector of 32-bit floating point numbers.
    package init(_ values: [Float]) {
        self.init(.float32, values.map { $0.bitPattern })
    }

    /// A vector of 32-bit integers.
    package init(_ values: [Int32]) { self.init(.int32, values) }

    /// A vector of 64-bit integers.
    package init(_ values: [Int64]) { self.init(.int64, values) }

    /// A vector of bytes.
    package init(_ values: [UInt8]) { self.init(.uint8, values) }

    /// The same numbers in another shape; refused where the number of elements differs.
    package func reshaped(_ shape: [Int]) throws(ModelFileError) -> Tensor {
        try Tensor(element: element, shape: shape, bytes: bytes)
    }

    /// The numbers of a `float64` tensor.
    package func doubles() throws(ModelFileError) -> [Double] {
        try integers(.float64, UInt64.self).map { Double(bitPattern: $0) }
    }

    /// The numbers of a `float32` tensor.
    package func floats() throws(ModelFileError) -> [Float] {
        try integers(.float32, UInt32.self).map { Float(bitPattern: $0) }
    }

    /// The numbers of an `int32` tensor.
    package func int32s() throws(ModelFileError) -> [Int32] { try integers(.int32, Int32.self) }

    /// The numbers of an `int64` tensor.
    package func int64s() throws(ModelFileError) -> [Int64] { try integers(.int64, Int64.self) }

    /// The numbers of a `uint8` tensor.
    package func uint8s() throws(ModelFileError) -> [UInt8] { try integers(.uint8, UInt8.self) }

    /// The bytes that a shape takes; nil where the shape is impossible.
    static func byteCount(_ element: Element, _ shape: [Int]) -> Int? {
        guard shape.count <= dimensionCountMax else { return nil }
        var total = element.byteCount
        for size in shape {
            let (product, overflow) = total.multipliedReportingOverflow(by: size)
            guard size >= 0, !overflow else { return nil }
            total = product
        }
        return total
    }

    private init<Word: FixedWidthInteger>(_ element: Element, _ words: [Word]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.count * element.byteCount)
        for word in words {
            withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
        }
        self.element = element
        shape = [words.count]
        self.bytes = bytes
    }

    private func integers<Word: FixedWidthInteger>(
        _ expected: Element, _ type: Word.Type
    ) throws(ModelFileError) -> [Word] {
        guard element == expected else {
            throw ModelFileError(
                code: .wrongShape,
                message: "The tensor holds \(element.rawValue), not \(expected.rawValue).")
        }
        let size = element.byteCount
        return bytes.withUnsafeBytes { raw in
            (0..<raw.count / size).map {
                Word(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * size, as: Word.self))
            }
        }
    }
}
