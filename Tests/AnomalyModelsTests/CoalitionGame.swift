import AnomalyModels

/// The game behind exact contributions, by enumeration: 2^M coalitions of columns.
///
/// A coalition is worth the sum of the leaf values that the trees give on average when the row decides at
/// the splits on its columns and the covers' shares decide at the others.
struct CoalitionGame {
    let nodes: ForestNodes
    let row: [Double]

    func shapleyValues() -> [Double] {
        let count = row.count
        let values = (0..<1 << count).map { value(coalition: $0) }
        var factorials = [1.0]
        for n in 1...count { factorials.append(factorials[n - 1] * Double(n)) }
        return (0..<count).map { feature in
            var sum = 0.0
            for coalition in 0..<1 << count where coalition & (1 << feature) == 0 {
                let size = coalition.nonzeroBitCount
                let weight =
                    factorials[size] * factorials[count - size - 1] / factorials[count]
                sum += weight * (values[coalition | (1 << feature)] - values[coalition])
            }
            return sum
        }
    }

    private func value(coalition: Int) -> Double {
        (0..<nodes.treeCount).reduce(0) {
            $0 + value(at: nodes.nodes(ofTree: $1).lowerBound, coalition)
        }
    }

    private func value(at node: Int, _ coalition: Int) -> Double {
        guard nodes.firstChild[node] >= 0 else { return nodes.leafValue[node] }
        let left = Int(nodes.firstChild[node])
        let feature = Int(nodes.feature[node])
        if coalition & (1 << feature) != 0 {
            return value(at: nodes.goesRight(row[feature], at: node) ? left + 1 : left, coalition)
        }
        let share = nodes.cover[left] / nodes.cover[node]
        return share * value(at: left, coalition) + (1 - share) * value(at: left + 1, coalition)
    }
}
