/// Which database key stands at which position, for almost nothing where keys lie close together.
///
/// Positions are given in blocks of 64. A dense block belongs to the 64 keys that share all but their
/// last six bits, and a key's place in it is those six bits: 16 bytes for 64 keys, found by a small
/// table of the blocks. Identity columns fill such blocks. A key whose surroundings are empty would
/// waste 63 positions, so once too many dense blocks are lonely, new keys are written out in loose
/// blocks and found by a table of their own. A position stays while its key stays.
struct KeyBlocks: Sendable {
    private struct Block {
        /// The keys' upper bits times two; of a loose block, its place in `looseKeys` times two plus one.
        var tag: Int64
        /// One bit for each position in use.
        var occupied: UInt64
    }

    private var blocks = PagedColumn<Block>(fillByte: 0)
    private var directory = PositionTable()
    private var freeBlocks: [Int32] = []
    private var denseCount = 0
    private var lonelyCount = 0
    private var looseKeys = PagedColumn<Int64>(fillByte: 0)
    private var loosePositions = PositionTable()
    /// Loose blocks with a free position; the last is filled first.
    private var openLoose: [Int32] = []
    private(set) var count = 0

    /// Below so many keys a dense block is lonely: written out they would take no more.
    private static let lonelyOccupancy = 16
    private static let lonelyCountMin = 32
    private static let lonelyShare = 32

    /// Every position in use is below this.
    var positionBound: Int { blocks.count << 6 }

    var byteCount: Int {
        blocks.byteCount + directory.byteCount + looseKeys.byteCount + loosePositions.byteCount
            + (freeBlocks.capacity + openLoose.capacity) * MemoryLayout<Int32>.stride
    }

    /// What so many keys that lie close together take.
    static func byteCount(denseCount: Int) -> Int {
        let blockCount = denseCount / 64 + 1
        return PagedColumn<Block>.byteCount(count: blockCount)
            + PositionTable.byteCount(count: blockCount)
    }

    @inline(__always)
    func isInUse(_ position: Int32) -> Bool {
        position >= 0 && Int(position) >> 6 < blocks.count
            && blocks[Int(position) >> 6].occupied >> UInt64(position & 63) & 1 != 0
    }

    func key(at position: Int32) -> Int64 {
        Self.key(at: position, blocks.reader, looseKeys.reader)
    }

    /// Gives `body` a function from positions in use to keys, for loops.
    @inline(__always)
    func withKeys<Result>(_ body: ((Int32) -> Int64) -> Result) -> Result {
        let blocks = blocks.reader
        let looseKeys = looseKeys.reader
        return body { Self.key(at: $0, blocks, looseKeys) }
    }

    @inline(__always)
    private static func key(
        at position: Int32, _ blocks: PageReader<Block>, _ looseKeys: PageReader<Int64>
    ) -> Int64 {
        let tag = blocks[Int(position) >> 6].tag
        let place = Int64(position & 63)
        let first = (tag >> 1) << 6
        return tag & 1 == 0 ? first | place : looseKeys[Int(first | place)]
    }

    /// The position of a key, or nil where it has none.
    func position(of key: Int64) -> Int32? {
        if let block = denseBlock(of: key) {
            let position = block << 6 | Int32(key & 63)
            if isInUse(position) { return position }
        }
        let blocks = blocks.reader
        let looseKeys = looseKeys.reader
        return loosePositions.position(of: key) { Self.key(at: $0, blocks, looseKeys) }
    }

    /// Gives a position to a key that has none.
    mutating func insert(_ key: Int64) -> Int32 {
        count += 1
        if let block = denseBlock(of: key) { return occupy(block, place: Int32(key & 63)) }
        if lonelyCount < Self.lonelyCountMin + denseCount / Self.lonelyShare {
            let block = newBlock(tag: (key >> 6) << 1)
            let tags = blocks.reader
            directory.insert(block) { tags[Int($0)].tag }
            denseCount += 1
            lonelyCount += 1
            return occupy(block, place: Int32(key & 63))
        }
        return insertLoose(key)
    }

    /// Takes a position in use from its key.
    mutating func remove(_ position: Int32) {
        count -= 1
        let index = position >> 6
        let block = blocks[Int(index)]
        let rest = block.occupied & ~(1 << UInt64(position & 63))
        if block.tag & 1 == 0 {
            if block.occupied.nonzeroBitCount == Self.lonelyOccupancy { lonelyCount += 1 }
            if rest == 0 {
                let tags = blocks.reader
                directory.remove(index) { tags[Int($0)].tag }
                freeBlocks.append(index)
                denseCount -= 1
                lonelyCount -= 1
            }
        } else {
            let blocks = blocks.reader
            let looseKeys = looseKeys.reader
            loosePositions.remove(position) { Self.key(at: $0, blocks, looseKeys) }
            if block.occupied == .max { openLoose.append(index) }
        }
        blocks[Int(index)].occupied = rest
    }

    private func denseBlock(of key: Int64) -> Int32? {
        let tags = blocks.reader
        return directory.position(of: (key >> 6) << 1) { tags[Int($0)].tag }
    }

    private mutating func newBlock(tag: Int64) -> Int32 {
        let block = Block(tag: tag, occupied: 0)
        if let free = freeBlocks.popLast() {
            blocks[Int(free)] = block
            return free
        }
        blocks.append(block)
        return Int32(blocks.count - 1)
    }

    private mutating func occupy(_ index: Int32, place: Int32) -> Int32 {
        let block = blocks[Int(index)]
        if block.tag & 1 == 0, block.occupied.nonzeroBitCount == Self.lonelyOccupancy - 1 {
            lonelyCount -= 1
        }
        blocks[Int(index)].occupied = block.occupied | 1 << UInt64(place)
        return index << 6 | place
    }

    private mutating func insertLoose(_ key: Int64) -> Int32 {
        if openLoose.isEmpty {
            openLoose.append(newBlock(tag: Int64(looseKeys.count >> 6) << 1 | 1))
            looseKeys.grow(to: looseKeys.count + 64)
        }
        let index = openLoose[openLoose.count - 1]
        let block = blocks[Int(index)]
        let position = occupy(index, place: Int32((~block.occupied).trailingZeroBitCount))
        if block.occupied.nonzeroBitCount == 63 { openLoose.removeLast() }
        looseKeys[Int((block.tag >> 1) << 6 | Int64(position & 63))] = key
        let blocks = blocks.reader
        let looseKeys = looseKeys.reader
        loosePositions.insert(position) { Self.key(at: $0, blocks, looseKeys) }
        return position
    }
}
