// Contacts like clockwork. The signs are those of X. Hu, J. Jang, M. Ph. Stoecklin, T. Wang,
// D. L. Schales, D. Kirat, J. R. Rao, "BAYWATCH: Robust Beaconing Detection to Identify Infected Hosts
// in Large-Scale Enterprise Networks", DSN 2016, 10.1109/DSN.2016.50: one pair of source and target
// that speaks at an interval, whatever the hour, against jitter, missed beats and what others do too.
// Different here: no periodogram and no autocorrelation; the spread of the gaps about their median
// is enough where a few hundred rows are kept, and missed beats or some contacts in between leave the
// median and the median deviation where they are. Names are not looked at; what is common is told by the
// calibration among the peers of a type instead of by lists of popular targets.

import AnomalyModels
import Foundation
import GraphEngine

/// One other entity that an entity contacts at regular intervals.
package struct RegularContact: Sendable, Equatable {
    /// So many of the newest relationships are looked at.
    static let rowCountMax = 256
    /// With fewer gaps nothing is regular, nor within less than this many days.
    static let gapCountMin = 8
    static let daysMin = 3.0
    /// A dispersion below this makes no difference: ten seconds in twelve hours.
    static let dispersionMin = 1.0 / 4096

    /// What varies more than by a sixteenth of the gap is a habit, and nothing is said of it.
    static let scoreMin = 4.0

    /// The rhythm of some times.
    struct Rhythm: Sendable, Equatable {
        /// The median of the gaps, and the median of their distances from it, in seconds.
        var gap, jitter: Double
        /// How many gaps there are, and when the first of the times was.
        var gapCount: Int
        var since: Double

        /// -log2 of the jitter as a share of the gap: 0 where it is as large, at most 12.
        var score: Double { max(0, -log2(jitter / gap + dispersionMin)) }

        /// The rhythm of ascending times, equal ones once; nil where there are too few gaps.
        init?(_ times: [Double]) {
            guard times.count > gapCountMin, let first = times.first, let last = times.last,
                last - first >= daysMin * AnomalyDetector.secondsPerDay
            else { return nil }
            let gaps = zip(times, times.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.sorted()
            guard gaps.count >= gapCountMin else { return nil }
            gap = RobustStatistics.quantile(sorted: gaps, 0.5)
            let middle = gap
            jitter = RobustStatistics.quantile(sorted: gaps.map { abs($0 - middle) }.sorted(), 0.5)
            gapCount = gaps.count
            since = first
        }
    }

    /// The key of the other entity, and the type of the relationships.
    package let entityID: Int64
    package let typeName: String
    /// The relationships, the newest last.
    let rows: [EdgeIndex]
    let rhythm: Rhythm

    /// How regular it is; see ``Rhythm/score``.
    package var score: Double { rhythm.score }
}

extension AnomalyDetector {
    /// The most regular of those that an entity contacts; nil where it contacts nobody often enough, or
    /// like clockwork.
    ///
    /// The sender acts: who is contacted is told nothing by it.
    /// - Complexity: O(``RegularContact/rowCountMax``)
    func regularContact(of node: NodeIndex, _ series: BehaviourSeries) -> RegularContact? {
        struct Pair: Hashable {
            var target: NodeIndex
            var typeCode: Int32
        }
        let rows = newestRows(series)
        guard rows.count > RegularContact.gapCountMin else { return nil }
        var contacts: [Pair: [(row: EdgeIndex, time: Double)]] = [:]
        for row in rows {
            let edge = graph.edge(at: row)
            guard edge.source == node, edge.target != node else { continue }
            let pair = Pair(target: edge.target, typeCode: edge.attributes.typeCode)
            contacts[pair, default: []].append((row, edge.attributes.time))
        }
        var best: RegularContact?
        for (pair, contacts) in contacts {
            guard let rhythm = RegularContact.Rhythm(contacts.map(\.time)),
                rhythm.score >= RegularContact.scoreMin
            else { continue }
            let contact = RegularContact(
                entityID: graph.nodeKey(at: pair.target).rawValue,
                typeName: catalog.relationshipTypeName(pair.typeCode),
                rows: contacts.map(\.row), rhythm: rhythm)
            if best.map({ contact.isStranger(than: $0) }) ?? true { best = contact }
        }
        return best
    }

    /// The newest relationships of the buckets, the newest last.
    private func newestRows(_ series: BehaviourSeries) -> [EdgeIndex] {
        switch series.rows {
        case .scanned(let entries, _):
            return entries.suffix(RegularContact.rowCountMax).map(\.row)
        case .busy(let history):
            var newest: [EdgeIndex] = []
            for bucket in history.buckets.reversed()
            where bucket.number <= series.buckets.upperBound {
                guard bucket.number >= series.buckets.lowerBound,
                    newest.count < RegularContact.rowCountMax
                else { break }
                let count = series.rowCounts[bucket.number - series.buckets.lowerBound]
                newest += bucket.rows.prefix(count).reversed()
                    .prefix(RegularContact.rowCountMax - newest.count)
            }
            return newest.reversed()
        }
    }
}

extension RegularContact {
    /// The larger score, then more gaps; of equals the lowest key, so that no order of a table counts.
    fileprivate func isStranger(than other: RegularContact) -> Bool {
        (score, rhythm.gapCount, -entityID, other.typeName)
            > (other.score, other.rhythm.gapCount, -other.entityID, typeName)
    }
}
