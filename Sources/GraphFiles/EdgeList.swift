/// The edges of a file: two ends a row, and the names of the nodes.
///
/// A name may be any text. Where every name of the file is a whole number in its usual notation, the
/// nodes are ordered by number, else by the bytes of their names.
package struct EdgeList: Sendable {
    /// The nodes' names in their order.
    package let names: NodeNames
    /// Where each edge begins, as a position among the names.
    package let sources: [Int32]
    /// Where it ends.
    package let targets: [Int32]
    /// The weight of each row; `nil` where the file has none or nobody asked.
    package let weights: [Double]?

    /// The path that stands for the standard input.
    package static let standardInput = "-"

    /// Reads a file, plain or gzip-compressed, `-` for the standard input.
    ///
    /// - Parameters:
    ///   - file: The path.
    ///   - format: How the rows are laid out.
    ///   - keepsWeights: Whether weights are wanted; they are checked in any case.
    ///   - progress: Told the rows read from time to time; an error of its own ends the reading.
    /// - Throws: `GraphFileError`, or what `progress` throws.
    package init(
        file: String, format: EdgeListFormat = EdgeListFormat(), keepsWeights: Bool = true,
        progress: (_ rowCount: Int) throws -> Void = { _ in }
    ) throws {
        var parser = try EdgeListParser.open(file: file, format: format)
        var collector = EdgeCollector(keepsWeights: keepsWeights && parser.hasWeights)
        while try parser.parseBlock(into: &collector) {
            try progress(collector.rowCount)
        }
        try progress(collector.rowCount)
        let weights = collector.takeWeights()
        let ends = collector.finish()
        names = ends.names
        sources = ends.sources
        targets = ends.targets
        self.weights = weights
    }
}

/// How many rows and about how many nodes a file has, counted without keeping it.
package struct EdgeListSize: Sendable, Equatable {
    /// The rows.
    package let rowCount: Int
    /// The distinct names, within about 2 %.
    package let nodeCount: Int

    /// Reads the whole file once, in constant memory.
    package init(file: String, format: EdgeListFormat = EdgeListFormat()) throws {
        var parser = try EdgeListParser.open(file: file, format: format)
        var sketch = EdgeSketch()
        while try parser.parseBlock(into: &sketch) {}
        rowCount = sketch.rowCount
        nodeCount = sketch.nodeCount
    }
}

/// The names of the nodes of an edge list, in their order.
package enum NodeNames: Sendable {
    /// Whole numbers, ascending.
    case integers([Int64])
    /// Texts, ascending by their bytes.
    case texts(NodeTexts)

    /// The number of nodes.
    package var count: Int {
        switch self {
        case .integers(let values): values.count
        case .texts(let texts): texts.count
        }
    }
}

/// Texts end to end.
package struct NodeTexts: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// No texts.
    init() {}

    /// The number of texts.
    package var count: Int { ends.count }

    /// The UTF-8 of a text.
    package subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    mutating func reserve(count: Int, byteCount: Int) {
        ends.reserveCapacity(count)
        bytes.reserveCapacity(byteCount)
    }

    mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
    }
}
