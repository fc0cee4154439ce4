import GraphEngine

/// How much an entity did in each of the newest buckets, and the relationships behind it.
package struct BehaviourSeries: Sendable {
    /// So many buckets are looked at, the one that holds the time of judgement the last.
    package static let bucketCount = 50

    /// The numbers of the first and of the last bucket on the grid.
    let buckets: ClosedRange<Int>
    let grid: BucketGrid
    let asOf: Double
    /// Relationships first observed in each bucket.
    var rowCounts: [Int]
    /// Updates in each bucket; NaN where older ones are forgotten.
    var updateCounts: [Double]
    /// The first bucket of its life, from 0 on.
    var lifeStart = 0
    let rows: Rows

    /// Where the relationships of the buckets are.
    enum Rows: Sendable {
        /// Sorted by time and key; those of bucket i from `offsets[i]` on.
        case scanned([Entry], offsets: [Int])
        case busy(BusyHistory)
    }

    struct Entry: Sendable {
        var time: Double
        var key: EdgeKey
        var row: EdgeIndex
        var isFirst: Bool
    }

    /// Relationships and updates in each bucket; NaN where unknown, and before its life.
    package var activity: [Double] {
        (0..<Self.bucketCount).map {
            $0 < lifeStart ? .nan : Double(rowCounts[$0]) + updateCounts[$0]
        }
    }

    /// When a bucket begins, from 0 on.
    package func start(of place: Int) -> Double { grid.start(of: buckets.lowerBound + place) }

    /// Whether there is enough of a past: the first activity so many buckets ago, and so many
    /// buckets with activity.
    func hasHistory(bucketsMin: Int, activeMin: Int) -> Bool {
        var (first, active) = (Self.bucketCount, 0)
        for place in 0..<Self.bucketCount where rowCounts[place] > 0 || !(updateCounts[place] == 0)
        {
            first = min(first, place)
            active += 1
        }
        return active >= activeMin && Self.bucketCount - 1 - first >= bucketsMin
    }
}

extension AnomalyDetector {
    /// The grid of buckets that the settings ask for.
    var bucketGrid: BucketGrid { BucketGrid(seconds: settings.behaviourBucketSeconds) }

    /// What an entity did in each bucket up to a time; nil for a time that is none.
    /// - Complexity: O(buckets) where its history is kept, else O(relationships), which are few
    ///   unless the time is long ago.
    func behaviourSeries(
        of node: NodeIndex, _ state: EntityState, asOf: Double
    ) -> BehaviourSeries? {
        let grid = bucketGrid
        guard let last = grid.bucket(of: asOf) else { return nil }
        let buckets = last - BehaviourSeries.bucketCount + 1...last
        var series: BehaviourSeries
        if let history = state.history, history.coveredFrom <= buckets.lowerBound {
            series = BehaviourSeries(
                buckets: buckets, grid: grid, asOf: asOf,
                rowCounts: rowCounts(history, buckets, asOf: asOf), updateCounts: [],
                rows: .busy(history))
        } else {
            let (entries, offsets) = scannedRows(of: node, buckets, grid, asOf: asOf)
            series = BehaviourSeries(
                buckets: buckets, grid: grid, asOf: asOf,
                rowCounts: zip(offsets, offsets.dropFirst()).map { $1 - $0 }, updateCounts: [],
                rows: .scanned(entries, offsets: offsets))
        }
        series.updateCounts = updateCounts(state.updates, buckets, grid, asOf: asOf)
        let born = Double.minimum(state.record.firstSeen, state.record.createdAt)
        if let birth = grid.bucket(of: born), birth > buckets.lowerBound {
            let first = (0..<BehaviourSeries.bucketCount).first {
                series.rowCounts[$0] > 0 || !(series.updateCounts[$0] == 0)
            }
            series.lifeStart = min(birth - buckets.lowerBound, first ?? BehaviourSeries.bucketCount)
        }
        return series
    }

