extension AdjacencyGraph {
    /// One number for an unordered pair of positions.
    func pairKey(_ first: NodeIndex, _ second: NodeIndex) -> UInt64 {
        UInt64(UInt32(bitPattern: min(first, second))) << 32
            | UInt64(UInt32(bitPattern: max(first, second)))
    }

    /// Counts one more active row between two distinct nodes; true where they became adjacent.
    mutating func connect(_ first: NodeIndex, _ second: NodeIndex) -> Bool {
        let (inFirst, isAdjacent) = neighborLists.withList(first) { list in
            let index = lowerBound(list, second)
            return (index, index < list.count && list[index] == second)
        }
        if isAdjacent {
            parallelRows[pairKey(first, second), default: 0] += 1
            return false
        }
        let inSecond = neighborLists.withList(second) { lowerBound($0, first) }
        Self.countTriangles(first, second, by: 1, lists: neighborLists, triangles: &triangles)
        neighborLists.insert(second, at: inFirst, of: first)
        neighborLists.insert(first, at: inSecond, of: second)
        simpleEdgeCount += 1
        return true
    }

    /// Counts one active row less between two distinct nodes; true where they ceased to be adjacent.
    mutating func disconnect(_ first: NodeIndex, _ second: NodeIndex) -> Bool {
        if !parallelRows.isEmpty {
            let pair = pairKey(first, second)
            if let extra = parallelRows[pair] {
                parallelRows[pair] = extra > 1 ? extra - 1 : nil
                return false
            }
        }
        let inFirst = neighborLists.withList(first) { lowerBound($0, second) }
        let inSecond = neighborLists.withList(second) { lowerBound($0, first) }
        neighborLists.remove(at: inFirst, of: first)
        neighborLists.remove(at: inSecond, of: second)
        Self.countTriangles(first, second, by: -1, lists: neighborLists, triangles: &triangles)
        simpleEdgeCount -= 1
        return true
    }

    /// Adds or takes away the triangles that stand on the edge between two nodes.
    private static func countTriangles(
        _ first: NodeIndex, _ second: NodeIndex, by difference: Int, lists: ListPool,
        triangles: inout [Int]
    ) {
        triangles.withUnsafeMutableBufferPointer { triangles in
            var count = 0
            lists.withList(first) { ofFirst in
                lists.withList(second) { ofSecond in
                    forEachCommonElement(ofFirst, ofSecond) { corner in
                        triangles[Int(corner)] += difference
                        count += 1
                    }
                }
            }
            triangles[Int(first)] += count * difference
            triangles[Int(second)] += count * difference
        }
    }
}
