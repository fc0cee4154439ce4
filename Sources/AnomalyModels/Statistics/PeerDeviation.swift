// The robust z-score by median and MAD: B. Iglewicz, D. C. Hoaglin, "How to Detect and Handle
// Outliers", ASQC 1993. Here it is taken against peers of the same group, which may come and go.

/// How far rows lie from the rows of their own group, column by column, in robust deviations.
///
/// The streaming form: peers are added and taken away one by one. Order statistics are exact, so any
/// sequence of changes ends at the same bits as ``scores(_:groups:units:peerCountMin:)`` on the rows
/// that are left. Memory: 8 to 16 bytes for each value of each peer.
package struct PeerDeviation: Sendable {
    /// The width of the rows.
    package let columnCount: Int
    /// For each column the smallest difference that means something, used where all peers agree.
    package let units: [Double]
    /// The fewest peers with a value that a column is judged by; with fewer it is NaN.
    package let peerCountMin: Int

    /// By group, for each column the values of its rows.
    private var groups: [Int32: [SortedValues]] = [:]

    /// No peers yet; `units` default to 1 for each column.
    package init(columnCount: Int, units: [Double]? = nil, peerCountMin: Int = 20) {
        precondition(columnCount > 0, "A row has a column.")
        precondition(units?.count ?? columnCount == columnCount, "Each column has one unit.")
        precondition(units?.allSatisfy { $0 > 0 } ?? true, "A unit is positive.")
        self.columnCount = columnCount
        self.units = units ?? [Double](repeating: 1, count: columnCount)
        self.peerCountMin = peerCountMin
    }

    /// Adds a peer; values that are not finite are missing ones.
    ///
    /// - Complexity: O(columns · (log n + block size)).
    package mutating func insert(_ row: [Double], group: Int32) {
        precondition(row.count == columnCount, "A row is as wide as its peers.")
        for column in 0..<columnCount {
            groups[group, default: [SortedValues](repeating: SortedValues(), count: columnCount)][
                column
            ].insert(row[column])
        }
    }

    /// Takes a peer away that was added with these values.
    ///
    /// - Complexity: O(columns · (log n + block size)).
    package mutating func remove(_ row: [Double], group: Int32) {
        precondition(row.count == columnCount, "A row is as wide as its peers.")
        for column in 0..<columnCount {
            _ = groups[group]?[column].remove(row[column])
        }
        if groups[group]?.allSatisfy({ $0.count == 0 }) == true { groups[group] = nil }
    }

    /// The summary of one column of a group; nil where the group has no rows.
    package func summary(column: Int, group: Int32) -> PeerSummary? {
        precondition((0..<columnCount).contains(column), "The column is one of the rows'.")
        return groups[group]?[column].summary()
    }

    /// The robust z of each column; NaN where the row has no value or the group too few.
    package func deviations(_ row: [Double], group: Int32) -> [Double] {
        precondition(row.count == columnCount, "A row is as wide as its peers.")
        guard let columns = groups[group] else {
            return [Double](repeating: .nan, count: columnCount)
        }
        return (0..<columnCount).map { column in
            guard row[column].isFinite, columns[column].count >= peerCountMin else { return .nan }
            return columns[column].summary().robustZ(row[column], unit: units[column])
        }
    }

    /// The largest size of a row's deviations; NaN where no column can be judged.
    ///
    /// Heavy-tailed: calibrate log(1 + s).
    package func score(_ row: [Double], group: Int32) -> Double {
        Self.largest(deviations(row, group: group))
    }

    /// The batch form: the score of each row against all rows of its group, itself among them.
    ///
    /// - Complexity: O(columns · n log n).
    package static func scores(
        _ rows: FeatureMatrix, groups: [Int32], units: [Double]? = nil, peerCountMin: Int = 20
    ) -> [Double] {
        precondition(groups.count == rows.rowCount, "Each row has one group.")
        let units = units ?? [Double](repeating: 1, count: rows.columnCount)
        let members = Dictionary(grouping: groups.indices) { groups[$0] }
        var scores = [Double](repeating: .nan, count: groups.count)
        for (_, rowIndices) in members {
            let peers = rows.selecting(rows: rowIndices)
            let summaries = (0..<rows.columnCount).map { PeerSummary(of: peers.column($0)) }
            for (place, rowIndex) in rowIndices.enumerated() {
                let row = peers.row(place)
                scores[rowIndex] = largest(
                    (0..<rows.columnCount).map { column in
                        row[column].isFinite && summaries[column].count >= peerCountMin
                            ? summaries[column].robustZ(row[column], unit: units[column]) : .nan
                    })
            }
        }
        return scores
    }

    private static func largest(_ deviations: [Double]) -> Double {
        deviations.reduce(.nan) { largest, deviation in
            deviation.isNaN ? largest : max(largest.isNaN ? 0 : largest, abs(deviation))
        }
    }
}
