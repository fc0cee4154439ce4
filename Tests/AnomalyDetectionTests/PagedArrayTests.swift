import AnomalyDetection
import AnomalyModels
import Testing

@Suite("Arrays in pages")
struct PagedArrayTests {
    @Test("It holds what a plain array holds, and a copy keeps what it had")
    func againstPlainArray() {
        var random = SeededRandom(seed: 5)
        var paged = PagedArray<[Int]>()
        var plain: [[Int]] = []
        var kept: [(PagedArray<[Int]>, [[Int]])] = []
        for step in 0..<20_000 {
            if plain.isEmpty || random.uniform() < 0.6 {
                paged.append([step])
                plain.append([step])
            } else {
                let place = random.index(below: plain.count)
                paged[place].append(step)
                plain[place].append(step)
            }
            if step % 4_000 == 0 { kept.append((paged, plain)) }
        }
        paged.grow(to: plain.count + 3, filledWith: [7])
        plain += [[7], [7], [7]]
        #expect(Array(paged) == plain)
        #expect(paged.indices == 0..<plain.count)
        for (copy, expected) in kept { #expect(Array(copy) == expected) }
    }
}
