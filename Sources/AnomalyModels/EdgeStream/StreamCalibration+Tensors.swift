extension StreamCalibration {
    /// The histogram and the calibration in force.
    func tensors() -> [String: Tensor] {
        [
            "score_counts": Tensor(counts),
            "score_sums": Tensor(sums),
            "record_counts": Tensor([Int64(recordCount), Int64(calibratedCount)]),
            "strangeness_edges": Tensor(
                edges.flatMap { edge in (0..<Self.laneCount).map { edge[$0] } }),
            "strangeness_tails": Tensor(
                [tailStart, tailBase, tailSlope].flatMap { lanes in
                    (0..<Self.laneCount).map { lanes[$0] }
                }),
        ]
    }

    /// A calibration of tensors; refused where they are none.
    init(
        _ reader: StreamTensors, _ parameters: EdgeStreamDetector.Parameters
    ) throws(ModelFileError) {
        self.init(parameters)
        let size = Self.bucketCount * Self.laneCount
        counts = try reader.words("score_counts", count: size).map { Int64(bitPattern: $0) }
        sums = try reader.doubles("score_sums", count: size)
        let totals = try reader.words("record_counts", count: 2)
        let edgeValues = try reader.doubles("strangeness_edges")
        let tails = try reader.doubles("strangeness_tails", count: 3 * Self.laneCount)
        try reader.require("record_counts", totals.allSatisfy { $0 < 1 << 53 })
        recordCount = Int(totals[0])
        calibratedCount = Int(totals[1])
        let lanes = (0..<Self.laneCount).map { lane in
            stride(from: lane, to: size, by: Self.laneCount).reduce(into: Int64(0)) {
                $0 &+= counts[$1]
            }
        }
        try reader.require(
            "score_counts",
            counts.allSatisfy { (0...Int64(recordCount)).contains($0) }
                && lanes.allSatisfy { $0 == Int64(recordCount) })
        try reader.require("score_sums", sums.allSatisfy { $0 >= 0 && $0.isFinite })
        let edgeCount = calibratedCount == 0 ? 0 : Self.bucketCount + 1
        try reader.require(
            "strangeness_edges",
            edgeValues.count == edgeCount * Self.laneCount
                && edgeValues.allSatisfy { (0...20).contains($0) })
        edges = (0..<edgeCount).map { edge in
            SIMD4(edgeValues[edge * Self.laneCount..<(edge + 1) * Self.laneCount])
        }
        try reader.require(
            "strangeness_tails", tails.allSatisfy { $0 >= 0 })
        tailStart = SIMD4(tails[0..<4])
        tailBase = SIMD4(tails[4..<8])
        tailSlope = SIMD4(tails[8..<12])
    }
}
