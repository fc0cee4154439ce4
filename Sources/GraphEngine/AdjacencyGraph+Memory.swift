extension AdjacencyGraph {
    /// The bytes that the engine holds now, free room included.
    package var byteCount: Int { byteCounts.reduce(0) { $0 + $1.byteCount } }

    /// The bytes of each part.
    package var byteCounts: [(part: String, byteCount: Int)] {
        rows.byteCounts + [
            ("incidence", incidence.byteCount), ("node keys", nodes.byteCount),
            ("degrees", degrees.byteCount), ("triangles", triangles.byteCount),
            ("row counts", outRows.byteCount + inRows.byteCount),
        ]
    }

    /// The bytes for each edge row, the nodes' share included; NaN without rows.
    package var bytesPerEdge: Double {
        edgeCount == 0 ? .nan : Double(byteCount) / Double(edgeCount)
    }

    /// The bytes that a graph of this size needs once it is loaded.
    ///
    /// Keys are taken to lie close together, as those of identity columns do.
    /// - Parameters:
    ///   - nodeCount: The number of nodes.
    ///   - edgeCount: The number of edge rows.
    ///   - valueByteCount: The bytes of a row's weight, confidence and time together: 24 where each
    ///     needs the whole of a double, 9 for weights with two decimals, confidences with two and times
    ///     in seconds, 0 where there are none.
    /// - Returns: The estimate, within a tenth where the values are as described.
    package static func estimatedByteCount(
        nodeCount: Int, edgeCount: Int, valueByteCount: Int = 11
    ) -> Int {
        let values =
            valueByteCount == 0
            ? 0 : PackedColumn.byteCount(count: edgeCount, width: valueByteCount)
        let rows =
            KeyBlocks.byteCount(denseCount: edgeCount)
            + PagedColumn<EdgeEnds>.byteCount(count: edgeCount)
            + PackedColumn.byteCount(count: edgeCount, width: 1) + values
        // Blocks above 16 entries are up to an eighth too large, on average less than a twentieth.
        let entries = Int(Double(edgeCount * 2) * listSlack)
        let nodes =
            KeyBlocks.byteCount(denseCount: nodeCount)
            + PagedColumn<ListArena.Header>.byteCount(count: nodeCount)
            + 2 * PagedColumn<Int32>.byteCount(count: nodeCount)
            + 2 * PagedColumn<UInt8>.byteCount(count: nodeCount)
        return rows + PagedColumn<Int32>.byteCount(count: entries) + nodes
    }

    private static let listSlack = 1.02
}
