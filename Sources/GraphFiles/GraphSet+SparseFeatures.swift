/// The active features of one entity, a row of `features_sparse.csv`.
///
/// Each active feature has the value one divided by the number of active features; all others
/// are 0.
package struct SparseFeatures: Equatable, Sendable {
    /// The id of the entity in the file.
    package var externalID: String
    /// The position of the entity among the entities of the set.
    package var position: Int
    /// The numbers of the active features, ascending.
    package var active: [Int32]
}

extension GraphSet {
    /// Reads the sparse features, if the set has such a file.
    ///
    /// - Parameters:
    ///   - index: What `readEntities` returned; `nil` reads the entity ids first.
    ///   - body: Takes the features of each entity; what it throws ends the reading.
    /// - Returns: Whether the set has sparse features.
    /// - Throws: `GraphFileError` for the file, and whatever `body` throws.
    @discardableResult
    package func readSparseFeatures(
        index: GraphSetIndex? = nil, _ body: (SparseFeatures) throws -> Void
    ) throws -> Bool {
        guard let sparseFeaturesFile else { return false }
        let index = try index ?? readEntities { _ in }
        var reader = try CSVReader(file: sparseFeaturesFile)
        let parser = try RowParser(
            reader, required: ["entity_id", "active_features"],
            typed: ["entity_id", "active_features"])
        guard let id = parser.column("entity_id"),
            let features = parser.column("active_features")
        else { return false }
        var seen: Set<Int> = []
        var record = CSVRecord()
        while try reader.read(into: &record) {
            let externalID = try parser.text(record, id, reader)
            guard let position = index.position(of: externalID) else {
                throw reader.valueError(
                    record, column: id, "there is no entity “\(parser.excerpt(record, id))”")
            }
            guard seen.insert(position).inserted else {
                throw reader.valueError(
                    record, column: id,
                    "the entity “\(parser.excerpt(record, id))” is there already")
            }
            let bytes = record.bytes.span.extracting(record.range(of: features))
            guard let active = Self.ascendingNumbers(bytes) else {
                throw reader.valueError(
                    record, column: features,
                    "expected feature numbers, ascending and with one space between them")
            }
            try body(SparseFeatures(externalID: externalID, position: position, active: active))
        }
        return true
    }

    private static func ascendingNumbers(_ bytes: Span<UInt8>) -> [Int32]? {
        var numbers: [Int32] = []
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: " ") { end += 1 }
            guard let value = FieldParsing.integer(bytes.extracting(start..<end)), value >= 0,
                let number = Int32(exactly: value), number > numbers.last ?? -1
            else { return nil }
            numbers.append(number)
            start = end + 1
            if end < bytes.count, start == bytes.count { return nil }
        }
        return numbers
    }
}
