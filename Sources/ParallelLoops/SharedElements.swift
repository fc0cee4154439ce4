/// Memory that the threads of a parallel loop read and write through.
///
/// Sendable unchecked: whoever takes it splits the writes, so that between two barriers no thread
/// reads or writes an element that another one writes. The owner of the memory outlives the loop.
@usableFromInline
package struct SharedElements<Element: BitwiseCopyable>: @unchecked Sendable {
    /// The first element; nil only where there are none.
    @usableFromInline let base: UnsafeMutablePointer<Element>?

    /// Points to memory that lives longer than the loop.
    @inlinable
    package init(_ base: UnsafeMutablePointer<Element>?) { self.base = base }

    /// Points to an array's or a span's elements, which are then only read.
    @inlinable
    package init(reading base: UnsafePointer<Element>?) {
        self.base = UnsafeMutablePointer(mutating: base)
    }

    /// The elements from a position on.
    @inlinable
    package func dropFirst(_ count: Int) -> Self { Self(base.map { $0 + count }) }

    /// The element at a position.
    @inlinable
    package subscript(index: Int) -> Element {
        @inline(__always) get { base.unsafelyUnwrapped[index] }
        @inline(__always) nonmutating set { base.unsafelyUnwrapped[index] = newValue }
    }

    /// Where an element lies.
    @inlinable @inline(__always)
    package func pointer(to index: Int) -> UnsafeMutablePointer<Element> {
        base.unsafelyUnwrapped + index
    }

    /// Sets the elements at the positions to one value.
    @inlinable
    package func fill(_ positions: Range<Int>, with value: Element) {
        guard let base, !positions.isEmpty else { return }
        (base + positions.lowerBound).update(repeating: value, count: positions.count)
    }
}

/// Makes an array whose elements `body` writes, all of them, through shared memory.
@inlinable
package func makeArray<Element: BitwiseCopyable>(
    count: Int, _ body: (SharedElements<Element>) -> Void
) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { buffer, initializedCount in
        adviseLargePages(buffer.baseAddress, byteCount: count * MemoryLayout<Element>.stride)
        body(SharedElements(buffer.baseAddress))
        initializedCount = count
    }
}

extension Array where Element: BitwiseCopyable {
    /// Lends the elements, to be read only, to the threads of a parallel loop.
    @inlinable
    package func withShared<Result>(_ body: (SharedElements<Element>) -> Result) -> Result {
        withUnsafeBufferPointer { body(SharedElements(reading: $0.baseAddress)) }
    }
}
