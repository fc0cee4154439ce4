import AnomalyModels
import Testing

@testable import GraphEngine

@Suite("List pool and key table")
struct ListPoolTests {
    @Test("Block sizes are the next power of two or three times one")
    func blockSizes() {
        let sizes = [0, 1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 17, 25, 33].map(ListPool.blockSize)
        #expect(sizes == [2, 2, 2, 4, 4, 6, 6, 8, 12, 12, 16, 24, 32, 48])
    }

    @Test("Lists equal arrays under random inserts and removals", arguments: [1, 2, 3] as [UInt64])
    func equalsArrays(seed: UInt64) {
        var generator = SeededRandom(seed: seed)
        var pool = ListPool()
        var arrays = [[Int32]](repeating: [], count: 20)
        for _ in arrays { pool.appendList() }
        for _ in 0..<20_000 {
            let list = Int.random(in: 0..<arrays.count, using: &generator)
            let count = arrays[list].count
            switch Int.random(in: 0..<1_000, using: &generator) {
            case 0:
                pool.removeAll(of: Int32(list))
                arrays[list] = []
            case 1..<450 where count > 0:
                let index = Int.random(in: 0..<count, using: &generator)
                pool.remove(at: index, of: Int32(list))
                arrays[list].remove(at: index)
            default:
                let index = Int.random(in: 0...count, using: &generator)
                let value = Int32.random(in: .min ... .max, using: &generator)
                pool.insert(value, at: index, of: Int32(list))
                arrays[list].insert(value, at: index)
            }
        }
        #expect((0..<Int32(arrays.count)).map(pool.elements) == arrays)
    }

    @Test("Freed blocks are used again, so a pool that only swings does not grow")
    func steadyMemory() {
        var pool = ListPool()
        pool.appendList()
        func swing() {
            for value in 0..<1_000 { pool.insert(Int32(value), at: value, of: 0) }
            for _ in 0..<1_000 { pool.remove(at: 0, of: 0) }
        }
        swing()
        let byteCount = pool.byteCount
        for _ in 0..<20 { swing() }
        #expect(pool.byteCount == byteCount)
    }

    @Test(
        "The key table equals a dictionary, with keys that collide",
        arguments: [1, 1 << 20, 1 << 32, -3] as [Int64])
    func keyTable(step: Int64) {
        var generator = SeededRandom(seed: 9)
        var keys: [Int64] = (0..<500).map { $0 * step }
        keys.shuffle(using: &generator)
        var table = KeyTable()
        var present: Set<Int32> = []
        for _ in 0..<20_000 {
            let position = Int32.random(in: 0..<500, using: &generator)
            if present.remove(position) != nil {
                table.remove(position, keys: keys)
            } else {
                present.insert(position)
                table.insert(position, keys: keys)
            }
        }
        #expect(table.count == present.count)
        for position in Int32(0)..<500 {
            let expected = present.contains(position) ? position : nil
            #expect(table.position(of: keys[Int(position)], keys: keys) == expected)
        }
        #expect(table.position(of: .max, keys: keys) == nil)
    }

    @Test("Galloping and merging find the same common elements", arguments: [1, 10, 200, 3_000])
    func commonElements(count: Int) {
        var generator = SeededRandom(seed: 11)
        func list(_ count: Int) -> [Int32] {
            Set((0..<count).map { _ in Int32.random(in: 0..<5_000, using: &generator) }).sorted()
        }
        let first = list(count)
        let second = list(3_000)
        var common: [Int32] = []
        first.withUnsafeBufferPointer { first in
            second.withUnsafeBufferPointer { second in
                forEachCommonElement(second, first) { common.append($0) }
            }
        }
        #expect(common == Set(first).intersection(second).sorted())
    }
}
