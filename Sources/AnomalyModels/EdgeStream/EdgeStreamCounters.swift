/// The counters of sources and targets and the pairs seen, in tables or in sketches.
///
/// The parts of the other kind are empty. They are stored side by side, not as payloads of an enum, so
/// that they change in place.
struct EdgeStreamCounters: Sendable, Equatable {
    /// What a step finds in one role.
    struct Step {
        var scores: SIMD2<Double>
        var counts: SIMD2<Double>
        var expected: SIMD2<Double>
    }

    let isExact: Bool
    var sourceTable: KeyCounterTable
    var targetTable: KeyCounterTable
    var pairSet: PairSet
    var sourceSketch: KeyCounterSketch
    var targetSketch: KeyCounterSketch
    var pairFilter: PairFilter

    init(_ parameters: EdgeStreamDetector.Parameters) {
        let retention = parameters.retentionSeconds
        var sizes = (keys: 0, pairs: 0, rows: 0, columns: 0, bits: 0)
        switch parameters.storage {
        case .exact(let keys, let pairs):
            isExact = true
            (sizes.keys, sizes.pairs) = (keys, pairs)
        case .sketch(let rows, let columns, let bits):
            isExact = false
            (sizes.rows, sizes.columns, sizes.bits) = (rows, columns, bits)
        }
        sourceTable = KeyCounterTable(slotCountMax: sizes.keys, retentionSeconds: retention)
        targetTable = sourceTable
        pairSet = PairSet(slotCountMax: sizes.pairs, retentionSeconds: retention)
        sourceSketch = KeyCounterSketch(rowCount: sizes.rows, columnCount: sizes.columns)
        targetSketch = sourceSketch
        pairFilter = PairFilter(bitCount: sizes.bits)
    }

    /// The memory in bytes.
    var byteCount: Int {
        sourceTable.byteCount + targetTable.byteCount + pairSet.byteCount
            + sourceSketch.byteCount + targetSketch.byteCount + pairFilter.byteCount
    }

    /// Notes the pair of a record, counts it in both roles, and learns from it.
    @inline(__always)
    mutating func count(
        _ source: UInt64, _ target: UInt64, pair: UInt64, at time: Double, _ rates: StreamRates
    ) -> (source: Step, target: Step) {
        if isExact {
            let record = SIMD2<Double>(1, pairSet.insert(pair, at: time) ? 1 : 0)
            return (
                sourceTable.withCounters(of: source, at: time) {
                    rates.step(record, at: time, in: &$0)
                },
                targetTable.withCounters(of: target, at: time) {
                    rates.step(record, at: time, in: &$0)
                }
            )
        }
        let record = SIMD2<Double>(1, pairFilter.insert(pair) ? 1 : 0)
        return (
            sourceSketch.withCounters(of: source, at: time, rates) {
                rates.step(record, at: time, in: &$0)
            },
            targetSketch.withCounters(of: target, at: time, rates) {
                rates.step(record, at: time, in: &$0)
            }
        )
    }

    /// Reads the places of a record without counting it; the result means nothing.
    @inline(__always)
    func touch(_ source: UInt64, _ target: UInt64, pair: UInt64) -> UInt64 {
        isExact
            ? pairSet.touch(pair) &+ sourceTable.touch(source) &+ targetTable.touch(target)
            : pairFilter.touch(pair) &+ sourceSketch.touch(source) &+ targetSketch.touch(target)
    }
}
