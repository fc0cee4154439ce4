/// Working memory of a kernel: one allocation, reused for every source, freed with its owner.
///
/// Elements are plain values; access is unchecked in release builds, as the kernels index by
/// positions of the snapshot that sized the memory.
package struct Scratch<Element: BitwiseCopyable>: ~Copyable {
    /// The memory itself, for the inner loops; it lives as long as its owner.
    package let buffer: UnsafeMutableBufferPointer<Element>

    /// Makes room for `count` elements, each equal to `value`.
    @inlinable
    package init(repeating value: Element, count: Int) {
        buffer = .allocate(capacity: count)
        buffer.initialize(repeating: value)
    }

    deinit { buffer.deallocate() }

    /// The element at a position.
    @inlinable
    package subscript(index: Int) -> Element {
        @inline(__always) get { buffer[index] }
        @inline(__always) nonmutating set { buffer[index] = newValue }
    }

    /// The elements as an array of their own.
    @inlinable
    package func array() -> [Element] { [Element](buffer) }
}
