extension EdgeStreamDetector {
    /// How the counters are kept.
    package enum Storage: Sendable, Equatable, Codable {
        /// Exact tables that grow up to so many places, powers of two; see `KeyCounterTable`, `PairSet`.
        ///
        /// A key takes 64 bytes in each role, a pair 8; half of the places are used, of those for pairs
        /// five in eight.
        case exact(keySlotCountMax: Int, pairSlotCountMax: Int)
        /// Count-min sketches of fixed size for each role, and a filter of so many bits for the pairs.
        case sketch(rowCount: Int, columnCount: Int, pairBitCount: Int)

        /// At most 42 MB: 131,072 keys in each role and 655,360 pairs.
        package static let exactDefault = exact(
            keySlotCountMax: 1 << 18, pairSlotCountMax: 1 << 20)
        /// 4.3 MB: two rows of 16,384 cells in each role, 100,000 pairs in each of two generations.
        package static let sketchDefault = sketch(
            rowCount: 2, columnCount: 1 << 14, pairBitCount: 1 << 20)
    }

    /// The parameters of a detector.
    package struct Parameters: Sendable, Equatable, Codable {
        /// The time in which a record loses half its weight: one tick of the data.
        package var halfLifeSeconds = 60.0
        /// The decayed count that is expected of a key without a past.
        package var priorCount = 0.1
        /// The time that is added to a key's life, so that its first records are no rate yet.
        package var priorExposureSeconds = 7_200.0
        /// The score from which a record is hot and teaches only the rate that was known already.
        package var filterThreshold = 30.0
        /// How much a learnt rate may grow in a day of hot records only; 0.1 is a tenth.
        package var growthPerDay = 0.0
        /// The records at the stream's beginning that the tail probabilities are calibrated with.
        package var calibrationCount = 20_000
        /// The share of them that makes the tail.
        package var tailShare = 0.02
        /// Whether later records refine the calibration, but those below p = 1/1,000 in any channel.
        package var refreshesCalibration = false
        /// Keys and pairs that are idle for longer are as good as unseen; exact tables only.
        package var retentionSeconds = 30 * 86_400.0
        /// How the counters are kept.
        package var storage = Storage.exactDefault
        /// The seed of the hash.
        package var seed: UInt64 = 1

        /// The default parameters.
        package init() {}
    }
}

extension EdgeStreamDetector.Parameters {
    /// Refuses what no detector can be made of.
    ///
    /// - Throws: `ModelError` with the parameter's name and range.
    package func validate() throws(ModelError) {
        try require(halfLifeSeconds > 0 && halfLifeSeconds.isFinite, "halfLifeSeconds is positive")
        try require(priorCount > 0 && priorCount.isFinite, "priorCount is positive")
        try require(
            priorExposureSeconds > 0 && priorExposureSeconds.isFinite,
            "priorExposureSeconds is positive")
        try require(filterThreshold > 0, "filterThreshold is positive")
        try require(growthPerDay >= 0 && growthPerDay.isFinite, "growthPerDay is at least 0")
        try require(
            (StreamCalibration.recordCountMin...1 << 32).contains(calibrationCount),
            "calibrationCount is at least \(StreamCalibration.recordCountMin)")
        try require(tailShare > 0 && tailShare <= 0.5, "tailShare lies in 0...0.5, above 0")
        try require(retentionSeconds > 0, "retentionSeconds is positive")
        switch storage {
        case .exact(let keys, let pairs):
            try require(
                isSize(keys, atLeast: KeyCounterTable.slotCountMin),
                "keySlotCountMax is a power of two, at least \(KeyCounterTable.slotCountMin)")
            try require(
                isSize(pairs, atLeast: PairSet.slotCountMin),
                "pairSlotCountMax is a power of two, at least \(PairSet.slotCountMin)")
        case .sketch(let rows, let columns, let bits):
            try require((1...16).contains(rows), "rowCount lies in 1...16")
            try require((1...1 << 26).contains(columns), "columnCount lies in 1...67,108,864")
            try require(
                (512...1 << 36).contains(bits) && bits % 512 == 0,
                "pairBitCount is a multiple of 512, at least that")
        }
    }

    private func isSize(_ count: Int, atLeast smallest: Int) -> Bool {
        count.nonzeroBitCount == 1 && (smallest...1 << 30).contains(count)
    }

    private func require(_ holds: Bool, _ rule: String) throws(ModelError) {
        guard holds else { throw ModelError(code: .invalidParameter, message: "\(rule).") }
    }
}
