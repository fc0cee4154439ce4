package import PostgresClient

/// The pictures of `vigil.renderings`, and who waits for one.
package enum RenderingStore {
    /// A picture that somebody waits for.
    package struct Wanted: Sendable, Equatable {
        package var anomalyID: String
        package var hops: Int
        package var nodeCountMax: Int

        package init(anomalyID: String, hops: Int, nodeCountMax: Int) {
            self.anomalyID = anomalyID
            self.hops = hops
            self.nodeCountMax = nodeCountMax
        }
    }

    /// A number that moves whenever somebody begins to wait for a picture.
    package static func bell(
        on connection: PostgresConnection
    ) async throws(PostgresError) -> Int64 {
        try await connection.query(
            "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM vigil.drawing_bell"
        ).int64(row: 0, column: 0)
    }

    /// The SVG pictures that callers of `vigil.anomaly_svg` wait for.
    package static func wanted(
        on connection: PostgresConnection
    ) async throws(PostgresError) -> [Wanted] {
        let answer = try await connection.query(
            "SELECT anomaly_id::text, hops, nodes FROM vigil.wanted_drawings()")
        var wanted: [Wanted] = []
        for row in 0..<answer.rowCount {
            wanted.append(
                Wanted(
                    anomalyID: try answer.string(row: row, column: 0),
                    hops: Int(try answer.int32(row: row, column: 1)),
                    nodeCountMax: Int(try answer.int32(row: row, column: 2))))
        }
        return wanted
    }

    /// A picture that was drawn before and still is as it would be drawn now; nil where there is none.
    package static func kept(
        _ wanted: Wanted, format: String, on connection: PostgresConnection
    ) async throws(PostgresError) -> [UInt8]? {
        let answer = try await connection.query(
            "SELECT content FROM vigil.find_rendering($1, $2, $3, $4)",
            [
                .uuid(wanted.anomalyID), .text(format), .int32(Int32(wanted.hops)),
                .int32(Int32(wanted.nodeCountMax)),
            ])
        guard answer.rowCount == 1, !answer.isNull(row: 0, column: 0) else { return nil }
        return Array(try answer.bytes(row: 0, column: 0))
    }

    /// Keeps a picture, or why there could be none, in place of the one before.
    package static func store(
        _ content: [UInt8]?, error: String?, format: String, of wanted: Wanted,
        drawnFrom detection: AnomalyStore.Detection, on connection: PostgresConnection
    ) async throws(PostgresError) {
        _ = try await connection.query(
            "SELECT vigil.store_rendering($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                .uuid(wanted.anomalyID), .text(format), .int32(Int32(wanted.hops)),
                .int32(Int32(wanted.nodeCountMax)), .optional(detection.graphEpoch),
                .timestampSeconds(detection.lastDetected), content.map { .bytes($0) } ?? .null,
                .optional(error),
            ])
    }
}
