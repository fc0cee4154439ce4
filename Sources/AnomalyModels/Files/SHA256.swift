// National Institute of Standards and Technology, "Secure Hash Standard (SHS)", FIPS PUB 180-4, 2015,
// 10.6028/NIST.FIPS.180-4, section 6.2. Whole messages only. The constants are computed from the primes that
// define them.

/// The SHA-256 of bytes: what tells one file from any other.
package enum SHA256 {
    /// The 32 bytes as hexadecimal digits.
    /// - Complexity: O(bytes)
    package static func hexadecimal(of bytes: [UInt8]) -> String {
        digest(of: bytes).map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private static func digest(of bytes: [UInt8]) -> [UInt32] {
        var state = roots(of: primes.prefix(8), cubic: false)
        var schedule = [UInt32](repeating: 0, count: 64)
        let whole = bytes.count / 64 * 64
        bytes.withUnsafeBufferPointer { message in
            for start in stride(from: 0, to: whole, by: 64) {
                compress(message, at: start, &state, &schedule)
            }
        }
        // The rest, one bit that is set, and the length in bits at the end of a block.
        var tail = Array(bytes[whole...]) + [0x80]
        while tail.count % 64 != 56 { tail.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) {
            tail.append(UInt8(truncatingIfNeeded: (bytes.count * 8) >> shift))
        }
        tail.withUnsafeBufferPointer { message in
            for start in stride(from: 0, to: message.count, by: 64) {
                compress(message, at: start, &state, &schedule)
            }
        }
        return state
    }

    private static func compress(
        _ message: UnsafeBufferPointer<UInt8>, at start: Int, _ state: inout [UInt32],
        _ w: inout [UInt32]
    ) {
        for t in 0..<16 {
            let place = start + 4 * t
            w[t] =
                UInt32(message[place]) << 24 | UInt32(message[place + 1]) << 16
                | UInt32(message[place + 2]) << 8 | UInt32(message[place + 3])
        }
        for t in 16..<64 {
            let s0 = turned(w[t - 15], 7) ^ turned(w[t - 15], 18) ^ (w[t - 15] >> 3)
            let s1 = turned(w[t - 2], 17) ^ turned(w[t - 2], 19) ^ (w[t - 2] >> 10)
            w[t] = w[t - 16] &+ s0 &+ w[t - 7] &+ s1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for t in 0..<64 {
            let s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
            let first = h &+ s1 &+ ((e & f) ^ (~e & g)) &+ constants[t] &+ w[t]
            let s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
            let second = s0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ second)
        }
        for (place, word) in [a, b, c, d, e, f, g, h].enumerated() { state[place] &+= word }
    }

    private static func turned(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }

    private static let primes = (2...311).filter { candidate in
        !(2..<candidate).contains { candidate % $0 == 0 }
    }

    private static let constants = roots(of: primes.prefix(64), cubic: true)

    /// The first 32 bits of the fractional parts of the square or cube roots.
    private static func roots(of primes: ArraySlice<Int>, cubic: Bool) -> [UInt32] {
        primes.map { prime in
            // The largest x with x² ≤ p · 2⁶⁴, or x³ ≤ p · 2⁹⁶, bit by bit; below 2³⁷.
            var root: UInt64 = 0
            for bit in stride(from: UInt64(36), through: 0, by: -1) {
                let x = root | 1 << bit
                let square = x.multipliedFullWidth(by: x)
                let bound = UInt64(prime)
                let fits: Bool
                if cubic {
                    // x³ = (high · 2⁶⁴ + low) · x, compared with p · 2³² in units of 2⁶⁴.
                    let low = square.low.multipliedFullWidth(by: x)
                    let (upper, carried) = (square.high &* x).addingReportingOverflow(low.high)
                    fits = !carried && (upper < bound << 32 || upper == bound << 32 && low.low == 0)
                } else {
                    fits = square.high < bound || square.high == bound && square.low == 0
                }
                if fits { root = x }
            }
            return UInt32(truncatingIfNeeded: root)
        }
    }
}
