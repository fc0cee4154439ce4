import Foundation
import Testing

@testable import AnomalyModels

@Suite("Deviation from peers")
struct PeerDeviationTests {
    enum Values: String, CaseIterable, Sendable {
        case normal, counts, mostlyZero, huge

        func draw(_ random: inout SeededRandom) -> Double {
            switch self {
            case .normal: random.normal()
            case .counts: Double(random.index(below: 6))
            case .mostlyZero:
                random.uniform() < 0.7 ? (random.uniform() < 0.5 ? 0 : -0.0) : random.normal()
            case .huge: random.normal() * 1e300
            }
        }
    }

    @Test("A hand-computed group: median 3, MAD 1, the wild one at 1.4826⁻¹ · 97")
    func byHand() {
        let summary = PeerSummary(of: [1, 2, 3, 4, 100])
        #expect(summary.median == 3 && summary.medianAbsoluteDeviation == 1)
        #expect(abs(summary.robustZ(100) - 97 / 1.482_602_218_505_602) < 1e-12)
        #expect(SortedValues([100, 3, 1, 4, 2]).summary() == summary)
    }

    @Test(
        "Adding and taking peers ends at the bits of the batch form", arguments: Values.allCases)
    func streaming(values: Values) {
        var random = SeededRandom(seed: 11)
        var stream = SortedValues()
        var kept: [Double] = []
        for step in 0..<6_000 {
            // Grows to some thousand values, then shrinks to few.
            let removes = random.uniform() < (step < 3_500 ? 0.2 : 0.9)
            if removes, !kept.isEmpty {
                let value = kept.remove(at: random.index(below: kept.count))
                #expect(stream.remove(value) == true)
            } else {
                let value = values.draw(&random)
                kept.append(value)
                #expect(stream.insert(value) == true)
            }
            if step % 97 == 0 || kept.count < 8 {
                #expect(stream.count == kept.count)
                #expect(stream.summary() == PeerSummary(of: kept))
            }
        }
        #expect(stream.values == kept.sorted())
        #expect(SortedValues(kept).summary() == stream.summary())
    }

    @Test("An empty group has no summary, and what is not there cannot be taken")
    func empty() {
        var stream = SortedValues()
        #expect(stream.summary().count == 0 && stream.summary().median.isNaN)
        for missing in [.nan, .infinity] as [Double] { #expect(stream.insert(missing) == false) }
        #expect(stream.remove(2) == false)
        stream.insert(2)
        for absent in [1, 3, .nan] as [Double] { #expect(stream.remove(absent) == false) }
        #expect(stream.remove(2) == true)
        #expect(stream.count == 0 && stream.summary().median.isNaN)
    }

    @Test("Rows are compared with their own group alone; streaming and batch agree to the bit")
    func detector() {
        var random = SeededRandom(seed: 5)
        var rows = FeatureMatrix(columnCount: 3)
        var groups: [Int32] = []
        for _ in 0..<400 {
            let group = Int32(random.index(below: 3))
            rows.append(row: [
                random.normal() + Double(group) * 50,
                random.uniform() < 0.1 ? .nan : random.normal(),
                Double(random.index(below: 2)),
            ])
            groups.append(group)
        }
        rows.append(row: [9, .nan, .nan])
        groups.append(7)
        var stream = PeerDeviation(columnCount: 3)
        for index in groups.indices { stream.insert(rows.row(index), group: groups[index]) }
        stream.insert([1, 2, 3], group: 0)
        stream.remove([1, 2, 3], group: 0)
        let batch = PeerDeviation.scores(rows, groups: groups)
        for index in groups.indices {
            let score = stream.score(rows.row(index), group: groups[index])
            #expect(score.bitPattern == batch[index].bitPattern)
        }
        // A value that is usual in another group is wild in its own; a lonely row has no peers.
        #expect(stream.score([50, 0, 0], group: 0) > 20 && stream.score([50, 0, 0], group: 1) < 5)
        #expect(batch[400].isNaN && stream.score([0, 0, 0], group: 9).isNaN)
    }
}
