import AnomalyModels

/// Damages model files in the ways that a reader has to stand, each chosen by a seed.
///
/// Half of the damage is blind (bits, bytes, ranges); the other half knows the format, so that it gets
/// past the first check: the header's length follows the header, numbers and names change within the
/// JSON, tensors keep their byte ranges and hold numbers that are no model.
struct ArchiveMutator {
    private let archive: ModelArchive
    private let bytes: [UInt8]
    var random: SeededRandom

    init(_ archive: ModelArchive, seed: UInt64) {
        self.archive = archive
        bytes = archive.encoded()
        random = SeededRandom(seed: seed)
    }

    /// The next damaged file.
    mutating func next() -> [UInt8] {
        switch random.index(below: 8) {
        case 0, 1: blind()
        case 2: headerLength()
        case 3, 4: header()
        case 5, 6: tensors()
        default: texts()
        }
    }

    private mutating func blind() -> [UInt8] {
        var damaged = bytes
        for _ in 0...random.index(below: 4) { Self.damage(&damaged, &random) }
        return damaged
    }

    private mutating func headerLength() -> [UInt8] {
        let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let lengths: [UInt64] = [
            0, 1, 7, 8, length &- 1, length &+ 1, length &+ 8, length * 2, UInt64(bytes.count),
            UInt64(bytes.count) - 8, 16 << 20, (16 << 20) + 1, 1 << 31, 1 << 32, 1 << 62, 1 << 63,
            .max, .max - 7, random.next(), random.next() % UInt64(2 * bytes.count),
        ]
        let chosen = lengths[random.index(below: lengths.count)]
        return Self.littleEndian(chosen) + bytes[8...]
    }

    /// Changes the header's text and keeps its length right, mostly.
    private mutating func header() -> [UInt8] {
        let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        var header = Array(bytes[8..<8 + length])
        for _ in 0...random.index(below: 3) { changeToken(&header) }
        let announced = random.index(below: 8) == 0 ? length : header.count
        return Self.littleEndian(UInt64(announced)) + header + bytes[(8 + length)...]
    }

    private static let numbers = [
        "0", "1", "2", "7", "8", "255", "4096", "2147483647", "2147483648", "4294967296",
        "4611686018427387904", "9223372036854775807", "9223372036854775808",
        "18446744073709551615", "99999999999999999999999", "-1", "-0", "00", "1.5", "1e9", "1e999",
        "NaN", "Infinity", "null", "true", "\"1\"", "[]", "[1]", "{}", "",
    ]
    private static let texts = [
        "\"F64\"", "\"F32\"", "\"I32\"", "\"I64\"", "\"U8\"", "\"BF16\"", "\"\"",
        "\"__metadata__\"",
        "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\u0000\"", "\"\\x\"", "\"shape\"", "\"dtype\"",
        "\"data_offsets\"", "\"forest.feature\"", "1", "{}", "null",
    ]

