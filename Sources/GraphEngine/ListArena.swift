/// Many growing lists of `Int32`, one for each node, in pages.
///
/// A list is a block of one page; its count alone says how large the block is: exact up to 16, then
/// within an eighth. Freed blocks wait in one chain for each size. Lists that all grow together leave
/// blocks behind that are too small for anybody: once a quarter is free, a sweep moves the lists of all
/// pages into new ones, a few with every mutation, and hands emptied pages on; nobody ever waits for
/// it. The longest lists, those of hubs, have memory of their own.
struct ListArena: Sendable {
    /// Where a list lies: an element of the arena, or the number of a hub.
    struct Header: BitwiseCopyable, Sendable {
        var start: UInt32 = 0
        var count: UInt32 = 0
    }

    private var headers = PagedColumn<Header>(fillByte: 0)
    private var elements = PagedColumn<Int32>(fillByte: 0)
    private var hubs: [HubList] = []
    /// The address of each hub's memory, so that reading counts no references.
    private var hubStarts = PagedColumn<UInt>(fillByte: 0)
    private var freeHubs: [UInt32] = []
    /// The first free block of each size class.
    private var freeBlocks = [UInt32](repeating: Self.noBlock, count: Self.sizeClassCount)
    /// Elements in blocks that hold lists, by page.
    private var liveCounts: [Int32] = []
    private var liveCount = 0
    private var emptyPages: [Int32] = []
    /// Pages that the sweep empties; nothing is put there any more.
    private var isSwept: [Bool] = []
    private var sweepCursor: Int?
    /// Where the next block is cut off, and where its page ends.
    private var bump = 0
    private var bumpEnd = 0

    private static let pageElementCount = 1 << PagedColumn<Int32>.shift
    /// Longer lists are hubs.
    static let blockSizeMax = 2_048
    private static let sizeClassCount = 73
    private static let noBlock = UInt32.max
    /// With fewer pages nothing is worth sweeping.
    private static let sweptPageCountMin = 4
    private static let listsMovedAtOnce = 16

    var listCount: Int { headers.count }

    var byteCount: Int {
        var hubByteCount = hubs.capacity * 8
        for hub in hubs { hubByteCount += hub.capacity * 4 + 48 }
        return headers.byteCount + elements.byteCount + hubByteCount + hubStarts.byteCount
            + liveCounts.capacity * 5 + emptyPages.capacity * 4 + freeHubs.capacity * 4
    }

    mutating func grow(to listCount: Int) { headers.grow(to: listCount) }

    @inline(__always)
    func count(of list: Int32) -> Int { Int(headers[Int(list)].count) }

    /// The elements of a list, in place; valid until the next change.
    @inline(__always)
    func list(_ list: Int32) -> UnsafeBufferPointer<Int32> { reader.list(list) }

    /// The lists for reading in a loop; valid until the next change.
    @inline(__always)
    var reader: ListReader {
        ListReader(headers: headers.reader, elements: elements.reader, hubs: hubStarts.reader)
    }

    /// Puts a value before position `index` of the list.
    mutating func insert(_ value: Int32, at index: Int, of list: Int32) {
        sweepOn()
        let count = count(of: list)
        if count + 1 > Self.blockSizeMax {
            insertIntoHub(value, at: index, of: list)
        } else if Self.blockSize(for: count + 1) == Self.blockSize(for: count) {
            let start = headers[Int(list)].start
            let slot = elements.pointer(at: Int(start)) + index
            (slot + 1).update(from: slot, count: count - index)
            slot.pointee = value
            headers[Int(list)].count += 1
        } else {
            let old = headers[Int(list)]
            let start = allocate(Self.blockSize(for: count + 1))
            let block = elements.pointer(at: Int(start))
            block[index] = value
            if count > 0 {
                let source = elements.reader.pointer(at: Int(old.start))
                block.update(from: source, count: index)
                (block + index + 1).update(from: source + index, count: count - index)
                free(old.start, size: Self.blockSize(for: count))
            }
            headers[Int(list)] = Header(start: start, count: UInt32(count + 1))
        }
    }

    /// Takes out the value at position `index` of the list.
    mutating func remove(at index: Int, of list: Int32) {
        sweepOn()
        let count = count(of: list)
        if count > Self.blockSizeMax {
            removeFromHub(at: index, of: list)
        } else if Self.blockSize(for: count - 1) == Self.blockSize(for: count) {
            let start = headers[Int(list)].start
            let slot = elements.pointer(at: Int(start)) + index
            slot.update(from: slot + 1, count: count - index - 1)
            headers[Int(list)].count -= 1
        } else {
            let old = headers[Int(list)]
            var start: UInt32 = 0
            if count > 1 {
                start = allocate(Self.blockSize(for: count - 1))
                let block = elements.pointer(at: Int(start))
                let source = elements.reader.pointer(at: Int(old.start))
                block.update(from: source, count: index)
                (block + index).update(from: source + index + 1, count: count - index - 1)
            }
            free(old.start, size: Self.blockSize(for: count))
            headers[Int(list)] = Header(start: start, count: UInt32(count - 1))
        }
    }

