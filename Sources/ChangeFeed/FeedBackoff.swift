/// Delays before connecting again: exponential, with jitter from a seeded generator.
///
/// Jitter keeps many sidecars from coming back in step after a restart of their server.
struct FeedBackoff: Sendable, Equatable {
    private(set) var failureCount = 0
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The next delay: between half of the doubled minimum and the whole of it, within the limits.
    mutating func next(_ configuration: FeedConfiguration) -> Duration {
        var ceiling = configuration.backoffMin
        for _ in 0..<failureCount where ceiling < configuration.backoffMax { ceiling *= 2 }
        ceiling = min(ceiling, configuration.backoffMax)
        failureCount += 1
        let floor = max(configuration.backoffMin, ceiling / 2)
        return floor + (ceiling - floor) * uniform()
    }

    mutating func reset() {
        failureCount = 0
    }

    /// A number in [0, 1) by SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
    /// generators", 2014, doi:10.1145/2714064.2660195).
    private mutating func uniform() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return Double(mixed >> 11) * 0x1p-53
    }
}
