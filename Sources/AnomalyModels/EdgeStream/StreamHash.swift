// The finaliser of SplitMix64 (Steele, Lea, Flood 2014, 10.1145/2714064.2660195): a bijection of the
// 64-bit words, so that two keys never share a tag. The seed keeps strangers from choosing ids that meet
// in one place of a table.

/// A seeded hash of 64-bit keys and of pairs of them.
struct StreamHash: Sendable, Equatable {
    private let offset: UInt64

    init(seed: UInt64) { offset = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15) }

    /// A tag for a key: different keys have different tags, but that 0 becomes 1.
    ///
    /// 0 marks an empty place of a table.
    @inline(__always)
    func tag(_ key: UInt64) -> UInt64 {
        let mixed = Self.mixed(key ^ offset)
        return mixed == 0 ? 1 : mixed
    }

    /// A hash of an ordered pair of tags.
    @inline(__always)
    func pair(_ source: UInt64, _ target: UInt64) -> UInt64 {
        Self.mixed(source &+ (target << 23 | target >> 41) &* 0xD6E8_FEB8_6659_FD93)
    }

    /// A hash of a tag for the row of a sketch.
    @inline(__always)
    static func row(_ row: Int, _ tag: UInt64) -> UInt64 {
        mixed(tag &+ UInt64(truncatingIfNeeded: row &+ 1) &* 0xA076_1D64_78BD_642F)
    }

    @inline(__always)
    private static func mixed(_ word: UInt64) -> UInt64 {
        var result = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        result = (result ^ (result >> 27)) &* 0x94D0_49BB_1331_11EB
        return result ^ (result >> 31)
    }
}
