/// Exact counters by key: open addressing with linear probing in one flat array of cache lines.
///
/// The table doubles until it has `slotCountMax` places. From then on a full table drops a quarter of
/// its keys: those idle for longer than the retention, then those of least worth, which is the number of
/// records halved for each tenth of the retention without one. So a flood of invented keys, one record
/// each, pushes itself out before it pushes out what was learnt. A dropped key is new when it comes again.
///
/// - Complexity: O(1) expected for each record, amortised over growth and dropping.
struct KeyCounterTable: Sendable, Equatable {
    /// The fewest places; a power of two, as every later size.
    static let slotCountMin = 1_024

    private(set) var slots: KeyCounterArray
    private(set) var keyCount = 0
    let slotCountMax: Int
    let retentionSeconds: Double

    init(slotCountMax: Int, retentionSeconds: Double) {
        self.slotCountMax = slotCountMax
        self.retentionSeconds = retentionSeconds
        slots = KeyCounterArray(count: min(Self.slotCountMin, slotCountMax))
    }

    /// A table of places read from elsewhere; nil where they are none or too full to search.
    init?(slots: [KeyCounters], slotCountMax: Int, retentionSeconds: Double) {
        let used = slots.lazy.filter { $0.tag != 0 }.count
        guard slots.count.nonzeroBitCount == 1, slots.count >= Self.slotCountMin,
            slots.count <= slotCountMax, used <= Self.keyCountMax(slots.count)
        else { return nil }
        self.slots = KeyCounterArray(slots)
        self.slotCountMax = slotCountMax
        self.retentionSeconds = retentionSeconds
        keyCount = used
    }

    /// The memory of the places; half as much again for a moment while the table grows.
    var byteCount: Int { slots.byteCount }

    /// The counters of a key, to be changed in place; those of an unseen one begin at `time`.
    @inline(__always)
    mutating func withCounters<Result>(
        of tag: UInt64, at time: Double, _ body: (inout KeyCounters) -> Result
    ) -> Result {
        if keyCount >= Self.keyCountMax(slots.count) { makeRoom(at: time) }
        return slots.withMutableBuffer { slots in
            let index = Self.index(of: tag, UnsafeBufferPointer(slots))
            if slots[index].tag == 0 {
                slots[index] = KeyCounters(tag: tag, birth: time)
                keyCount &+= 1
            } else if time - slots[index].last > retentionSeconds {
                slots[index] = KeyCounters(tag: tag, birth: time)
            }
            return body(&slots[index])
        }
    }

    /// The counters of a key; nil where nobody has seen it.
    func counters(of tag: UInt64) -> KeyCounters? {
        slots.withBuffer {
            let found = $0[Self.index(of: tag, $0)]
            return found.tag == 0 ? nil : found
        }
    }

    /// Reads the place where a key is most likely; the result means nothing.
    @inline(__always)
    func touch(_ tag: UInt64) -> UInt64 {
        slots.withBuffer { $0[Int(truncatingIfNeeded: tag) & ($0.count &- 1)].tag }
    }

    /// Drops a key; false where it is not there.
    ///
    /// - Complexity: O(places).
    mutating func remove(_ tag: UInt64) -> Bool {
        guard counters(of: tag) != nil else { return false }
        filter { $0.tag != tag }
        return true
    }

    /// Where a key is, or the empty place where it would go.
    @inline(__always)
    static func index(of tag: UInt64, _ slots: UnsafeBufferPointer<KeyCounters>) -> Int {
        let mask = slots.count &- 1
        // The table is never full, so an empty place ends the search.
        var index = Int(truncatingIfNeeded: tag) & mask
        while slots[index].tag != tag, slots[index].tag != 0 { index = (index &+ 1) & mask }
        return index
    }

    /// Half of the places may be taken: a search for a new key, a line each, then looks at 2.5 of them.
    @inline(__always)
    static func keyCountMax(_ slotCount: Int) -> Int { slotCount / 2 }

    private mutating func makeRoom(at time: Double) {
        guard slots.count * 2 > slotCountMax else {
            grow()
            return
        }
        var counts = [Int](repeating: 0, count: 1 << 16)
        slots.withBuffer { slots in
            for counters in slots where counters.tag != 0 {
                counts[Self.worth(counters, time, retentionSeconds)] += 1
            }
        }
        var left = keyCount / 4
        var limit = 0
        while counts[limit] < left {
            left -= counts[limit]
            limit += 1
        }
        var ties = EvenChoice(left, of: counts[limit])
        let retention = retentionSeconds
        filter { counters in
            let worth = Self.worth(counters, time, retention)
            return worth == limit ? !ties.isNextChosen() : worth > limit
        }
    }

    /// The rank of a key's worth, in 0..<65,536, to a sixteenth of an octave; 0 beyond the retention.
    private static func worth(
        _ counters: KeyCounters, _ time: Double, _ retentionSeconds: Double
    ) -> Int {
        let idle = time - counters.last
        guard idle <= retentionSeconds else { return 0 }
        var worth = counters.slow[0]
        if retentionSeconds.isFinite {
            let halvings = Int(idle / retentionSeconds * 10)
            worth *= Double(sign: .plus, exponent: -halvings, significand: 1)
        }
        // The upper bits of a number that is not negative grow with it.
        return Int(worth.bitPattern >> 48)
    }

    private mutating func grow() {
        var grown = KeyCounterArray(count: slots.count * 2)
        grown.withMutableBuffer { grown in
            slots.withBuffer { slots in
                for counters in slots where counters.tag != 0 {
                    grown[Self.index(of: counters.tag, UnsafeBufferPointer(grown))] = counters
                }
            }
        }
        slots = grown
    }

    /// Drops keys in place: from an empty place on, each key is taken out and put back if it stays.
    ///
    /// Those before it in its run are in place again by then, so it moves towards its own place only.
    private mutating func filter(_ stays: (KeyCounters) -> Bool) {
        var count = 0
        slots.withMutableBuffer { slots in
            let mask = slots.count - 1
            let start = slots.firstIndex { $0.tag == 0 } ?? 0
            for step in 1...slots.count {
                let index = (start + step) & mask
                let counters = slots[index]
                guard counters.tag != 0 else { continue }
                slots[index] = KeyCounters()
                guard stays(counters) else { continue }
                slots[Self.index(of: counters.tag, UnsafeBufferPointer(slots))] = counters
                count += 1
            }
        }
        keyCount = count
    }
}

/// Chooses some of a known number of things, spread evenly over them.
///
/// Places of a table must empty everywhere: where only its beginning does, the rest overflows.
struct EvenChoice {
    private let chosenCount: Int
    private let count: Int
    private var sum = 0

    init(_ chosenCount: Int, of count: Int) {
        self.chosenCount = chosenCount
        self.count = count
    }

    mutating func isNextChosen() -> Bool {
        sum += chosenCount
        guard sum >= count else { return false }
        sum -= count
        return true
    }
}
