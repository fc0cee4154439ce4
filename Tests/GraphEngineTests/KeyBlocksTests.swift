import AnomalyModels
import Testing

@testable import GraphEngine

@Suite("Keys and positions")
struct KeyBlocksTests {
    @Test("Keys of an identity column take next to nothing")
    func denseKeys() {
        var keys = KeyBlocks()
        for key in 1...Int64(100_000) { #expect(keys.insert(key) == Int32(key)) }
        #expect(keys.positionBound == 100_032)
        #expect(keys.byteCount < 250_000)
    }

    @Test("Keys that lie far apart waste few positions", arguments: [64, 1_000_003, 1 << 40])
    func sparseKeys(step: Int64) {
        var keys = KeyBlocks()
        for number in 0..<Int64(20_000) { _ = keys.insert((number - 10_000) * step) }
        #expect(keys.positionBound < 20_000 + 128 * 64)
        for number in 0..<Int64(20_000) {
            let position = keys.position(of: (number - 10_000) * step)
            #expect(position.map(keys.key) == (number - 10_000) * step)
        }
    }

    @Test("A dense range is dense beside sparse keys, and again after it was emptied")
    func mixed() {
        var keys = KeyBlocks()
        for number in 0..<Int64(5_000) { _ = keys.insert(number * 999_983) }
        let bound = keys.positionBound
        for round in 0..<3 {
            let first = Int64(round + 1) << 50
            for key in first..<first + 6_400 { _ = keys.insert(key) }
            for key in first..<first + 6_400 {
                keys.position(of: key).map { keys.remove($0) }
            }
        }
        #expect(keys.count == 5_000)
        #expect(keys.positionBound <= bound + 6_400 + 64)
    }

    @Test(
        "Positions equal a dictionary's under random inserts and removals",
        arguments: [1, 7, 64, 1 << 20, 1 << 32, -3] as [Int64])
    func equalsDictionary(step: Int64) {
        var generator = SeededRandom(seed: 9)
        var keys = KeyBlocks()
        var positions: [Int64: Int32] = [:]
        let candidates = (0..<Int64(3_000)).map { $0 * step } + [.min, .max, .min + 1, -1]
        for _ in 0..<40_000 {
            guard let key = candidates.randomElement(using: &generator) else { continue }
            if let position = positions.removeValue(forKey: key) {
                keys.remove(position)
            } else {
                positions[key] = keys.insert(key)
            }
        }
        #expect(keys.count == positions.count)
        #expect(Set(positions.values).count == positions.count)
        for key in candidates { #expect(keys.position(of: key) == positions[key]) }
        for (key, position) in positions { #expect(keys.key(at: position) == key) }
        let used = (0..<Int32(keys.positionBound)).filter { keys.isInUse($0) }
        #expect(Set(used) == Set(positions.values))
    }
}