    private func rowCounts(
        _ history: BusyHistory, _ buckets: ClosedRange<Int>, asOf: Double
    ) -> [Int] {
        var counts = [Int](repeating: 0, count: BehaviourSeries.bucketCount)
        for bucket in history.buckets[history.place(of: buckets.lowerBound)...] {
            guard bucket.number <= buckets.upperBound else { break }
            counts[bucket.number - buckets.lowerBound] =
                bucket.number < buckets.upperBound
                ? bucket.rows.count : countThrough(asOf, in: bucket.rows)
        }
        return counts
    }

    /// How many of the rows, sorted by time, are at or before a time.
    func countThrough(_ time: Double, in rows: [EdgeIndex]) -> Int {
        guard let last = rows.last, graph.edge(at: last).attributes.time > time else {
            return rows.count
        }
        var low = 0
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if graph.edge(at: rows[middle]).attributes.time <= time {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// The active relationships of an entity that were first observed in these buckets and not
    /// after a time, and where those of each bucket begin.
    private func scannedRows(
        of node: NodeIndex, _ buckets: ClosedRange<Int>, _ grid: BucketGrid, asOf: Double
    ) -> (entries: [BehaviourSeries.Entry], offsets: [Int]) {
        let start = grid.start(of: buckets.lowerBound)
        var entries: [BehaviourSeries.Entry] = []
        graph.withIncidentEdges(of: node) { rows in
            var pair = Pair(other: -1)
            func endPair() {
                guard pair.rowCount <= BehaviourBucket.pairRowCountMax, pair.other != node,
                    let place = pair.firstPlace
                else { return }
                entries[place].isFirst = true
            }
            for row in rows {
                let edge = graph.edge(at: row)
                let other = edge.source == node ? edge.target : edge.source
                if other != pair.other {
                    endPair()
                    pair = Pair(other: other)
                }
                pair.rowCount += 1
                let time = edge.attributes.time
                guard edge.attributes.isActive, time <= asOf else { continue }
                let isFirst = (time, edge.key) < (pair.firstTime, pair.firstKey)
                if isFirst {
                    (pair.firstTime, pair.firstKey, pair.firstPlace) = (time, edge.key, nil)
                }
                guard time >= start else { continue }
                if isFirst { pair.firstPlace = entries.count }
                entries.append(
                    BehaviourSeries.Entry(time: time, key: edge.key, row: row, isFirst: false))
            }
            endPair()
        }
        entries.sort { ($0.time, $0.key) < ($1.time, $1.key) }
        var offsets: [Int] = [0]
        offsets.reserveCapacity(BehaviourSeries.bucketCount + 1)
        var place = 0
        for bucket in buckets {
            let end = grid.start(of: bucket + 1)
            while place < entries.count, entries[place].time < end { place += 1 }
            offsets.append(place)
        }
        return (entries, offsets)
    }

    private func updateCounts(
        _ updates: ActivityTimes, _ buckets: ClosedRange<Int>, _ grid: BucketGrid, asOf: Double
    ) -> [Double] {
        var counts = [Double](repeating: 0, count: BehaviourSeries.bucketCount)
        var position = updates.countThrough(asOf)
        while position > 0 {
            position -= 1
            guard let bucket = grid.bucket(of: updates.times[position]),
                bucket >= buckets.lowerBound
            else { break }
            counts[bucket - buckets.lowerBound] += 1
        }
        if updates.isTruncated, let oldest = updates.times.first,
            let bucket = grid.bucket(of: oldest), bucket >= buckets.lowerBound
        {
            for place in 0...min(bucket - buckets.lowerBound, counts.count - 1) {
                counts[place] = .nan
            }
        }
        return counts
    }
}

/// The rows between an entity and one other, while they are read.
private struct Pair {
    let other: NodeIndex
    var rowCount = 0
    var firstTime = Double.infinity
    var firstKey = EdgeKey(.max)
    var firstPlace: Int?
}