    mutating func removeAll(of list: Int32) {
        let header = headers[Int(list)]
        let count = Int(header.count)
        if count > Self.blockSizeMax {
            freeHub(header.start)
        } else if count > 0 {
            free(header.start, size: Self.blockSize(for: count))
        }
        headers[Int(list)] = Header()
    }

    // MARK: - Bulk

    /// Makes room for lists of these counts in an arena without lists, and gives their memory, to be
    /// filled from several threads; all pages are this value's own then.
    mutating func layOut(counts: UnsafeBufferPointer<UInt32>) -> ListWriter {
        headers.grow(to: counts.count)
        for (list, count) in counts.enumerated() where count > 0 {
            var header = Header(start: 0, count: count)
            if Int(count) > Self.blockSizeMax {
                header.start = newHub(HubList(capacity: Int(count)))
            } else {
                header.start = allocate(Self.blockSize(for: Int(count)))
            }
            headers[list] = header
        }
        return ListWriter(
            lists: ListReader(
                headers: headers.reader, elements: elements.writer(), hubs: hubStarts.reader))
    }

    // MARK: - Hubs

    private mutating func insertIntoHub(_ value: Int32, at index: Int, of list: Int32) {
        let header = headers[Int(list)]
        let count = Int(header.count)
        if count == Self.blockSizeMax {
            let hub = HubList(capacity: count + count / 8)
            let source = elements.reader.pointer(at: Int(header.start))
            hub.elements.update(from: source, count: count)
            free(header.start, size: Self.blockSize(for: count))
            headers[Int(list)].start = newHub(hub)
        }
        let slot = ownHub(headers[Int(list)].start, count: count, capacity: count + 1) + index
        (slot + 1).update(from: slot, count: count - index)
        slot.pointee = value
        headers[Int(list)].count += 1
    }

    private mutating func removeFromHub(at index: Int, of list: Int32) {
        let header = headers[Int(list)]
        let count = Int(header.count)
        let base = ownHub(header.start, count: count, capacity: count)
        (base + index).update(from: base + index + 1, count: count - index - 1)
        headers[Int(list)].count -= 1
        guard count - 1 == Self.blockSizeMax else { return }
        let start = allocate(Self.blockSizeMax)
        elements.pointer(at: Int(start)).update(from: base, count: count - 1)
        freeHub(header.start)
        headers[Int(list)].start = start
    }

    /// The memory of a hub, made this value's own, large enough and not much too large.
    private mutating func ownHub(
        _ hub: UInt32, count: Int, capacity: Int
    ) -> UnsafeMutablePointer<Int32> {
        let isOwn = isKnownUniquelyReferenced(&hubs[Int(hub)])
        let old = hubs[Int(hub)]
        if isOwn, old.capacity >= capacity, old.capacity / 2 <= capacity { return old.elements }
        let new = HubList(capacity: capacity + capacity / 8)
        new.elements.update(from: old.elements, count: count)
        setHub(hub, new)
        return new.elements
    }

    private mutating func newHub(_ hub: HubList) -> UInt32 {
        if let free = freeHubs.popLast() {
            setHub(free, hub)
            return free
        }
        hubs.append(hub)
        hubStarts.append(UInt(bitPattern: hub.elements))
        return UInt32(hubs.count - 1)
    }

    private mutating func setHub(_ number: UInt32, _ hub: HubList) {
        hubs[Int(number)] = hub
        hubStarts[Int(number)] = UInt(bitPattern: hub.elements)
    }

    private mutating func freeHub(_ hub: UInt32) {
        setHub(hub, HubList(capacity: 0))
        freeHubs.append(hub)
    }

    // MARK: - Blocks

    private mutating func allocate(_ size: Int) -> UInt32 {
        let sizeClass = Self.sizeClass(of: size)
        let head = freeBlocks[sizeClass]
        let start: UInt32
        if head != Self.noBlock {
            freeBlocks[sizeClass] = UInt32(bitPattern: elements[Int(head)])
            start = head
        } else {
            if bumpEnd - bump < size { openPage() }
            start = UInt32(bump)
            bump += size
        }
        liveCounts[Int(start) >> PagedColumn<Int32>.shift] += Int32(size)
        liveCount += size
        return start
    }

    private mutating func free(_ start: UInt32, size: Int) {
        let page = Int(start) >> PagedColumn<Int32>.shift
        liveCounts[page] -= Int32(size)
        liveCount -= size
        if isSwept[page] {
            guard liveCounts[page] == 0 else { return }
            isSwept[page] = false
            emptyPages.append(Int32(page))
        } else {
            chain(start, size: size)
        }
    }