    /// Replaces a number or a string, repeats an entry, nests, or breaks the encoding.
    private mutating func changeToken(_ text: inout [UInt8]) {
        guard !text.isEmpty else { return }
        switch random.index(below: 9) {
        case 0, 1, 2:
            guard let range = token(in: text, where: { (0x30...0x39).contains($0) }) else { return }
            text.replaceSubrange(range, with: Self.pick(Self.numbers, &random))
        case 3:
            guard let range = quoted(in: text) else { return }
            text.replaceSubrange(range, with: Self.pick(Self.texts, &random))
        case 4:
            // A name that comes twice: an entry from its name to the end of its object, again.
            let start = random.index(below: text.count)
            guard
                let before = text[start...].indices.dropLast().first(where: {
                    (text[$0] == 0x2C || text[$0] == 0x7B) && text[$0 + 1] == 0x22
                }), let end = text[before...].firstIndex(of: 0x7D)
            else { return }
            text.insert(contentsOf: Array(text[before + 1...end]) + [0x2C], at: before + 1)
        case 5:
            let depth = [1, 3, 4, 5, 600, 20_000][random.index(below: 6)]
            let open: UInt8 = random.index(below: 2) == 0 ? 0x5B : 0x7B
            text.insert(
                contentsOf: [UInt8](repeating: open, count: depth),
                at: random.index(below: text.count))
        case 6:
            let foreign: [[UInt8]] = [
                [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
                [0xEF, 0xBB, 0xBF],
                [0], [0x1F], [0xE2, 0x82],
            ]
            text.insert(
                contentsOf: foreign[random.index(below: foreign.count)],
                at: random.index(below: text.count))
        case 7:
            // A shape of many or overflowing dimensions.
            guard let bracket = text.lastIndex(of: 0x5B) else { return }
            let sizes = [
                "4294967296,4294967296,", "0,9223372036854775807,", "1,1,1,1,1,1,1,1,1,",
                "9223372036854775807,", "3037000500,3037000500,",
            ]
            text.insert(contentsOf: Self.pick(sizes, &random), at: bracket + 1)
        default: Self.damage(&text, &random)
        }
    }

    /// Keeps the file sound and makes its numbers hostile.
    private mutating func tensors() -> [UInt8] {
        var damaged = archive
        let names = archive.tensors.keys.sorted()
        for _ in 0...random.index(below: 3) {
            let name = names[random.index(below: names.count)]
            guard let tensor = damaged.tensors[name] else { continue }
            damaged.tensors[name] = changed(tensor)
            if random.index(below: 40) == 0 { damaged.tensors[name] = nil }
        }
        return damaged.encoded()
    }

    private mutating func changed(_ tensor: Tensor) -> Tensor {
        let size = tensor.element.byteCount
        let count = tensor.bytes.count / size
        var values = tensor.bytes
        switch random.index(below: 8) {
        case 0:
            // Fewer or more numbers, or another shape of the same.
            let kept = random.index(below: count + 2)
            values = Array(values.prefix(kept * size))
            values += [UInt8](repeating: 0, count: kept * size - values.count)
            return (try? Tensor(element: tensor.element, shape: [kept], bytes: values)) ?? tensor
        case 1: return (try? tensor.reshaped([1] + tensor.shape)) ?? tensor
        case 2:
            let element = Tensor.Element.allCases[random.index(below: 5)]
            let kept = values.count / element.byteCount
            let cut = Array(values.prefix(kept * element.byteCount))
            return (try? Tensor(element: element, shape: [kept], bytes: cut)) ?? tensor
        case 3:
            guard count > 1 else { return tensor }
            // Two numbers change places: children that cross, trees that overlap.
            let (first, second) = (random.index(below: count), random.index(below: count))
            for byte in 0..<size { values.swapAt(first * size + byte, second * size + byte) }
        default:
            guard count > 0 else { return tensor }
            for _ in 0...random.index(below: 3) {
                let start = random.index(below: count) * size
                let word = hostileWord(tensor.element, count: count)
                for byte in 0..<size {
                    values[start + byte] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(byte)))
                }
            }
        }
        return (try? Tensor(element: tensor.element, shape: tensor.shape, bytes: values)) ?? tensor
    }

    private mutating func hostileWord(_ element: Tensor.Element, count: Int) -> UInt64 {
        let near = UInt64(bitPattern: Int64(random.index(below: count + 3) - 1))
        switch element {
        case .float64:
            let values: [Double] = [
                .nan, .infinity, -.infinity, 0, -0.0, -1, 1e9, .greatestFiniteMagnitude, 0.5,
                .leastNonzeroMagnitude,
            ]
            return values[random.index(below: values.count)].bitPattern
        case .float32:
            let values: [Float] = [.nan, .infinity, 0, -1, 1e9, .greatestFiniteMagnitude]
            return UInt64(values[random.index(below: values.count)].bitPattern)
        case .int32, .int64, .uint8:
            let values: [UInt64] = [
                0, 1, .max, 1 << 31, (1 << 31) - 1, 1 << 63, (1 << 63) - 1, 1 << 20, near, near,
                near, near, random.next(),
            ]
            return values[random.index(below: values.count)]
        }
    }

    /// Keeps the file sound and damages one of its texts.
    private mutating func texts() -> [UInt8] {
        var damaged = archive
        let names = archive.metadata.keys.sorted()
        guard !names.isEmpty else { return blind() }
        let name = names[random.index(below: names.count)]
        var text = Array((archive.metadata[name] ?? "").utf8)
        for _ in 0...random.index(below: 3) { changeToken(&text) }
        damaged.metadata[name] = String(decoding: text, as: UTF8.self)
        return damaged.encoded()
    }

    /// One blind change.
    static func damage(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        let position = random.index(below: bytes.count)
        switch random.index(below: 6) {
        case 0: bytes[position] ^= 1 << UInt8(random.index(below: 8))
        case 1: bytes[position] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes.remove(at: position)
        case 3: bytes.insert(Array(#"{}[]",:0129\u"#.utf8)[random.index(below: 13)], at: position)
        case 4: bytes.removeSubrange(position...)
        default:
            let end = min(bytes.count, position + random.index(below: 40))
            bytes.insert(contentsOf: bytes[position..<end], at: random.index(below: bytes.count))
        }
    }

    private mutating func token(
        in text: [UInt8], where belongs: (UInt8) -> Bool
    ) -> Range<Int>? {
        let start = random.index(below: text.count)
        guard let first = text[start...].firstIndex(where: belongs) else { return nil }
        let end = text[first...].firstIndex { !belongs($0) } ?? text.count
        return first..<end
    }

    private mutating func quoted(in text: [UInt8]) -> Range<Int>? {
        let start = random.index(below: text.count)
        guard let first = text[start...].firstIndex(of: 0x22),
            let last = text[(first + 1)...].firstIndex(of: 0x22)
        else { return nil }
        return first..<last + 1
    }

    private static func pick(_ texts: [String], _ random: inout SeededRandom) -> [UInt8] {
        Array(texts[random.index(below: texts.count)].utf8)
    }

    private static func littleEndian(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
}
