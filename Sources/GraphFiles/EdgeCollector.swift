/// Keeps the ends of all rows, and at the end numbers the nodes in their order.
///
/// While every name is a whole number of 32 bits, the numbers themselves are kept, and a bitmap ranks
/// them in the end. From the first other name on, names are looked up in a table.
struct EdgeCollector: ~Copyable, EdgeSink {
    /// The ends as positions, and the names that they are positions in.
    struct Ends {
        var names: NodeNames
        var sources: [Int32]
        var targets: [Int32]
    }

    private var sources: [Int32] = []
    private var targets: [Int32] = []
    private var weights: [Double]?
    private var table = NameTable()
    private var usesTable = false
    /// Whether every name so far is a whole number in its usual notation.
    private var isInteger = true

    var rowCount: Int { targets.count }

    init(keepsWeights: Bool) {
        if keepsWeights { weights = [] }
    }

    @inline(__always)
    mutating func add(
        _ source: EdgeEnd, _ target: EdgeEnd, weight: Double, _ bytes: UnsafePointer<UInt8>
    ) -> (column: EdgeColumn, reason: String)? {
        if !usesTable, source.kind == .integer, target.kind == .integer {
            sources.append(source.integer)
            targets.append(target.integer)
        } else {
            if !usesTable { startTable() }
            guard let first = number(source, bytes) else { return (.source, Self.badText) }
            guard let second = number(target, bytes) else { return (.target, Self.badText) }
            sources.append(first)
            targets.append(second)
        }
        weights?.append(weight)
        return nil
    }

    mutating func takeWeights() -> [Double]? {
        defer { weights = nil }
        return weights
    }

    /// Numbers the nodes in their order; the collector is empty afterwards.
    mutating func finish() -> Ends {
        if !usesTable {
            if let names = rankIntegers() {
                return take(.integers(names))
            }
            startTable()
        }
        let order = isInteger ? integerOrder() : textOrder()
        var ranks = [Int32](repeating: 0, count: table.count)
        for (rank, number) in order.numbers.enumerated() { ranks[Int(number)] = Int32(rank) }
        for row in sources.indices {
            sources[row] = ranks[Int(sources[row])]
            targets[row] = ranks[Int(targets[row])]
        }
        return take(order.names)
    }

    private static let badText = "the name holds bytes that are not UTF-8, or a NUL byte"

    private mutating func take(_ names: NodeNames) -> Ends {
        let ends = Ends(names: names, sources: sources, targets: targets)
        (sources, targets) = ([], [])
        table = NameTable()
        return ends
    }

    // MARK: - Names in the table

    /// The number of a name in the table; nil for a text that no node can have.
    private mutating func number(_ end: EdgeEnd, _ bytes: UnsafePointer<UInt8>) -> Int32? {
        let name = UnsafeBufferPointer(start: bytes + end.start, count: end.count)
        let (number, isNew) = table.number(of: name)
        guard isNew else { return number }
        if end.kind == .text {
            if isInteger,
                end.isEscaped || EdgeListParser.integer(bytes + end.start, end.count) == nil
            {
                isInteger = false
            }
            guard !name.contains(0), (try? UTF8Span(validating: name.span)) != nil else {
                return nil
            }
        }
        return number
    }

    /// Goes over to names: what was kept as numbers is looked up as their texts.
    private mutating func startTable() {
        usesTable = true
        for row in sources.indices {
            sources[row] = number(ofInteger: sources[row])
            targets[row] = number(ofInteger: targets[row])
        }
    }

    private mutating func number(ofInteger value: Int32) -> Int32 {
        var text = String(value)
        return text.withUTF8 { table.number(of: $0).number }
    }

    private func integerOrder() -> (numbers: [Int32], names: NodeNames) {
        var keyed: [(key: Int64, number: Int32)] = []
        keyed.reserveCapacity(table.count)
        for number in 0..<table.count {
            let key = table.withName(number) { name -> Int64? in
                name.baseAddress.flatMap { EdgeListParser.integer($0, name.count) }
            }
            keyed.append((key ?? 0, Int32(number)))
        }
        keyed.sort { $0.key < $1.key }
        return (keyed.map(\.number), .integers(keyed.map(\.key)))
    }

    /// By bytes, the first eight of them at once.
    private func textOrder() -> (numbers: [Int32], names: NodeNames) {
        var keyed: [(prefix: UInt64, number: Int32)] = []
        keyed.reserveCapacity(table.count)
        for number in 0..<table.count {
            let prefix = table.withName(number) { name in
                (0..<8).reduce(UInt64(0)) { $0 << 8 | ($1 < name.count ? UInt64(name[$1]) : 0) }
            }
            keyed.append((prefix, Int32(number)))
        }
        keyed.sort { first, second in
            guard first.prefix == second.prefix else { return first.prefix < second.prefix }
            return table.withName(Int(first.number)) { left in
                table.withName(Int(second.number)) { left.lexicographicallyPrecedes($0) }
            }
        }
        var texts = NodeTexts()
        texts.reserve(count: table.count, byteCount: table.byteCount)
        for each in keyed { table.withName(Int(each.number)) { texts.append($0) } }
        return (keyed.map(\.number), .texts(texts))
    }

    // MARK: - Numbers alone

    /// Replaces the numbers by their ranks, by a bitmap of all values between the least and the largest.
    ///
    /// Nil, and nothing done, where they lie so far apart that the bitmap would be larger than the rows.
    private mutating func rankIntegers() -> [Int64]? {
        var least = Int32.max
        var largest = Int32.min
        for value in sources { (least, largest) = (min(least, value), max(largest, value)) }
        for value in targets { (least, largest) = (min(least, value), max(largest, value)) }
        guard least <= largest else { return [] }
        let origin = Int(least)
        let wordCount = (Int(largest) - origin) / 64 + 1
        guard wordCount <= max(sources.count, 1 << 14) else { return nil }
        var present = [UInt64](repeating: 0, count: wordCount)
        var before = [Int32](repeating: 0, count: wordCount)
        var names: [Int64] = []
        func note(_ values: [Int32], in words: inout MutableSpan<UInt64>) {
            for value in values {
                let place = Int(value) - origin
                words[place >> 6] |= 1 << UInt64(place & 63)
            }
        }
        var words = present.mutableSpan
        note(sources, in: &words)
        note(targets, in: &words)
        var count = 0
        for word in 0..<wordCount {
            before[word] = Int32(count)
            count += present[word].nonzeroBitCount
        }
        names.reserveCapacity(count)
        for word in 0..<wordCount {
            var bits = present[word]
            while bits != 0 {
                names.append(Int64(origin + word * 64 + bits.trailingZeroBitCount))
                bits &= bits - 1
            }
        }
        func rank(_ value: Int32) -> Int32 {
            let place = Int(value) - origin
            let below = present[place >> 6] & ((1 << UInt64(place & 63)) - 1)
            return before[place >> 6] + Int32(below.nonzeroBitCount)
        }
        for row in sources.indices { sources[row] = rank(sources[row]) }
        for row in targets.indices { targets[row] = rank(targets[row]) }
        return names
    }
}
