package import GraphEngine

extension DynamicPageRank {
    /// Pushes residuals until the error bound is kept, or until the work is done that is allowed; the
    /// bound says what was reached.
    /// - Parameters:
    ///   - graph: The graph as it is now.
    ///   - edgeVisitsMax: So many edges may be gone along.
    /// - Returns: Whether the error bound is at most `errorMax`.
    /// - Complexity: O(rows of the nodes pushed).
    @discardableResult
    package mutating func finishBatch(
        _ graph: AdjacencyGraph, edgeVisitsMax: Int = .max
    ) -> Bool {
        let edgePushCountMax =
            edgeVisitsMax == .max ? Int.max : edgePushCount + pushCount + edgeVisitsMax
        while errorBound > errorMax {
            guard edgePushCount + pushCount < edgePushCountMax else { return false }
            guard let node = nextNode() else {
                chooseFloor()
                return errorBound <= errorMax
            }
            push(node, graph)
            if changeCount > max(nodeCount, 1 << 16) { addSums() }
            if waitingCount > 2 * nodeCount + (1 << 10) { fillBuckets() }
        }
        return true
    }

    private mutating func push(_ node: NodeIndex, _ graph: AdjacencyGraph) {
        let residual = nodes[Int(node)].residual
        nodes[Int(node)].residual = 0
        nodes[Int(node)].value += residual
        valueSum += residual
        residualSum -= residual
        residualSizeSum -= abs(residual)
        pushCount += 1
        let count = nodes[Int(node)].successorCount
        guard count > 0 else { return }
        graph.gatherSuccessors(of: node, into: &successors)
        let share = damping * residual / Double(count)
        var sizes = 0.0
        for place in successors.indices {
            let target = successors[place]
            let old = nodes[Int(target)].residual
            let new = old + share
            nodes[Int(target)].residual = new
            sizes += abs(new) - abs(old)
            let bucket = self.bucket(for: new, nodes[Int(target)].successorCount)
            if bucket > nodes[Int(target)].bucket { wait(target, in: bucket) }
        }
        residualSum += share * Double(count)
        residualSizeSum += sizes
        changeCount += successors.count + 1
        edgePushCount += successors.count
    }

    /// The next node of about the largest residual.
    private mutating func nextNode() -> NodeIndex? {
        while topBucket > 0 {
            guard let node = buckets[topBucket].popLast() else {
                topBucket -= 1
                continue
            }
            waitingCount -= 1
            guard Int(nodes[Int(node)].bucket) == topBucket else { continue }
            nodes[Int(node)].bucket = 0
            let bucket = self.bucket(
                for: nodes[Int(node)].residual, nodes[Int(node)].successorCount)
            if Int(bucket) == topBucket { return node }
            if bucket > 0 { wait(node, in: bucket) }
        }
        return nil
    }

    @inline(__always)
    mutating func wait(_ node: NodeIndex, in bucket: UInt8) {
        nodes[Int(node)].bucket = bucket
        buckets[Int(bucket)].append(node)
        waitingCount += 1
        topBucket = max(topBucket, Int(bucket))
    }

    /// The bucket of a residual for each edge that a push would go along, 0 below the floor.
    @inline(__always)
    func bucket(for residual: Double, _ successorCount: Int32) -> UInt8 {
        // The exponent's bits as they are; zero and denormal numbers are far below any floor.
        let width = Int32.bitWidth - successorCount.leadingZeroBitCount
        let exponent = Int((residual.bitPattern >> 52) & 0x7FF) - width
        return UInt8(
            truncatingIfNeeded: min(max(exponent - floorExponent, 0), Self.bucketCount - 1))
    }

    /// Chooses the residuals that need not wait: for twice the nodes and pairs of now they are at most
    /// half of the budget, since 2^width is at most twice the successors and 1 without any.
    mutating func chooseFloor() {
        floorSize = 2 * max(nodeCount + 2 * pairCount, 16)
        addSums()
        // In the worst case only every (1 - d)th part of the values is there.
        let budget = errorMax * (1 - damping) * max(valueSum, 1) / 2
        let floor = budget / 4 / Double(floorSize)
        floorExponent = Int((floor.bitPattern >> 52) & 0x7FF)
        fillBuckets()
    }

    /// Puts each node into the bucket of its residual, and the outdated entries away.
    private mutating func fillBuckets() {
        for bucket in buckets.indices { buckets[bucket].removeAll(keepingCapacity: true) }
        topBucket = 0
        waitingCount = 0
        for node in nodes.indices {
            nodes[node].bucket = 0
            let bucket = self.bucket(for: nodes[node].residual, nodes[node].successorCount)
            if bucket > 0 { wait(NodeIndex(node), in: bucket) }
        }
    }

    /// Adds the sums up anew.
    mutating func addSums() {
        changeCount = 0
        (valueSum, residualSum, residualSizeSum) = (0, 0, 0)
        for node in nodes where node.isLive {
            valueSum += node.value
            residualSum += node.residual
            residualSizeSum += abs(node.residual)
        }
    }
}
