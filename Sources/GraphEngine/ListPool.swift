/// Many growing lists of `Int32` in one piece of memory.
///
/// An array of arrays costs a heap object and about 50 bytes for each list. Here a list is a block of
/// one arena; block sizes are 2, 4, 6, 8, 12, 16, 24, 32, ... so that little of a block is spare, and
/// freed blocks wait in one chain for each size to be used again. Lists that all grow together leave
/// ever smaller blocks behind that nobody wants: once a quarter of the arena is free, it is packed,
/// which costs a few copies of each element that was freed before.
struct ListPool: Sendable {
    /// Where a list lies; `start` counts pairs of elements, since every block size is even.
    struct Header: Sendable {
        var start: UInt32 = 0
        var count: Int32 = 0
        var capacity: Int32 = 0
    }

    private(set) var storage: [Int32] = []
    private(set) var headers: [Header] = []
    /// The first free block of each size class, in pairs of elements.
    private var freeBlocks = [UInt32](repeating: Self.noBlock, count: Self.sizeClassCount)

    /// How many elements lie in free blocks.
    private var freeElementCount = 0

    private static let noBlock = UInt32.max
    /// Below this many elements an arena is not worth packing.
    private static let packedElementCountMin = 4_096
    private static let sizeClassCount = 66

    var listCount: Int { headers.count }

    var byteCount: Int {
        storage.count * MemoryLayout<Int32>.stride + headers.count * MemoryLayout<Header>.stride
    }

    mutating func appendList() { headers.append(Header()) }

    mutating func reserve(listCount: Int, elementCount: Int) {
        headers.reserveCapacity(listCount)
        storage.reserveCapacity(elementCount)
    }

    func count(of list: Int32) -> Int { Int(headers[Int(list)].count) }

    /// Gives the elements of a list to `body`; they do not outlive the call.
    @inline(__always)
    func withList<Result>(
        _ list: Int32, _ body: (UnsafeBufferPointer<Int32>) -> Result
    ) -> Result {
        let header = headers[Int(list)]
        return storage.withUnsafeBufferPointer { arena in
            let start = Int(header.start) * 2
            return body(UnsafeBufferPointer(rebasing: arena[start..<start + Int(header.count)]))
        }
    }

    func elements(of list: Int32) -> [Int32] { withList(list) { [Int32]($0) } }

    /// Puts a value before position `index` of the list.
    mutating func insert(_ value: Int32, at index: Int, of list: Int32) {
        var header = headers[Int(list)]
        let count = Int(header.count)
        if header.count == header.capacity {
            header = moved(list, capacity: Self.blockSize(for: count + 1))
        }
        header.count += 1
        headers[Int(list)] = header
        storage.withUnsafeMutableBufferPointer { arena in
            guard let base = arena.baseAddress else { return }
            let slot = base + Int(header.start) * 2 + index
            (slot + 1).update(from: slot, count: count - index)
            slot.pointee = value
        }
    }

    /// Takes out the value at position `index` of the list.
    mutating func remove(at index: Int, of list: Int32) {
        var header = headers[Int(list)]
        let count = Int(header.count)
        storage.withUnsafeMutableBufferPointer { arena in
            guard let base = arena.baseAddress else { return }
            let slot = base + Int(header.start) * 2 + index
            slot.update(from: slot + 1, count: count - index - 1)
        }
        header.count -= 1
        // Shrinking only below a quarter keeps a list that swings around a block size in its place.
        if header.count == 0 {
            free(header)
            header = Header()
        } else if header.capacity > 8, header.count * 4 <= header.capacity {
            headers[Int(list)] = header
            header = moved(list, capacity: Self.blockSize(for: Int(header.count) + 1))
        }
        headers[Int(list)] = header
    }

    mutating func removeAll(of list: Int32) {
        free(headers[Int(list)])
        headers[Int(list)] = Header()
    }

    /// Copies a list into a block of another size.
    private mutating func moved(_ list: Int32, capacity: Int) -> Header {
        packIfSparse()
        let header = headers[Int(list)]
        let start = allocate(capacity)
        storage.withUnsafeMutableBufferPointer { arena in
            guard let base = arena.baseAddress else { return }
            (base + Int(start) * 2).update(
                from: base + Int(header.start) * 2, count: Int(header.count))
        }
        free(header)
        return Header(start: start, count: header.count, capacity: Int32(capacity))
    }

    private mutating func allocate(_ capacity: Int) -> UInt32 {
        let sizeClass = Self.sizeClass(of: capacity)
        let head = freeBlocks[sizeClass]
        if head != Self.noBlock {
            freeBlocks[sizeClass] = UInt32(bitPattern: storage[Int(head) * 2])
            freeElementCount -= capacity
            return head
        }
        let start = storage.count / 2
        precondition(start < Int(Self.noBlock), "the arena counts at most 2^33 elements")
        storage.append(contentsOf: repeatElement(0, count: capacity))
        return UInt32(start)
    }

    private mutating func free(_ header: Header) {
        guard header.capacity > 0 else { return }
        let sizeClass = Self.sizeClass(of: Int(header.capacity))
        storage[Int(header.start) * 2] = Int32(bitPattern: freeBlocks[sizeClass])
        freeBlocks[sizeClass] = header.start
        freeElementCount += Int(header.capacity)
    }

    /// Moves all blocks together where too much of the arena is free.
    private mutating func packIfSparse() {
        guard freeElementCount * 4 > storage.count, storage.count > Self.packedElementCountMin
        else { return }
        var packed: [Int32] = []
        packed.reserveCapacity(storage.capacity)
        for list in headers.indices where headers[list].capacity > 0 {
            let start = Int(headers[list].start) * 2
            headers[list].start = UInt32(packed.count / 2)
            packed.append(contentsOf: storage[start..<start + Int(headers[list].capacity)])
        }
        storage = packed
        freeElementCount = 0
        for sizeClass in freeBlocks.indices { freeBlocks[sizeClass] = Self.noBlock }
    }

    /// The smallest block size, a power of two or three times one, that holds `count` elements.
    static func blockSize(for count: Int) -> Int {
        guard count > 2 else { return 2 }
        let exponent = Int.bitWidth - 1 - (count - 1).leadingZeroBitCount
        let threeHalves = 3 << (exponent - 1)
        return exponent >= 2 && count <= threeHalves ? threeHalves : 2 << exponent
    }

    private static func sizeClass(of capacity: Int) -> Int {
        let exponent = Int.bitWidth - 1 - capacity.leadingZeroBitCount
        return exponent * 2 + (capacity == 1 << exponent ? 0 : 1)
    }
}
