/// A column of plain values in pages; see `PageTable` for what a copy costs.
struct PagedColumn<Element: BitwiseCopyable & Sendable>: Sendable {
    private var pages: PageTable
    /// How many elements there are; the last page may have room for more.
    private(set) var count = 0

    /// A page holds 2^shift elements: 64 kB of those whose size is a power of two.
    @inline(__always)
    static var shift: Int {
        16 - (Int.bitWidth - 1 - MemoryLayout<Element>.stride.leadingZeroBitCount)
    }

    /// An empty column; elements that it grows by have all bytes equal to `fillByte`.
    init(fillByte: UInt8) {
        pages = PageTable(
            byteCount: MemoryLayout<Element>.stride << Self.shift, fillByte: fillByte)
    }

    var byteCount: Int { pages.byteCount }

    /// What a column of so many elements takes.
    static func byteCount(count: Int) -> Int {
        let pageCount = (count + (1 << shift) - 1) >> shift
        return pageCount * ((MemoryLayout<Element>.stride << shift) + 16 + 8)
    }

    /// The elements for reading in a loop; valid until the next change of the column.
    @inline(__always)
    var reader: PageReader<Element> { PageReader(bases: pages.bases) }

    @inline(__always)
    subscript(index: Int) -> Element {
        get { reader[index] }
        set { pointer(at: index).pointee = newValue }
    }

    /// Where an element lies, for writing; the rest of its page follows it.
    @inline(__always)
    mutating func pointer(at index: Int) -> UnsafeMutablePointer<Element> {
        pages.writablePage(index >> Self.shift).assumingMemoryBound(to: Element.self)
            + (index & (1 << Self.shift - 1))
    }

    /// Makes room up to `count` elements; never shrinks.
    mutating func grow(to count: Int) {
        guard count > self.count else { return }
        while pages.pageCount << Self.shift < count { pages.appendPage() }
        self.count = count
    }

    mutating func append(_ element: Element) {
        grow(to: count + 1)
        self[count - 1] = element
    }

    /// Owns every page and gives the elements for writing from several threads, each its own ones.
    mutating func writer() -> PageReader<Element> { PageReader(bases: pages.makeWritable()) }
}

/// The elements of a `PagedColumn` through pointers alone: no reference is counted.
struct PageReader<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    // Sendable: whoever makes one keeps the column alive and unchanged while it is read.
    private let bases: UnsafePointer<UnsafeMutableRawPointer>

    @inline(__always)
    init(bases: UnsafePointer<UnsafeMutableRawPointer>) { self.bases = bases }

    @inline(__always)
    subscript(index: Int) -> Element {
        get { pointer(at: index).pointee }
        nonmutating set { pointer(at: index).pointee = newValue }
    }

    @inline(__always)
    func pointer(at index: Int) -> UnsafeMutablePointer<Element> {
        bases[index >> PagedColumn<Element>.shift].assumingMemoryBound(to: Element.self)
            + (index & (1 << PagedColumn<Element>.shift - 1))
    }
}
