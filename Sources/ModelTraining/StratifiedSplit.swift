import AnomalyModels

/// Two parts of the rows: one to learn from and one held back, which no fit may see.
///
/// A split comes before any resampling. Rows of one group, as all rows of one subject, are never on
/// both sides. Each stratum (label and type) gives its share: a class with at least two groups is on
/// both sides. The same rows and seed give the same parts.
///
/// Stratified cross-validation: R. Kohavi, A study of cross-validation and bootstrap for accuracy
/// estimation and model selection, IJCAI 1995. Different here: groups, and rounding that is carried
/// over from stratum to stratum, so that many small types give their share together.
package struct StratifiedSplit: Sendable, Equatable {
    /// The rows to learn from, ascending.
    package let training: [Int]
    /// The rows held back, ascending.
    package let heldBack: [Int]

    /// What tells the rows apart; a part that is nil tells nothing.
    package struct Rows: Sendable {
        /// How many rows there are.
        package let rowCount: Int
        fileprivate let labels: [Bool]?
        fileprivate let types: [String]?
        fileprivate let groups: [Int64]?

        /// Rows by label, type and group; without groups each row is a group of its own.
        package init(
            rowCount: Int, labels: [Bool]? = nil, types: [String]? = nil, groups: [Int64]? = nil
        ) {
            for count in [labels?.count, types?.count, groups?.count] {
                precondition(count ?? rowCount == rowCount, "there is one entry for each row")
            }
            self.rowCount = rowCount
            self.labels = labels
            self.types = types
            self.groups = groups
        }
    }

    /// Holds a share of the rows back, 0.2 for a split of 80 to 20.
    package static func holdingBack(
        _ share: Double, of rows: Rows, seed: UInt64
    ) -> StratifiedSplit {
        precondition((0..<1).contains(share), "the share is from 0 to below 1")
        var random = SeededRandom(seed: seed, stream: stream)
        var heldBack: [Int] = []
        for (_, strata) in rows.strataByLabel {
            let groupCount = strata.reduce(0) { $0 + $1.count }
            // What the strata so far should have given, and what they gave.
            var (wanted, given) = (0.0, 0)
            var order: [[Int]] = []
            var isHeld: [Bool] = []
            for groups in strata {
                wanted += share * Double(groups.reduce(0) { $0 + $1.count })
                for group in random.shuffled(groups) {
                    let after = Double(given + group.count)
                    let isTaken = abs(after - wanted) < abs(Double(given) - wanted)
                    order.append(group)
                    isHeld.append(isTaken)
                    if isTaken { given += group.count }
                }
            }
            if share > 0, groupCount > 1 {
                // A class of few would else be on one side alone.
                if !isHeld.contains(true) { isHeld[random.index(below: groupCount)] = true }
                if !isHeld.contains(false) { isHeld[random.index(below: groupCount)] = false }
            }
            for (group, isTaken) in zip(order, isHeld) where isTaken { heldBack += group }
        }
        return StratifiedSplit(heldBack: heldBack, of: rows.rowCount)
    }

    /// The splits of a cross-validation: each row is held back exactly once.
    ///
    /// There are as many folds as groups where these are fewer, and none with fewer than two.
    package static func folds(_ count: Int, of rows: Rows, seed: UInt64) -> [StratifiedSplit] {
        var random = SeededRandom(seed: seed, stream: stream)
        let byLabel = rows.strataByLabel
        let groupCount = byLabel.reduce(0) { $0 + $1.strata.reduce(0) { $0 + $1.count } }
        let foldCount = min(count, groupCount)
        guard foldCount > 1 else { return [] }
        var folds = [[Int]](repeating: [], count: foldCount)
        for (_, strata) in byLabel {
            var ofLabel = [Int](repeating: 0, count: foldCount)
            for groups in strata {
                var ofStratum = [Int](repeating: 0, count: foldCount)
                // The largest first, each to the fold that has least of its kind.
                let ordered = random.shuffled(groups).enumerated().sorted {
                    ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
                }
                for (_, group) in ordered {
                    let fold = folds.indices.min {
                        (ofStratum[$0], ofLabel[$0], folds[$0].count, $0)
                            < (ofStratum[$1], ofLabel[$1], folds[$1].count, $1)
                    }
                    guard let fold else { continue }
                    folds[fold] += group
                    ofStratum[fold] += group.count
                    ofLabel[fold] += group.count
                }
            }
        }
        return folds.map { StratifiedSplit(heldBack: $0, of: rows.rowCount) }
    }

    private static let stream: UInt64 = 0x5711

    /// A split of these rows.
    init(training: [Int], heldBack: [Int]) {
        self.training = training
        self.heldBack = heldBack
    }

    private init(heldBack: [Int], of rowCount: Int) {
        var isHeld = [Bool](repeating: false, count: rowCount)
        for row in heldBack { isHeld[row] = true }
        self.heldBack = isHeld.indices.filter { isHeld[$0] }
        training = isHeld.indices.filter { !isHeld[$0] }
    }
}

extension StratifiedSplit.Rows {
    /// The groups of rows of each stratum, by label; in an order that depends on the rows alone.
    ///
    /// A group is positive where any of its rows is, and of the type of its first row.
    fileprivate var strataByLabel: [(label: Bool, strata: [[[Int]]])] {
        var members: [Int64: [Int]] = [:]
        for row in 0..<rowCount { members[groups?[row] ?? Int64(row), default: []].append(row) }
        var strata: [Bool: [String: [[Int]]]] = [:]
        for rows in members.values.sorted(by: { $0[0] < $1[0] }) {
            let label = labels.map { labels in rows.contains { labels[$0] } } ?? false
            strata[label, default: [:]][types?[rows[0]] ?? "", default: []].append(rows)
        }
        return [true, false].compactMap { label in
            strata[label].map { byType in
                (label, byType.sorted { $0.key < $1.key }.map(\.value))
            }
        }
    }
}

extension SeededRandom {
    /// The elements in random order.
    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        sample(elements.count, below: elements.count).map { elements[$0] }
    }
}
