import ParallelLoops

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

    private(set) var slots: [KeyCounters]
    private(set) var keyCount = 0
    let slotCountMax: Int
    let retentionSeconds: Double

    init(slotCountMax: Int, retentionSeconds: Double) {
        self.slotCountMax = slotCountMax
        self.retentionSeconds = retentionSeconds
        slots = Self.emptySlots(min(Self.slotCountMin, slotCountMax))
    }

    /// A table of places read from elsewhere; nil where they are none or too full to search.
    init?(slots: [KeyCounters], slotCountMax: Int, retentionSeconds: Double) {
        let used = slots.lazy.filter { $0.tag != 0 }.count
        guard slots.count.nonzeroBitCount == 1, slots.count >= Self.slotCountMin,
            slots.count <= slotCountMax, used <= Self.keyCountMax(slots.count)
        else { return nil }
        self.slots = slots
        self.slotCountMax = slotCountMax
        self.retentionSeconds = retentionSeconds
        keyCount = used
    }

    /// The memory of the places; twice as much for a moment while the table is made anew.
    var byteCount: Int { slots.count * MemoryLayout<KeyCounters>.stride }

    /// The counters of a key, to be changed in place; those of an unseen one begin at `time`.
    @inline(__always)
    mutating func withCounters<Result>(
        of tag: UInt64, at time: Double, _ body: (inout KeyCounters) -> Result
    ) -> Result {
        if keyCount >= Self.keyCountMax(slots.count) { makeRoom(at: time) }
        return slots.withUnsafeMutableBufferPointer { slots in
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
        slots.withUnsafeBufferPointer {
            let found = $0[Self.index(of: tag, $0)]
            return found.tag == 0 ? nil : found
        }
    }

    /// Reads the place where a key is most likely; the result means nothing.
    @inline(__always)
    func touch(_ tag: UInt64) -> UInt64 {
        slots.withUnsafeBufferPointer { slots in
            let index = Int(truncatingIfNeeded: tag) & (slots.count &- 1)
            // A place may lie across two lines.
            return slots[index].tag &+ slots[index].slow[1].bitPattern
        }
    }

    /// Drops a key; false where it is not there.
    ///
    /// - Complexity: O(places), as the table is made anew.
    mutating func remove(_ tag: UInt64) -> Bool {
        guard counters(of: tag) != nil else { return false }
        rebuild(slotCount: slots.count) { $0.tag != tag }
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

    /// Five places in eight may be taken: a search for what is not there then looks at four.
    @inline(__always)
    static func keyCountMax(_ slotCount: Int) -> Int { slotCount / 8 * 5 }

    private mutating func makeRoom(at time: Double) {
        guard slots.count * 2 > slotCountMax else {
            rebuild(slotCount: slots.count * 2) { _ in true }
            return
        }
        let worths = slots.map { $0.tag == 0 ? .infinity : worth($0, time) }
        var sorted = worths.filter { $0 < .infinity }
        sorted.sort()
        let limit = sorted[keyCount / 4]
        var ties = EvenChoice(
            keyCount / 4 - sorted.count { $0 < limit }, of: sorted.count { $0 == limit })
        var position = -1
        rebuild(slotCount: slots.count) { _ in
            position += 1
            let worth = worths[position]
            return worth == limit ? !ties.isNextChosen() : worth > limit
        }
    }

    /// Records, halved for each tenth of the retention without one; below any where it is over.
    private func worth(_ counters: KeyCounters, _ time: Double) -> Double {
        let idle = time - counters.last
        guard idle <= retentionSeconds else { return -1 }
        var worth = counters.slow[0]
        if retentionSeconds.isFinite {
            let halvings = Int(idle / retentionSeconds * 10)
            worth *= Double(sign: .plus, exponent: -halvings, significand: 1)
        }
        return worth
    }

    /// Moves the keys that stay to new places; asked for every place in turn, empty ones too.
    private mutating func rebuild(slotCount: Int, _ stays: (KeyCounters) -> Bool) {
        var moved = Self.emptySlots(slotCount)
        var count = 0
        moved.withUnsafeMutableBufferPointer { moved in
            for counters in slots {
                guard stays(counters), counters.tag != 0 else { continue }
                moved[Self.index(of: counters.tag, UnsafeBufferPointer(moved))] = counters
                count += 1
            }
        }
        slots = moved
        keyCount = count
    }

    private static func emptySlots(_ count: Int) -> [KeyCounters] {
        makeArray(count: count) { $0.fill(0..<count, with: KeyCounters()) }
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
