import AnomalyModels
import Foundation
import Testing

/// A stream of records for the tests of edge streams.
struct EdgeStream {
    var sources: [UInt64] = []
    var targets: [UInt64] = []
    var times: [Double] = []
    var labels: [Bool] = []

    mutating func append(_ source: UInt64, _ target: UInt64, _ time: Double, label: Bool = false) {
        sources.append(source)
        targets.append(target)
        times.append(time)
        labels.append(label)
    }

    func prefix(_ count: Int) -> EdgeStream {
        EdgeStream(
            sources: Array(sources.prefix(count)), targets: Array(targets.prefix(count)),
            times: Array(times.prefix(count)), labels: Array(labels.prefix(count)))
    }

    /// Records between random keys at a steady pace, a few of them busier than the others.
    static func random(
        recordCount: Int, keyCount: Int, secondsBetween: Double, seed: UInt64
    ) -> EdgeStream {
        var random = SeededRandom(seed: seed)
        var stream = EdgeStream()
        var time = 0.0
        for _ in 0..<recordCount {
            time += -log(1 - random.uniform()) * secondsBetween
            // Squaring favours the low keys.
            let source = random.uniform() * random.uniform() * Double(keyCount)
            let target = random.uniform() * random.uniform() * Double(keyCount)
            stream.append(UInt64(source), UInt64(target), time)
        }
        return stream
    }

    /// The probability that a labelled record scores above another one, ties one half.
    static func area(_ scores: [Double], _ labels: [Bool]) -> Double {
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var (below, wins, start) = (0.0, 0.0, 0)
        while start < order.count {
            var end = start
            while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
            let hits = Double(order[start..<end].count { labels[$0] })
            let others = Double(end - start) - hits
            wins += hits * (below + others / 2)
            below += others
            start = end
        }
        return wins / (below * Double(labels.count { $0 }))
    }
}
