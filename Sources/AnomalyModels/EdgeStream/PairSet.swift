import ParallelLoops

/// The pairs that were seen, exactly but for equal hashes, in one flat array of 64-bit words.
///
/// A word holds 47 bits of the pair's hash, whether the pair came again in a later hour, and the
/// hour of its last record. A new pair passes for a seen one where both share the 47 bits: with a
/// million pairs once in 10^8 lookups. The set doubles until it has `slotCountMax` places; from then on
/// a full one drops a quarter of its pairs: those idle for longer than the retention, then those that
/// never came again, then the others, the longest idle first. A dropped pair is first-time when it
/// comes again.
///
/// - Complexity: O(1) expected for each pair, amortised over growth and dropping.
struct PairSet: Sendable, Equatable {
    /// The fewest places; a power of two, as every later size.
    static let slotCountMin = 4_096

    private static let hashShift: UInt64 = 17
    private static let recurringBit: UInt64 = 1 << 16
    private static let hourMask: UInt64 = 0xFFFF

    private(set) var slots: [UInt64]
    private(set) var pairCount = 0
    let slotCountMax: Int
    /// The retention in hours, less than half of what the 16 bits can tell apart.
    private let retentionHours: UInt64

    init(slotCountMax: Int, retentionSeconds: Double) {
        self.slotCountMax = slotCountMax
        retentionHours = Self.hours(retentionSeconds)
        slots = [UInt64](repeating: 0, count: min(Self.slotCountMin, slotCountMax))
    }

    /// A set of words read from elsewhere; nil where they are too many or too full to search.
    init?(slots: [UInt64], slotCountMax: Int, retentionSeconds: Double) {
        let used = slots.lazy.filter { $0 != 0 }.count
        guard slots.count.nonzeroBitCount == 1, slots.count >= Self.slotCountMin,
            slots.count <= slotCountMax, used <= Self.pairCountMax(slots.count)
        else { return nil }
        self.slots = slots
        self.slotCountMax = slotCountMax
        retentionHours = Self.hours(retentionSeconds)
        pairCount = used
    }

    /// The memory of the places; half as much again for a moment while the set grows.
    var byteCount: Int { slots.count * MemoryLayout<UInt64>.stride }

    /// Notes a pair at a time in seconds; true where it was not in the set.
    @inline(__always)
    mutating func insert(_ hash: UInt64, at time: Double) -> Bool {
        let hour = Self.hour(time)
        if pairCount >= Self.pairCountMax(slots.count) { makeRoom(hour) }
        let isNew = slots.withUnsafeMutableBufferPointer { slots in
            let index = Self.index(of: hash, UnsafeBufferPointer(slots))
            let word = slots[index]
            guard word != 0, Self.idle(word, hour) <= retentionHours else {
                slots[index] = Self.word(hash) | hour
                if word == 0 { pairCount &+= 1 }
                return true
            }
            if word & Self.hourMask != hour {
                slots[index] = word & ~Self.hourMask | Self.recurringBit | hour
            }
            return false
        }
        return isNew
    }

    /// Reads the place where a pair is most likely; the result means nothing.
    @inline(__always)
    func touch(_ hash: UInt64) -> UInt64 {
        slots.withUnsafeBufferPointer { slots in
            slots[Int(truncatingIfNeeded: Self.word(hash) >> Self.hashShift) & (slots.count &- 1)]
        }
    }

    /// The upper 47 bits, never all of them zero; its lowest bits choose the place.
    @inline(__always)
    private static func word(_ hash: UInt64) -> UInt64 {
        let word = (hash >> hashShift) << hashShift
        return word == 0 ? 1 << hashShift : word
    }

    @inline(__always)
    static func index(of hash: UInt64, _ slots: UnsafeBufferPointer<UInt64>) -> Int {
        let wanted = word(hash) >> hashShift
        let mask = slots.count &- 1
        var index = Int(truncatingIfNeeded: wanted) & mask
        while slots[index] >> hashShift != wanted, slots[index] != 0 {
            index = (index &+ 1) & mask
        }
        return index
    }

    /// Five places in eight may be taken: a search for a new pair looks at four, mostly in one line.
    @inline(__always)
    private static func pairCountMax(_ slotCount: Int) -> Int { slotCount / 8 * 5 }

    /// Hours since the word's last record, modulo the 7.5 years that 16 bits tell apart.
    @inline(__always)
    private static func idle(_ word: UInt64, _ hour: UInt64) -> UInt64 {
        (hour &- word) & hourMask
    }

    @inline(__always)
    private static func hour(_ time: Double) -> UInt64 {
        // Times beyond any calendar all belong to one hour.
        UInt64(bitPattern: Int64(max(-0x1p62, min(0x1p62, (time / 3_600).rounded(.down)))))
            & hourMask
    }

    private static func hours(_ seconds: Double) -> UInt64 {
        UInt64(max(1, min(0x7FFF, (seconds / 3_600).rounded(.up))))
    }

    private mutating func makeRoom(_ hour: UInt64) {
        guard slots.count * 2 > slotCountMax else {
            grow()
            return
        }
        let retentionHours = retentionHours
        // The rank at which a pair goes, from 0; as many pairs as there are of each.
        func rank(_ word: UInt64) -> Int {
            let idle = Self.idle(word, hour)
            guard idle <= retentionHours else { return 0 }
            let recency = Int(retentionHours - idle) + 1
            return word & Self.recurringBit == 0 ? recency : recency + Int(retentionHours) + 1
        }
        var counts = [Int](repeating: 0, count: 2 * Int(retentionHours) + 3)
        for word in slots where word != 0 { counts[rank(word)] += 1 }
        var left = pairCount / 4
        var limit = 0
        while counts[limit] < left {
            left -= counts[limit]
            limit += 1
        }
        var ties = EvenChoice(left, of: counts[limit])
        filter { word in
            let rank = rank(word)
            return rank == limit ? !ties.isNextChosen() : rank > limit
        }
    }

    private mutating func grow() {
        let count = slots.count * 2
        var grown: [UInt64] = makeArray(count: count) { $0.fill(0..<count, with: 0) }
        grown.withUnsafeMutableBufferPointer { grown in
            for word in slots where word != 0 {
                grown[Self.index(of: word, UnsafeBufferPointer(grown))] = word
            }
        }
        slots = grown
    }

    /// Drops pairs in place, as `KeyCounterTable` does.
    private mutating func filter(_ stays: (UInt64) -> Bool) {
        var count = 0
        slots.withUnsafeMutableBufferPointer { slots in
            let mask = slots.count - 1
            let start = slots.firstIndex(of: 0) ?? 0
            for step in 1...slots.count {
                let index = (start + step) & mask
                let word = slots[index]
                guard word != 0 else { continue }
                slots[index] = 0
                guard stays(word) else { continue }
                slots[Self.index(of: word, UnsafeBufferPointer(slots))] = word
                count += 1
            }
        }
        pairCount = count
    }
}
