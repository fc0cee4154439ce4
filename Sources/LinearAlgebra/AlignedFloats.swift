/// Memory for 32-bit numbers that starts at a cache line, so that no vector load crosses one.
///
/// Sendable unchecked: the memory itself is not guarded. Whoever shares it either only reads it from
/// then on, or splits the writes so that no thread touches an element that another one writes.
package final class AlignedFloats: @unchecked Sendable {
    /// The number of elements.
    package let count: Int
    /// The first element; valid as long as its owner lives.
    package let base: UnsafeMutablePointer<Float>

    /// Memory of `count` zeros.
    package init(count: Int) {
        precondition(count >= 0, "Memory has no negative size.")
        self.count = count
        base = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64
        ).bindMemory(to: Float.self, capacity: max(count, 1))
        base.initialize(repeating: 0, count: max(count, 1))
    }

    /// Memory with the same contents as another.
    package convenience init(copying other: AlignedFloats) {
        self.init(count: other.count)
        base.update(from: other.base, count: count)
    }

    deinit { base.deallocate() }

    /// Whether both hold the same bits.
    package func hasSameBits(as other: AlignedFloats) -> Bool {
        count == other.count
            && (0..<count).allSatisfy { base[$0].bitPattern == other.base[$0].bitPattern }
    }
}
