import AnomalyModels
import Testing

@testable import ModelTraining

@Suite("Stratified split")
struct StratifiedSplitTests {
    private typealias Rows = StratifiedSplit.Rows

    @Test("Each label and type gives its share, rounding carried over")
    func shares() {
        // 10 anomalies and 40 others of a, 5 and 45 of b.
        let types = [String](repeating: "a", count: 50) + [String](repeating: "b", count: 50)
        let labels = (0..<100).map { $0 < 10 || (50..<55).contains($0) }
        let split = StratifiedSplit.holdingBack(
            0.2, of: Rows(rowCount: 100, labels: labels, types: types), seed: 1)
        #expect(split.heldBack.count { labels[$0] && types[$0] == "a" } == 2)
        #expect(split.heldBack.count { labels[$0] && types[$0] == "b" } == 1)
        #expect(split.heldBack.count { !labels[$0] && types[$0] == "a" } == 8)
        #expect(split.heldBack.count { !labels[$0] && types[$0] == "b" } == 9)
        #expect(Set(split.training).isDisjoint(with: split.heldBack))
        #expect(split.training.count + split.heldBack.count == 100)
    }

    @Test("Types of one row each give their share together")
    func singleTypes() {
        let split = StratifiedSplit.holdingBack(
            0.2, of: Rows(rowCount: 20, types: (0..<20).map { "type \($0)" }), seed: 1)
        #expect(split.heldBack.count == 4)
    }

    @Test("A class of two is on both sides")
    func fewPositives() {
        for seed in 1...9 as ClosedRange<UInt64> {
            let split = StratifiedSplit.holdingBack(
                0.2, of: Rows(rowCount: 40, labels: (0..<40).map { $0 < 2 }), seed: seed)
            #expect(split.heldBack.count { $0 < 2 } == 1)
        }
    }

    @Test(
        "Every row is held back in exactly one fold, and each fold has its share of the anomalies")
    func folds() {
        let labels = (0..<53).map { $0 % 5 == 0 }
        let types = (0..<53).map { $0 % 3 == 0 ? "a" : "b" }
        let folds = StratifiedSplit.folds(
            5, of: Rows(rowCount: 53, labels: labels, types: types), seed: 7)
        #expect(folds.flatMap(\.heldBack).sorted() == Array(0..<53))
        for fold in folds {
            #expect((2...3).contains(fold.heldBack.count { labels[$0] }))
            #expect((10...11).contains(fold.heldBack.count))
            #expect((fold.training + fold.heldBack).sorted() == Array(0..<53))
        }
    }

    @Test("There are no more folds than groups, and none of a single one")
    func fewGroups() {
        let three = Rows(rowCount: 6, groups: [1, 1, 2, 2, 3, 3])
        #expect(StratifiedSplit.folds(5, of: three, seed: 1).count == 3)
        #expect(
            StratifiedSplit.folds(5, of: Rows(rowCount: 2, groups: [1, 1]), seed: 1).isEmpty)
        #expect(StratifiedSplit.holdingBack(0.2, of: Rows(rowCount: 0), seed: 1).training.isEmpty)
    }

    @Test("Rows of one subject are never on both sides", arguments: 1...9 as ClosedRange<UInt64>)
    func groups(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let groups = (0..<300).map { _ in Int64(random.index(below: 60)) }
        let labels = (0..<300).map { _ in random.uniform() < 0.1 }
        let rows = Rows(rowCount: 300, labels: labels, groups: groups)
        let splits =
            [StratifiedSplit.holdingBack(0.2, of: rows, seed: seed)]
            + StratifiedSplit.folds(5, of: rows, seed: seed)
        for split in splits {
            let held = Set(split.heldBack.map { groups[$0] })
            #expect(held.isDisjoint(with: split.training.map { groups[$0] }))
            #expect((40...80).contains(split.heldBack.count))
        }
    }

    @Test("The same seed gives the same parts, another one others")
    func seeds() {
        let rows = Rows(rowCount: 100)
        #expect(
            StratifiedSplit.holdingBack(0.2, of: rows, seed: 1)
                == StratifiedSplit.holdingBack(0.2, of: rows, seed: 1))
        #expect(
            StratifiedSplit.holdingBack(0.2, of: rows, seed: 1)
                != StratifiedSplit.holdingBack(0.2, of: rows, seed: 2))
    }
}

@Suite("Oversampling")
struct OversamplingTests {
    @Test("Anomalies are repeated until they are a fifth")
    func share() {
        // 2 of 18: a fifth needs 16 / 4 = 4 of 20.
        let labels = (0..<18).map { $0 < 2 }
        let rows = Oversampling.rows(Array(0..<18), labels: labels, seed: 1)
        #expect(rows.count == 20)
        #expect(rows.count { labels[$0] } == 4)
        #expect(rows.count { $0 == 0 } == 2)
        #expect(rows.prefix(18) == ArraySlice(0..<18))
    }

    @Test("Each anomaly is repeated as often as the others, give or take one")
    func evenness() {
        let labels = (0..<103).map { $0 < 3 }
        let rows = Oversampling.rows(Array(0..<103), labels: labels, seed: 1)
        #expect(rows.count { labels[$0] } == 25)
        #expect((0..<3).map { row in rows.count { $0 == row } }.sorted() == [8, 8, 9])
    }

    @Test("Without anomalies, or with enough of them, nothing changes")
    func unchanged() {
        #expect(
            Oversampling.rows([4, 2], labels: [true, false, false, true, false], seed: 1)
                == [4, 2])
        let labels = [true, false, false, false, false]
        #expect(Oversampling.rows([0, 1, 2, 3, 4], labels: labels, seed: 1) == [0, 1, 2, 3, 4])
    }

    @Test("No copy crosses the split", arguments: 1...9 as ClosedRange<UInt64>)
    func noCopyCrosses(seed: UInt64) {
        /// A row that is only ever itself.
        final class Row {}
        var random = SeededRandom(seed: seed)
        let all = (0..<200).map { _ in Row() }
        let labels = all.map { _ in random.uniform() < 0.05 }
        let groups = all.map { _ in Int64(random.index(below: 80)) }
        let rows = StratifiedSplit.Rows(rowCount: all.count, labels: labels, groups: groups)
        for split in StratifiedSplit.folds(5, of: rows, seed: seed) {
            let training = Oversampling.rows(split.training, labels: labels, seed: seed)
            let learnt = Set(training.map { ObjectIdentifier(all[$0]) })
            let held = Set(split.heldBack.map { ObjectIdentifier(all[$0]) })
            #expect(learnt.isDisjoint(with: held))
            #expect(
                Set(training.map { groups[$0] }).isDisjoint(
                    with: split.heldBack.map { groups[$0] }))
            #expect(learnt.count == split.training.count)
            let share = Double(training.count { labels[$0] }) / Double(training.count)
            #expect(share >= 0.2 && share < 0.22)
        }
    }
}
