import Synchronization

/// Pages of raw memory of one size with value semantics: a copy shares every page.
///
/// Copying costs one reference. The first write after it copies the table of pointers, and every write
/// to a page that is still shared copies this one page; so a frozen copy is had for nothing, and the
/// writer pays for what it touches. Growing adds a page and moves none.
struct PageTable: @unchecked Sendable {
    // Sendable: storage is written only while this value is its one owner, and a page only while one
    // storage holds it; what others can see never changes.
    private var storage: PageStorage
    private(set) var pageCount = 0

    /// Pages of `byteCount` bytes; new ones are filled with one byte.
    init(byteCount: Int, fillByte: UInt8) {
        storage = PageStorage(pageByteCount: byteCount, fillByte: fillByte, capacity: 0)
    }

    var byteCount: Int {
        pageCount * (storage.pageByteCount + PageStorage.headerByteCount)
            + storage.capacity * MemoryLayout<UnsafeMutableRawPointer>.stride
    }

    /// Where each page begins; valid until the next change of this value.
    @inline(__always)
    var bases: UnsafePointer<UnsafeMutableRawPointer> { UnsafePointer(storage.bases) }

    mutating func appendPage() {
        if pageCount == storage.capacity || !isKnownUniquelyReferenced(&storage) {
            storage = storage.copy(
                capacity: pageCount < storage.capacity ? storage.capacity : pageCount * 5 / 4 + 4)
        }
        storage.appendPage()
        pageCount += 1
    }

    /// The memory of a page, after it has been made this value's own.
    @inline(__always)
    mutating func writablePage(_ page: Int) -> UnsafeMutableRawPointer {
        if !isKnownUniquelyReferenced(&storage) {
            storage = storage.copy(capacity: storage.capacity)
        }
        return storage.writablePage(page)
    }

    /// Makes all pages this value's own, for several threads that then write to their own parts.
    mutating func makeWritable() -> UnsafePointer<UnsafeMutableRawPointer> {
        for page in 0..<pageCount { _ = writablePage(page) }
        return bases
    }
}

/// The pointers of a `PageTable`; each page counts the storages that hold it.
private final class PageStorage {
    let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
    let capacity: Int
    let pageByteCount: Int
    let fillByte: UInt8
    private var count = 0

    /// The reference count lies in front of the page; 16 bytes keep the page aligned.
    static let headerByteCount = 16

    init(pageByteCount: Int, fillByte: UInt8, capacity: Int) {
        self.pageByteCount = pageByteCount
        self.fillByte = fillByte
        self.capacity = capacity
        bases = .allocate(capacity: capacity)
    }

    deinit {
        for page in 0..<count { Self.release(bases[page]) }
        bases.deallocate()
    }

    func copy(capacity: Int) -> PageStorage {
        let copy = PageStorage(
            pageByteCount: pageByteCount, fillByte: fillByte, capacity: capacity)
        copy.bases.update(from: bases, count: count)
        copy.count = count
        for page in 0..<count {
            Self.references(bases[page]).pointee.add(1, ordering: .relaxed)
        }
        return copy
    }

    func appendPage() {
        let base = allocatePage()
        base.initializeMemory(as: UInt8.self, repeating: fillByte, count: pageByteCount)
        bases[count] = base
        count += 1
    }

    @inline(__always)
    func writablePage(_ page: Int) -> UnsafeMutableRawPointer {
        let base = bases[page]
        // Only a holder can add one, and the holder of the last reference is this storage.
        if Self.references(base).pointee.load(ordering: .acquiring) == 1 { return base }
        return replacePage(page)
    }

    @inline(never)
    private func replacePage(_ page: Int) -> UnsafeMutableRawPointer {
        let base = allocatePage()
        base.copyMemory(from: bases[page], byteCount: pageByteCount)
        Self.release(bases[page])
        bases[page] = base
        return base
    }

    private func allocatePage() -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(
            byteCount: pageByteCount + Self.headerByteCount, alignment: 16)
        block.bindMemory(to: Atomic<Int>.self, capacity: 1).initialize(to: Atomic(1))
        return block + Self.headerByteCount
    }

    @inline(__always)
    private static func references(
        _ base: UnsafeMutableRawPointer
    ) -> UnsafeMutablePointer<Atomic<Int>> {
        (base - headerByteCount).assumingMemoryBound(to: Atomic<Int>.self)
    }

    private static func release(_ base: UnsafeMutableRawPointer) {
        let references = references(base)
        guard references.pointee.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
        else { return }
        references.deinitialize(count: 1)
        (base - headerByteCount).deallocate()
    }
}
