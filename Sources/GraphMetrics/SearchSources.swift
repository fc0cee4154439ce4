import Foundation

/// The sources of many breadth-first searches, arranged by component.
///
/// Every component gives its own sources, all of its nodes where it is small, else a sample: so small
/// components come out exact, and the cost is at most `countMax` searches of the whole graph. A search
/// stays inside its component, so sources of equal rank in all components run as one.
struct SearchSources: Sendable {
    /// The sources of all components, grouped by rank: `nodes[rankStarts[r]..<rankStarts[r + 1]]`.
    private(set) var nodes: [Int32] = []
    private(set) var rankStarts: [Int] = [0]
    /// How many nodes the component of each label has, by label.
    private(set) var componentSizes: [Int32]
    /// How many sources the component of each label has, by label.
    private(set) var sourceCounts: [Int32]
    /// The component label of each node.
    let labels: [Int32]
    private var isSource: [Bool]

    /// The number of sources of the component that has most.
    var rankCount: Int { rankStarts.count - 1 }
    /// Whether every node is a source.
    var isExact: Bool { nodes.count == labels.count }

    /// Takes at most `countMax` sources from each component; nil takes all nodes.
    init(labels: [Int32], countMax: Int?, seed: UInt64) {
        self.labels = labels
        componentSizes = [Int32](repeating: 0, count: labels.count)
        sourceCounts = componentSizes
        isSource = [Bool](repeating: false, count: labels.count)
        for label in labels { componentSizes[Int(label)] += 1 }

        // Members of each component, side by side, ascending.
        var starts = [Int](repeating: 0, count: labels.count + 1)
        for label in 0..<labels.count {
            starts[label + 1] = starts[label] + Int(componentSizes[label])
        }
        var cursors = starts
        var members = [Int32](repeating: 0, count: labels.count)
        for node in 0..<labels.count {
            members[cursors[Int(labels[node])]] = Int32(node)
            cursors[Int(labels[node])] += 1
        }

        var random = SplitMix64(state: seed)
        var countsByRank: [Int] = []
        for label in 0..<labels.count where componentSizes[label] > 0 {
            let size = Int(componentSizes[label])
            let count = min(size, countMax ?? size)
            sourceCounts[label] = Int32(count)
            if count < size {
                // The first steps of a Fisher-Yates shuffle: a sample without repetition.
                for step in 0..<count {
                    let other = step + random.below(size - step)
                    members.swapAt(starts[label] + step, starts[label] + other)
                }
            }
            if countsByRank.count < count {
                countsByRank += [Int](repeating: 0, count: count - countsByRank.count)
            }
            for rank in 0..<count { countsByRank[rank] += 1 }
        }
        for count in countsByRank { rankStarts.append(rankStarts[rankStarts.count - 1] + count) }
        nodes = [Int32](repeating: 0, count: rankStarts[rankStarts.count - 1])
        var rankCursors = rankStarts
        for label in 0..<labels.count {
            for rank in 0..<Int(sourceCounts[label]) {
                nodes[rankCursors[rank]] = members[starts[label] + rank]
                rankCursors[rank] += 1
            }
        }
        for node in nodes { isSource[Int(node)] = true }
    }

    /// Whether a node is one of the sources.
    func contains(_ node: Int32) -> Bool { isSource[Int(node)] }

    /// How many nodes of its component each source stands for, in the order of `nodes`.
    func weights() -> [Double] {
        nodes.map { node in
            let label = Int(labels[Int(node)])
            return Double(componentSizes[label]) / Double(sourceCounts[label])
        }
    }
}

extension SearchSources {
    /// By how much, for each label, the mean over a component's sources of numbers in [0, 1] may be off
    /// at all n nodes at once, with probability 1 - `delta`; 0 where every node is a source.
    ///
    /// Hoeffding's inequality with Serfling's factor for samples without repetition:
    /// sqrt((1 - (k - 1) / c) ln(2 n / delta) / (2 k)) for k of the c others. A node that is a source
    /// itself has one less.
    func meanDeviations(delta: Double) -> [Double] {
        let logarithm = log(2 * Double(labels.count) / delta)
        return labels.indices.map { label in
            guard sourceCounts[label] < componentSizes[label] else { return 0 }
            let count = Double(max(1, sourceCounts[label] - 1))
            let rest = 1 - (count - 1) / Double(componentSizes[label] - 1)
            return (rest * logarithm / (2 * count)).squareRoot()
        }
    }

    /// A bound on the error of the betweenness of all nodes at once, which holds with probability
    /// 1 - `delta`; 0 where every node is a source.
    ///
    /// In a component of c nodes a dependency lies in [0, c - 2], and the mean of all c of them counts
    /// c / ((n - 1)(n - 2)) times.
    func betweennessEpsilon(delta: Double) -> Double {
        let nodeCount = Double(labels.count)
        let deviations = meanDeviations(delta: delta)
        var epsilon = 0.0
        for label in labels.indices where deviations[label] > 0 {
            let size = Double(componentSizes[label])
            let share = size * (size - 2) / ((nodeCount - 1) * (nodeCount - 2))
            epsilon = max(epsilon, share * deviations[label])
        }
        return min(1, epsilon)
    }
}
