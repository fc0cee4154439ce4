import GraphEngine

/// The metrics by their definitions, from a distance matrix: slow, plain, and independent of the
/// kernels.
struct PlainMetrics {
    let nodeCount: Int
    var neighbors: [Set<Int>]
    var successors: [Set<Int>]
    /// Distance and number of shortest paths between each two nodes; nil where there is no path.
    var distances: [[Int?]]
    var pathCounts: [[Double]]

    init(_ shape: GraphShape) {
        nodeCount = shape.nodeCount
        neighbors = [Set<Int>](repeating: [], count: nodeCount)
        successors = neighbors
        for (source, target) in shape.edges {
            successors[source].insert(target)
            guard source != target else { continue }
            neighbors[source].insert(target)
            neighbors[target].insert(source)
        }
        distances = []
        pathCounts = []
        for start in 0..<nodeCount { search(from: start) }
    }

    private mutating func search(from start: Int) {
        var distance = [Int?](repeating: nil, count: nodeCount)
        var paths = [Double](repeating: 0, count: nodeCount)
        distance[start] = 0
        paths[start] = 1
        var frontier: Set<Int> = [start]
        var level = 0
        while !frontier.isEmpty {
            level += 1
            var next: Set<Int> = []
            for node in frontier {
                for neighbor in neighbors[node] where distance[neighbor] ?? level == level {
                    distance[neighbor] = level
                    paths[neighbor] += paths[node]
                    next.insert(neighbor)
                }
            }
            frontier = next
        }
        distances.append(distance)
        pathCounts.append(paths)
    }

    func reachable(from node: Int) -> [Int] {
        (0..<nodeCount).filter { $0 != node && distances[node][$0] != nil }
    }

    func closeness(_ node: Int) -> Double {
        let others = Double(reachable(from: node).count)
        guard others > 0 else { return 0 }
        let sum = reachable(from: node).reduce(0) { $0 + (distances[node][$1] ?? 0) }
        return others / Double(nodeCount - 1) * others / Double(sum)
    }

    func harmonic(_ node: Int) -> Double {
        reachable(from: node).reduce(0) { $0 + 1 / Double(distances[node][$1] ?? 0) }
    }

    func betweenness(_ node: Int) -> Double {
        var sum = 0.0
        for first in reachable(from: node) {
            for second in reachable(from: node) where second > first {
                guard let direct = distances[first][second], let toNode = distances[first][node],
                    let fromNode = distances[node][second], toNode + fromNode == direct
                else { continue }
                sum +=
                    pathCounts[first][node] * pathCounts[node][second] / pathCounts[first][second]
            }
        }
        return nodeCount > 2 ? sum / (Double((nodeCount - 1) * (nodeCount - 2)) / 2) : 0
    }

    func triangles(_ node: Int) -> Int {
        neighbors[node].reduce(0) { $0 + neighbors[node].intersection(neighbors[$1]).count } / 2
    }

    func component(_ node: Int) -> Int { ([node] + reachable(from: node)).min() ?? node }

    /// Takes away nodes below each degree in turn; what is left at k has core number k or more.
    func cores() -> [Int] {
        var cores = [Int](repeating: 0, count: nodeCount)
        var left = Set(0..<nodeCount)
        var core = 0
        while !left.isEmpty {
            core += 1
            while let node = left.first(where: { neighbors[$0].intersection(left).count < core }) {
                cores[node] = core - 1
                left.remove(node)
            }
        }
        return cores
    }
}