    private mutating func chain(_ start: UInt32, size: Int) {
        let sizeClass = Self.sizeClass(of: size)
        elements[Int(start)] = Int32(bitPattern: freeBlocks[sizeClass])
        freeBlocks[sizeClass] = start
    }

    /// Starts to cut blocks off another page; what was left of the last becomes free blocks.
    private mutating func openPage() {
        while bump < bumpEnd {
            let size = Self.largestBlock(within: bumpEnd - bump)
            chain(UInt32(bump), size: size)
            bump += size
        }
        startSweepIfSparse()
        let page: Int
        if let empty = emptyPages.popLast() {
            page = Int(empty)
        } else {
            page = liveCounts.count
            precondition(page < 1 << 18 - 1, "the arena counts at most 2^32 elements")
            elements.grow(to: (page + 1) * Self.pageElementCount)
            liveCounts.append(0)
            isSwept.append(false)
        }
        bump = page * Self.pageElementCount
        bumpEnd = bump + Self.pageElementCount
    }

    // MARK: - Sweeping

    private mutating func startSweepIfSparse() {
        let pageCount = liveCounts.count - emptyPages.count
        guard sweepCursor == nil, pageCount > Self.sweptPageCountMin,
            (pageCount * Self.pageElementCount - liveCount) * 4 > pageCount * Self.pageElementCount
        else { return }
        sweepCursor = 0
        for page in isSwept.indices { isSwept[page] = liveCounts[page] > 0 }
        for page in isSwept.indices
        where liveCounts[page] == 0 && !emptyPages.contains(Int32(page)) {
            emptyPages.append(Int32(page))
        }
        for sizeClass in freeBlocks.indices { freeBlocks[sizeClass] = Self.noBlock }
    }

    /// Moves a few lists out of the pages that are being emptied.
    @inline(__always)
    private mutating func sweepOn() {
        if let cursor = sweepCursor { sweep(from: cursor) }
    }

    private mutating func sweep(from cursor: Int) {
        let end = min(cursor + Self.listsMovedAtOnce, headers.count)
        for list in cursor..<end {
            let header = headers[list]
            let count = Int(header.count)
            guard count > 0, count <= Self.blockSizeMax,
                isSwept[Int(header.start) >> PagedColumn<Int32>.shift]
            else { continue }
            let size = Self.blockSize(for: count)
            let start = allocate(size)
            elements.pointer(at: Int(start)).update(
                from: elements.reader.pointer(at: Int(header.start)), count: count)
            free(header.start, size: size)
            headers[list].start = start
        }
        sweepCursor = end < headers.count ? end : nil
    }

    // MARK: - Sizes

    /// The size of the block of a list with `count` elements.
    @inline(__always)
    static func blockSize(for count: Int) -> Int {
        guard count > 16 else { return count }
        let step = 1 << (Int.bitWidth - 4 - (count - 1).leadingZeroBitCount)
        return (count + step - 1) & ~(step - 1)
    }

    private static func sizeClass(of size: Int) -> Int {
        guard size > 16 else { return size }
        let exponent = Int.bitWidth - 1 - (size - 1).leadingZeroBitCount
        return 16 + (exponent - 4) * 8 + (size - 1 << exponent) >> (exponent - 3)
    }

    private static func largestBlock(within room: Int) -> Int {
        guard room > 16 else { return room }
        if room >= blockSizeMax { return blockSizeMax }
        let size = blockSize(for: room)
        return size == room ? room : size - 1 << (Int.bitWidth - 4 - (room - 1).leadingZeroBitCount)
    }
}

/// The memory of one hub's list, written only while one arena holds it.
private final class HubList: @unchecked Sendable {
    // Sendable: see above; what several arenas hold never changes.
    let elements: UnsafeMutablePointer<Int32>
    let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        elements = .allocate(capacity: capacity)
    }

    deinit { elements.deallocate() }
}

/// The lists of an arena through pointers alone.
struct ListReader: Sendable {
    fileprivate let headers: PageReader<ListArena.Header>
    fileprivate let elements: PageReader<Int32>
    fileprivate let hubs: PageReader<UInt>

    /// The elements of a list, in place.
    @inline(__always)
    func list(_ list: Int32) -> UnsafeBufferPointer<Int32> {
        let header = headers[Int(list)]
        let count = Int(header.count)
        // Empty lists may stand before the first page.
        guard count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        let start =
            count > ListArena.blockSizeMax
            ? UnsafeMutablePointer(bitPattern: hubs[Int(header.start)])
            : elements.pointer(at: Int(header.start))
        return UnsafeBufferPointer(start: start, count: count)
    }
}

/// The memory of lists that were laid out, to be filled from several threads, each its own lists.
struct ListWriter: Sendable {
    fileprivate let lists: ListReader

    /// The memory of one list.
    @inline(__always)
    func list(_ list: Int) -> UnsafeMutableBufferPointer<Int32> {
        UnsafeMutableBufferPointer(mutating: lists.list(Int32(list)))
    }
}
