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
        self.init(uninitializedCount: count)
        buffer.initialize(repeating: value)
    }

    /// Makes room for `count` elements that must be written before they are read.
    ///
    /// The system hands out the pages where they are first written, which is then in the threads.
    @inlinable
    package init(uninitializedCount count: Int) {
        buffer = .allocate(capacity: count)
        adviseLargePages(buffer.baseAddress, byteCount: count * MemoryLayout<Element>.stride)
    }

    deinit { buffer.deallocate() }

    /// The elements for the threads of a parallel loop.
    @inlinable
    package var shared: SharedElements<Element> { SharedElements(buffer.baseAddress) }

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
