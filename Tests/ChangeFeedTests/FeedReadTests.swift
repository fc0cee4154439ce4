import AnomalyModels
import ChangeFeed
import Testing

@Suite("Reads by snapshot difference")
struct FeedReadTests {
    /// Random transactions begin, commit and roll back in random order; reads come at random times,
    /// and some of them crash before their snapshot is stored.
    @Test(
        "give every committed change its effect exactly once, and a rolled back one none",
        arguments: UInt64(1)...200)
    func exactlyOnce(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var model = TransactionModel(firstID: UInt64.random(in: 3...1 << 40, using: &random))
        var stored = model.snapshot()
        var effects: [UInt64: Int] = [:]
        let crashRate = Double.random(in: 0...0.6, using: &random)
        let readRate = Double.random(in: 0.05...0.5, using: &random)

        func read(_ random: inout SeededRandom, mayCrash: Bool) {
            let current = model.snapshot()
            let found = model.rows(of: .difference(from: stored, to: current), under: current)
            if mayCrash, random.chance(crashRate) { return }
            for xid in found { effects[xid, default: 0] += 1 }
            stored = current
        }

        for _ in 0..<400 {
            if random.chance(readRate) {
                read(&random, mayCrash: true)
            } else if random.chance(0.5) || model.inProgress.isEmpty {
                _ = model.begin()
            } else if let xid = model.inProgress.sorted().randomElement(using: &random) {
                if random.chance(0.8) { model.commit(xid) } else { model.end(xid) }
            }
        }
        for xid in model.inProgress.sorted().shuffled(using: &random) { model.commit(xid) }
        read(&random, mayCrash: false)

        #expect(Set(effects.keys) == model.committed)
        #expect(effects.values.allSatisfy { $0 == 1 })
    }

    @Test("find nothing where nothing has ended since")
    func nothingEnded() {
        var model = TransactionModel()
        let first = model.begin()
        model.commit(first)
        let before = model.snapshot()
        _ = model.begin()
        #expect(FeedRead.difference(from: before, to: model.snapshot()).isEmpty)
    }
}
