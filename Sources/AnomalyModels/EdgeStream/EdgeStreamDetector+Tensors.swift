extension EdgeStreamDetector {
    /// All that the detector learnt, from which `init(tensors:parameters:)` makes it again to the bit.
    package func tensors() -> [String: Tensor] {
        var tensors = calibration.tensors()
        tensors["clock"] = Tensor([clock])
        let (sources, targets) =
            counters.isExact
            ? (counters.sourceTable.slots.array, counters.targetTable.slots.array)
            : (counters.sourceSketch.cells.array, counters.targetSketch.cells.array)
        tensors["source_tags"] = Tensor(sources.map { Int64(bitPattern: $0.tag) })
        tensors["source_counters"] = Tensor(sources.flatMap(\.numbers))
        tensors["target_tags"] = Tensor(targets.map { Int64(bitPattern: $0.tag) })
        tensors["target_counters"] = Tensor(targets.flatMap(\.numbers))
        if counters.isExact {
            tensors["pairs"] = Tensor(counters.pairSet.slots.map { Int64(bitPattern: $0) })
        } else {
            let filter = counters.pairFilter
            tensors["pairs"] = Tensor(filter.words.map { Int64(bitPattern: $0) })
            tensors["previous_pairs"] = Tensor(
                filter.previousWords.map { Int64(bitPattern: $0) })
            tensors["pair_count"] = Tensor([Int64(filter.pairCount)])
        }
        return Dictionary(uniqueKeysWithValues: tensors.map { ("edge_stream.\($0)", $1) })
    }

    /// A detector from its numbers; refused where they are none, so that no file can trap or loop.
    ///
    /// - Parameters:
    ///   - tensors: The numbers; tensors of other names are left to others.
    ///   - parameters: The parameters, the same as the detector had.
    /// - Throws: `ModelFileError` for a tensor that is missing, of another shape or no state, and where
    ///   the parameters are out of range.
    package init(
        tensors: [String: Tensor], parameters: Parameters
    ) throws(ModelFileError) {
        let reader = StreamTensors(tensors: tensors)
        do {
            try self.init(parameters: parameters)
        } catch {
            throw ModelFileError(code: .invalidModel, message: error.message)
        }
        clock = try reader.doubles("clock", count: 1)[0]
        try reader.require("clock", !clock.isNaN && clock < .infinity)
        calibration = try StreamCalibration(reader, parameters)
        let sources = try reader.counters("source", notAfter: clock)
        let targets = try reader.counters("target", notAfter: clock)
        let pairs = try reader.words("pairs")
        switch parameters.storage {
        case .exact(let keyCountMax, let pairCountMax):
            let retention = parameters.retentionSeconds
            counters.sourceTable = try reader.found(
                "source_tags",
                KeyCounterTable(
                    slots: sources, slotCountMax: keyCountMax, retentionSeconds: retention))
            counters.targetTable = try reader.found(
                "target_tags",
                KeyCounterTable(
                    slots: targets, slotCountMax: keyCountMax, retentionSeconds: retention))
            counters.pairSet = try reader.found(
                "pairs",
                PairSet(slots: pairs, slotCountMax: pairCountMax, retentionSeconds: retention))
        case .sketch(let rowCount, let columnCount, let bitCount):
            counters.sourceSketch = try reader.found(
                "source_tags",
                KeyCounterSketch(cells: sources, rowCount: rowCount, columnCount: columnCount))
            counters.targetSketch = try reader.found(
                "target_tags",
                KeyCounterSketch(cells: targets, rowCount: rowCount, columnCount: columnCount))
            let count = try reader.words("pair_count", count: 1)[0]
            counters.pairFilter = try reader.found(
                "pairs",
                PairFilter(
                    words: pairs, previousWords: try reader.words("previous_pairs"),
                    pairCount: Int(truncatingIfNeeded: count), bitCount: bitCount))
        }
    }
}

extension KeyCounters {
    /// The numbers in the order in which `init(tag:numbers:)` takes them.
    fileprivate var numbers: [Double] { [last, birth, fast[0], fast[1], slow[0], slow[1]] }

    fileprivate init(tag: UInt64, numbers: ArraySlice<Double>) {
        let start = numbers.startIndex
        self.init(tag: tag, birth: numbers[start + 1])
        last = numbers[start]
        fast = SIMD2(numbers[start + 2], numbers[start + 3])
        slow = SIMD2(numbers[start + 4], numbers[start + 5])
    }

    /// Whether the numbers can have come from records up to a time.
    fileprivate func isState(notAfter clock: Double) -> Bool {
        birth <= last && last <= clock && birth.isFinite
            && (0..<2).allSatisfy {
                fast[$0] >= 0 && fast[$0].isFinite && slow[$0] >= 0 && slow[$0].isFinite
            }
    }
}

/// Reads a detector's tensors, with what is wrong said by name.
struct StreamTensors {
    let tensors: [String: Tensor]

    func require(_ name: String, _ holds: Bool) throws(ModelFileError) {
        guard holds else {
            throw ModelFileError(
                code: .invalidModel,
                message: "The tensor edge_stream.\(name) is no state of such a detector.")
        }
    }

    func found<Part>(_ name: String, _ part: Part?) throws(ModelFileError) -> Part {
        guard let part else {
            try require(name, false)
            throw ModelFileError(code: .invalidModel, message: "edge_stream.\(name)")
        }
        return part
    }

    func doubles(_ name: String, count: Int? = nil) throws(ModelFileError) -> [Double] {
        let values = try tensor(name).doubles()
        try require(name, count == nil || values.count == count)
        return values
    }

    func words(_ name: String, count: Int? = nil) throws(ModelFileError) -> [UInt64] {
        let values = try tensor(name).int64s()
        try require(name, count == nil || values.count == count)
        return values.map { UInt64(bitPattern: $0) }
    }

    func counters(_ role: String, notAfter clock: Double) throws(ModelFileError) -> [KeyCounters] {
        let tags = try words("\(role)_tags")
        let numbers = try doubles("\(role)_counters", count: tags.count * 6)
        let counters = tags.indices.map {
            KeyCounters(tag: tags[$0], numbers: numbers[6 * $0..<6 * $0 + 6])
        }
        try require(
            "\(role)_counters",
            counters.allSatisfy { $0.tag == 0 ? $0 == KeyCounters() : $0.isState(notAfter: clock) })
        return counters
    }

    private func tensor(_ name: String) throws(ModelFileError) -> Tensor {
        guard let tensor = tensors["edge_stream.\(name)"] else {
            throw ModelFileError(
                code: .missingTensor, message: "The file has no tensor edge_stream.\(name).")
        }
        guard tensor.shape.count == 1 else {
            throw ModelFileError(
                code: .wrongShape, message: "The tensor edge_stream.\(name) is no vector.")
        }
        return tensor
    }
}
