/// A hash table from database keys to dense positions that stores the positions alone.
///
/// The keys already lie in a column of the graph, so a slot costs four bytes instead of the sixteen
/// of a dictionary from `Int64` to `Int32`. Open addressing with linear probing; a removal shifts the
/// followers back, so there are no tombstones. Every call gets the key column it was filled with.
struct KeyTable: Sendable {
    private var slots: [Int32] = []
    private var shift: UInt64 = 0
    private(set) var count = 0

    private static let empty: Int32 = -1
    private static let slotCountMin = 16

    var byteCount: Int { slots.count * MemoryLayout<Int32>.stride }

    /// The slot count that holds `count` keys at three quarters full or less.
    static func slotCount(for count: Int) -> Int {
        var slotCount = slotCountMin
        while count * 4 > slotCount * 3 { slotCount *= 2 }
        return slotCount
    }

    mutating func reserve(_ count: Int, keys: [Int64]) {
        let needed = Self.slotCount(for: count)
        if needed > slots.count { rehash(slotCount: needed, keys: keys) }
    }

    func position(of key: Int64, keys: [Int64]) -> Int32? {
        guard !slots.isEmpty else { return nil }
        let mask = slots.count - 1
        var probe = home(of: key)
        while true {
            let position = slots[probe]
            if position == Self.empty { return nil }
            if keys[Int(position)] == key { return position }
            probe = (probe + 1) & mask
        }
    }

    /// Adds a position whose key is not in the table yet.
    mutating func insert(_ position: Int32, keys: [Int64]) {
        reserve(count + 1, keys: keys)
        place(position, key: keys[Int(position)])
        count += 1
    }

    /// Removes a position that is in the table; its key must still stand in `keys`.
    mutating func remove(_ position: Int32, keys: [Int64]) {
        let mask = slots.count - 1
        var hole = home(of: keys[Int(position)])
        while slots[hole] != position { hole = (hole + 1) & mask }
        var probe = hole
        while true {
            probe = (probe + 1) & mask
            let follower = slots[probe]
            if follower == Self.empty { break }
            // A follower may fill the hole only if the hole lies on its own probe path.
            let distance = (probe - home(of: keys[Int(follower)])) & mask
            if distance >= (probe - hole) & mask {
                slots[hole] = follower
                hole = probe
            }
        }
        slots[hole] = Self.empty
        count -= 1
    }

    private func home(of key: Int64) -> Int {
        let bits = UInt64(bitPattern: key)
        // Fibonacci hashing: the upper half is folded in first, then the top bits are taken.
        return Int(truncatingIfNeeded: ((bits ^ (bits >> 32)) &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    private mutating func place(_ position: Int32, key: Int64) {
        let mask = slots.count - 1
        var probe = home(of: key)
        while slots[probe] != Self.empty { probe = (probe + 1) & mask }
        slots[probe] = position
    }

    private mutating func rehash(slotCount: Int, keys: [Int64]) {
        let old = slots
        slots = [Int32](repeating: Self.empty, count: slotCount)
        shift = UInt64(64 - slotCount.trailingZeroBitCount)
        for position in old where position != Self.empty {
            place(position, key: keys[Int(position)])
        }
    }
}
