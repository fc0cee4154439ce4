// xoshiro256** by D. Blackman and S. Vigna, "Scrambled Linear Pseudorandom Number Generators",
// ACM Transactions on Mathematical Software 47(4), 2021, 10.1145/3460772; the state is filled by
// SplitMix64 (Steele, Lea, Flood 2014, 10.1145/2714064.2660195), as its authors advise.

import Foundation

/// A reproducible source of random numbers: the same seed gives the same numbers everywhere.
package struct SeededRandom: RandomNumberGenerator, Sendable, Equatable {
    private var state: SIMD4<UInt64>

    /// The stream that belongs to `seed`.
    package init(seed: UInt64) {
        var position = seed
        state = SIMD4(
            Self.splitMix(&position), Self.splitMix(&position),
            Self.splitMix(&position), Self.splitMix(&position))
    }

    /// One of many independent streams of the same seed, as one for each tree of a forest.
    package init(seed: UInt64, stream: UInt64) {
        var position = seed
        var other = stream ^ 0xA076_1D64_78BD_642F
        self.init(seed: Self.splitMix(&position) ^ Self.splitMix(&other))
    }

    /// The next 64 random bits.
    package mutating func next() -> UInt64 {
        let product = state[1] &* 5
        let result = ((product << 7) | (product >> 57)) &* 9
        let shifted = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = (state[3] << 45) | (state[3] >> 19)
        return result
    }

    /// A number in [0, 1), uniform on the multiples of 2^-53.
    package mutating func uniform() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// A position in 0..<bound, each with the same probability; 0 where `bound` is less than 2.
    ///
    /// The standard library's `Int.random(in:using:)` promises no fixed sequence over versions.
    package mutating func index(below bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        let range = UInt64(bound)
        let rejected = (0 &- range) % range
        while true {
            let product = next().multipliedFullWidth(by: range)
            if product.low >= rejected { return Int(product.high) }
        }
    }

    /// A draw from the standard normal distribution (Box and Muller).
    package mutating func normal() -> Double {
        // 1 - u lies in (0, 1], so the logarithm is finite.
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * .pi * uniform())
    }

    /// `count` distinct positions of 0..<bound in random order; all of them where `count` is larger.
    package mutating func sample(_ count: Int, below bound: Int) -> [Int] {
        let taken = min(max(count, 0), max(bound, 0))
        // A shuffle of 0..<bound of which only the moved positions are kept, so that a small sample
        // of many rows costs no more than its size.
        var moved = MovedPositions(count: taken)
        return (0..<taken).map { position in
            let chosen = position + index(below: bound - position)
            let last = moved[position]
            return moved.exchange(chosen, for: last)
        }
    }

    private static func splitMix(_ position: inout UInt64) -> UInt64 {
        position &+= 0x9E37_79B9_7F4A_7C15
        var mixed = position
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// What a partial shuffle has put where; a position that never moved holds itself.
///
/// Linear probing in twice the room: a dictionary of the standard library took a tenth of the time
/// that a forest needs.
private struct MovedPositions {
    private var positions: [Int]
    private var values: [Int]
    private let shift: Int

    init(count: Int) {
        let bitCount = max(Int.bitWidth - (2 * count).leadingZeroBitCount, 1)
        positions = [Int](repeating: -1, count: 1 << bitCount)
        values = positions
        shift = Int.bitWidth - bitCount
    }

    subscript(position: Int) -> Int {
        let place = place(of: position)
        return positions[place] < 0 ? position : values[place]
    }

    /// Puts a value at a position and returns what was there.
    mutating func exchange(_ position: Int, for value: Int) -> Int {
        let place = place(of: position)
        let old = positions[place] < 0 ? position : values[place]
        positions[place] = position
        values[place] = value
        return old
    }

    private func place(of position: Int) -> Int {
        // Fibonacci hashing: the high bits of the product with 2^64 divided by the golden ratio.
        var place = Int(truncatingIfNeeded: (UInt64(position) &* 0x9E37_79B9_7F4A_7C15) >> shift)
        while positions[place] >= 0, positions[place] != position {
            place = (place &+ 1) & (positions.count &- 1)
        }
        return place
    }
}
