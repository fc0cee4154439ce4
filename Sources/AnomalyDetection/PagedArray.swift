/// An array in pages with value semantics: a copy shares every page until one of the two changes it.
///
/// What is tried on a copy of the detector costs the pages that it touches, not the size of the graph;
/// so all that is kept by entity or by relationship lies in one of these, or in the graph itself.
package struct PagedArray<Element: Sendable>: Sendable {
    private var pages: [[Element]] = []
    /// How many elements there are.
    package private(set) var count = 0

    /// An empty array.
    package init() {}

    /// A page holds 2^shift elements, about 32 kB of them.
    @inline(__always)
    private static var shift: Int {
        let wanted = Swift.max(16, 32_768 / Swift.max(1, MemoryLayout<Element>.stride))
        return Int.bitWidth - 1 - wanted.leadingZeroBitCount
    }

    /// Adds an element at the end.
    package mutating func append(_ element: Element) {
        if count & (1 << Self.shift - 1) == 0 {
            var page: [Element] = []
            page.reserveCapacity(1 << Self.shift)
            pages.append(page)
        }
        pages[pages.count - 1].append(element)
        count += 1
    }

    /// Adds copies of an element until there are `count`.
    package mutating func grow(to count: Int, filledWith element: Element) {
        while self.count < count { append(element) }
    }

    /// Makes room for so many elements in all.
    package mutating func reserveCapacity(_ capacity: Int) {
        pages.reserveCapacity(capacity >> Self.shift + 1)
    }
}

extension PagedArray: RandomAccessCollection, MutableCollection {
    /// The position of the first element.
    package var startIndex: Int { 0 }
    /// The position after the last element.
    package var endIndex: Int { count }

    /// The element at a position.
    package subscript(position: Int) -> Element {
        @inline(__always)
        get { pages[position >> Self.shift][position & (1 << Self.shift - 1)] }
        @inline(__always)
        _modify { yield &pages[position >> Self.shift][position & (1 << Self.shift - 1)] }
    }
}
