/// A linear congruential generator with an output permutation (PCG), for sequences that repeat.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 2 &+ 0x1405_7B7E_F767_814F }

    mutating func next() -> UInt64 { UInt64(nextHalf()) << 32 | UInt64(nextHalf()) }

    private mutating func nextHalf() -> UInt32 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let mixed = UInt32(truncatingIfNeeded: ((state >> 18) ^ state) >> 27)
        let turn = UInt32(truncatingIfNeeded: state >> 59)
        return mixed >> turn | mixed << ((~turn &+ 1) & 31)
    }
}
