/// Working memory of a kernel: one allocation, reused for every source, freed with its owner.
///
/// Elements are plain values; access is unchecked in release builds, as the kernels index by
/// positions of the snapshot that sized the memory.
struct Scratch<Element: BitwiseCopyable>: ~Copyable {
    private let buffer: UnsafeMutableBufferPointer<Element>

    init(repeating value: Element, count: Int) {
        buffer = .allocate(capacity: count)
        buffer.initialize(repeating: value)
    }

    deinit { buffer.deallocate() }

    @inline(__always)
    subscript(index: Int) -> Element {
        get { buffer[index] }
        nonmutating set { buffer[index] = newValue }
    }

    /// The elements as an array of their own.
    func array() -> [Element] { [Element](buffer) }
}
