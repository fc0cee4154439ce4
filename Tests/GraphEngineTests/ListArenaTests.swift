import AnomalyModels
import Testing

@testable import GraphEngine

@Suite("List arena")
struct ListArenaTests {
    @Test("Blocks fit exactly up to 16 and within an eighth beyond")
    func blockSizes() {
        for count in 0...16 { #expect(ListArena.blockSize(for: count) == count) }
        let sizes = [17, 18, 19, 31, 32, 33, 36, 37, 64, 65, 2_000, 2_048].map {
            ListArena.blockSize(for: $0)
        }
        #expect(sizes == [18, 18, 20, 32, 32, 36, 36, 40, 64, 72, 2_048, 2_048])
    }

    @Test(
        "Lists equal arrays under random inserts and removals, and a frozen copy stays",
        arguments: [1, 2, 3, 4] as [UInt64])
    func equalsArrays(seed: UInt64) {
        var generator = SeededRandom(seed: seed)
        var arena = ListArena()
        var arrays = [[Int32]](repeating: [], count: seed == 4 ? 20_000 : 20)
        arena.grow(to: arrays.count)
        var frozen = (arena: arena, arrays: arrays)
        for step in 0..<60_000 {
            let list = Int.random(in: 0..<arrays.count, using: &generator)
            let count = arrays[list].count
            switch Int.random(in: 0..<1_000, using: &generator) {
            case 0:
                arena.removeAll(of: Int32(list))
                arrays[list] = []
            case 1..<300 where count > 0:
                let index = Int.random(in: 0..<count, using: &generator)
                arena.remove(at: index, of: Int32(list))
                arrays[list].remove(at: index)
            default:
                let index = Int.random(in: 0...count, using: &generator)
                let value = Int32.random(in: .min ... .max, using: &generator)
                arena.insert(value, at: index, of: Int32(list))
                arrays[list].insert(value, at: index)
            }
            if step % 9_000 == 0 {
                #expect(elements(frozen.arena, frozen.arrays.count) == frozen.arrays)
                frozen = (arena, arrays)
            }
        }
        #expect(elements(arena, arrays.count) == arrays)
        #expect(elements(frozen.arena, arrays.count) == frozen.arrays)
    }

    @Test("A hub goes over to memory of its own and comes back")
    func hub() {
        var arena = ListArena()
        arena.grow(to: 2)
        var array: [Int32] = []
        for value in 0..<Int32(10_000) {
            arena.insert(value, at: Int(value) / 2, of: 1)
            array.insert(value, at: Int(value) / 2)
        }
        let frozen = arena
        #expect(elements(arena, 2) == [[], array])
        for index in (0..<9_000).reversed() { arena.remove(at: index, of: 1) }
        #expect(elements(arena, 2) == [[], Array(array.suffix(1_000))])
        #expect(elements(frozen, 2) == [[], array])
    }

    @Test("Lists that grow all together leave little behind")
    func growingTogether() {
        var arena = ListArena()
        arena.grow(to: 20_000)
        for place in 0..<40 {
            for list in 0..<Int32(20_000) { arena.insert(list, at: place, of: list) }
        }
        let needed = 20_000 * (40 * 4 + 8)
        #expect(arena.byteCount < needed * 2, "\(arena.byteCount) bytes for \(needed)")
        for list in 0..<Int32(20_000) {
            #expect(arena.list(list).elementsEqual(repeatElement(list, count: 40)))
        }
    }

    @Test("Freed blocks are used again, so an arena that only swings does not grow")
    func steadyMemory() {
        var arena = ListArena()
        arena.grow(to: 1)
        func swing() {
            for value in 0..<1_000 { arena.insert(Int32(value), at: value, of: 0) }
            for _ in 0..<1_000 { arena.remove(at: 0, of: 0) }
        }
        swing()
        let byteCount = arena.byteCount
        for _ in 0..<20 { swing() }
        #expect(arena.byteCount == byteCount)
    }

    private func elements(_ arena: ListArena, _ count: Int) -> [[Int32]] {
        (0..<Int32(count)).map { [Int32](arena.list($0)) }
    }
}
