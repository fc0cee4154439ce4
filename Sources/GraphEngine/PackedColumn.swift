/// A column of unsigned numbers of 1 to 8 bytes each, in pages, as narrow as the largest needs.
struct PackedColumn: Sendable {
    private var pages: PageTable
    /// The bytes of one number.
    private(set) var width: Int
    /// How many numbers there are; new ones are 0.
    private(set) var count = 0

    private static let shift = 13
    /// Numbers are read eight bytes at a time, the last of a page too.
    private static let paddingByteCount = 8

    init(width: Int) {
        self.width = width
        pages = Self.pages(width: width)
    }

    var byteCount: Int { pages.byteCount }

    /// The largest number that fits.
    var largest: UInt64 { .max >> UInt64(64 - 8 * width) }

    /// What a column of so many numbers takes.
    static func byteCount(count: Int, width: Int) -> Int {
        (count + (1 << shift) - 1) >> shift * (width << shift + paddingByteCount + 16 + 8)
    }

    @inline(__always)
    subscript(index: Int) -> UInt64 {
        get {
            pages.bases[index >> Self.shift].loadUnaligned(
                fromByteOffset: (index & (1 << Self.shift - 1)) &* width, as: UInt64.self) & largest
        }
        set {
            let page = pages.writablePage(index >> Self.shift)
            Self.store(newValue, in: page, at: index, width: width)
        }
    }

    mutating func grow(to count: Int) {
        guard count > self.count else { return }
        while pages.pageCount << Self.shift < count { pages.appendPage() }
        self.count = count
    }

    /// Gives every number more bytes.
    mutating func widen(to width: Int) {
        rebuild(width: width) { $0 }
    }

    /// Replaces every number by another, of a new width, one page after the other.
    mutating func rebuild(width: Int, _ number: (UInt64) -> UInt64) {
        let old = self
        self = PackedColumn(width: width)
        for start in stride(from: 0, to: old.count, by: 1 << Self.shift) {
            grow(to: min(old.count, start + 1 << Self.shift))
            let page = pages.writablePage(start >> Self.shift)
            for index in start..<count {
                Self.store(number(old[index]), in: page, at: index, width: width)
            }
        }
    }

    @inline(__always)
    private static func store(
        _ number: UInt64, in page: UnsafeMutableRawPointer, at index: Int, width: Int
    ) {
        let offset = (index & (1 << shift - 1)) &* width
        let mask = UInt64.max >> UInt64(64 - 8 * width)
        let rest = page.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & ~mask
        page.storeBytes(of: rest | number, toByteOffset: offset, as: UInt64.self)
    }

    private static func pages(width: Int) -> PageTable {
        PageTable(byteCount: width << shift + paddingByteCount, fillByte: 0)
    }
}
