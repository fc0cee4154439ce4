/// A hash table from 64-bit names to positions that stores the positions alone.
///
/// The names already lie in a column elsewhere, so a slot costs four bytes instead of the sixteen of a
/// dictionary from `Int64` to `Int32`. Open addressing with linear probing; a removal shifts the
/// followers back, so there are no tombstones. Every call gets a function that names a position.
struct PositionTable: Sendable {
    private var slots = PagedColumn<Int32>(fillByte: 0xFF)
    private var shift: UInt64 = 0
    private(set) var count = 0

    private static let empty: Int32 = -1
    private static let slotCountMin = 16

    var byteCount: Int { slots.byteCount }

    /// What a table of so many positions takes.
    static func byteCount(count: Int) -> Int {
        count == 0 ? 0 : PagedColumn<Int32>.byteCount(count: slotCount(for: count))
    }

    /// The slot count that holds `count` names at three quarters full or less.
    private static func slotCount(for count: Int) -> Int {
        var slotCount = slotCountMin
        while count * 4 > slotCount * 3 { slotCount *= 2 }
        return slotCount
    }

    @inline(__always)
    func position(of name: Int64, _ nameAt: (Int32) -> Int64) -> Int32? {
        guard count > 0 else { return nil }
        let mask = slots.count - 1
        let reader = slots.reader
        var probe = home(of: name)
        while true {
            let position = reader[probe]
            if position == Self.empty { return nil }
            if nameAt(position) == name { return position }
            probe = (probe + 1) & mask
        }
    }

    /// Adds a position whose name is not in the table yet.
    mutating func insert(_ position: Int32, _ nameAt: (Int32) -> Int64) {
        let needed = Self.slotCount(for: count + 1)
        if needed > slots.count { rehash(slotCount: needed, nameAt) }
        place(position, name: nameAt(position))
        count += 1
    }

    /// Removes a position that is in the table and still has its name.
    mutating func remove(_ position: Int32, _ nameAt: (Int32) -> Int64) {
        let mask = slots.count - 1
        var hole = home(of: nameAt(position))
        while slots[hole] != position { hole = (hole + 1) & mask }
        var probe = hole
        while true {
            probe = (probe + 1) & mask
            let follower = slots[probe]
            if follower == Self.empty { break }
            // A follower may fill the hole only if the hole lies on its own probe path.
            let distance = (probe - home(of: nameAt(follower))) & mask
            if distance >= (probe - hole) & mask {
                slots[hole] = follower
                hole = probe
            }
        }
        slots[hole] = Self.empty
        count -= 1
    }

    @inline(__always)
    private func home(of name: Int64) -> Int {
        let bits = UInt64(bitPattern: name)
        // Fibonacci hashing: the upper half is folded in first, then the top bits are taken.
        return Int(truncatingIfNeeded: ((bits ^ (bits >> 32)) &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    private mutating func place(_ position: Int32, name: Int64) {
        let mask = slots.count - 1
        var probe = home(of: name)
        while slots[probe] != Self.empty { probe = (probe + 1) & mask }
        slots[probe] = position
    }

    private mutating func rehash(slotCount: Int, _ nameAt: (Int32) -> Int64) {
        let old = slots
        slots = PagedColumn(fillByte: 0xFF)
        slots.grow(to: slotCount)
        shift = UInt64(64 - slotCount.trailingZeroBitCount)
        for slot in 0..<old.count where old[slot] != Self.empty {
            place(old[slot], name: nameAt(old[slot]))
        }
    }
}
