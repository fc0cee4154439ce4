// The passes of Louvain, Leiden and the update of communities: moving, joining, and again one level up.

import GraphEngine
import ParallelLoops

/// One graph's communities while they are being looked for.
///
/// Moving nodes is sequential, as each move decides the next; refining, joining and the modularity use
/// the threads, and none of them depends on how many there are.
struct CommunitySearch {
    private let base: CommunityLevel
    /// The community of each node of the graph.
    private let partition: Shared<Int32>
    private var communityCount: Int
    private var random: SplitMix64

    /// Where each node of the graph is at the level of the pass.
    private let places: Shared<Int32>
    /// The communities of the level's nodes.
    private let labels: Shared<Int32>
    /// What becomes one node a level up.
    private let parts: Shared<Int32>
    private let numbers: Shared<Int32>
    private let stack: Shared<Int32>
    private let levels: (LevelMemory, LevelMemory)
    private let members: CommunityMembers
    private let sums: [WeightSums]
    private let moving: LocalMoving
    private let refinement: CommunityRefinement

    private init(
        _ memory: WorkMemory, _ base: CommunityLevel, entryCount: Int, resolution: Double,
        seed: UInt64, threadCount: Int
    ) {
        let nodeCount = base.nodeCount
        self.base = base
        communityCount = nodeCount
        random = SplitMix64(state: seed)
        partition = memory.room(nodeCount, of: Int32.self)
        places = memory.room(nodeCount, of: Int32.self)
        labels = memory.room(nodeCount, of: Int32.self)
        parts = memory.room(nodeCount, of: Int32.self)
        numbers = memory.room(nodeCount, of: Int32.self)
        stack = memory.room(nodeCount, of: Int32.self)
        levels = (
            LevelMemory(memory, nodeCount: nodeCount, entryCount: entryCount),
            LevelMemory(memory, nodeCount: nodeCount, entryCount: entryCount)
        )
        members = CommunityMembers(memory, nodeCount: nodeCount)
        sums = (0..<max(1, threadCount)).map { _ in WeightSums(memory, labelCount: nodeCount) }
        moving = LocalMoving(
            memory, nodeCount: nodeCount, entryCount: entryCount, resolution: resolution,
            labels: labels, sums: sums[0])
        refinement = CommunityRefinement(
            memory, nodeCount: nodeCount, scale: moving.scale, sums: sums)
        for node in 0..<nodeCount { partition[node] = Int32(node) }
    }

    /// Runs `body` on a search of the graph in which each node is alone.
    static func partition(
        _ graph: GraphSnapshot, resolution: Double, seed: UInt64, threadCount: Int,
        _ body: (inout CommunitySearch) -> Int
    ) -> CommunityPartition {
        let nodeCount = graph.nodeCount
        let memory = WorkMemory()
        let degrees = memory.room(nodeCount, of: UInt32.self)
        for node in 0..<nodeCount { degrees[node] = UInt32(graph.degree(at: node)) }
        var found = (labels: Array(0..<Int32(nodeCount)), levelCount: 1)
        graph.offsets.withUnsafeBufferPointer { offsets in
            graph.targets.withUnsafeBufferPointer { targets in
                guard let offsets = offsets.baseAddress, let targets = targets.baseAddress else {
                    return
                }
                withExtendedLifetime(memory) {
                    let base = CommunityLevel(
                        nodeCount: nodeCount, offsets: offsets, targets: targets, weights: nil,
                        degrees: degrees.base)
                    var search = CommunitySearch(
                        memory, base, entryCount: graph.targets.count, resolution: resolution,
                        seed: seed, threadCount: threadCount)
                    if graph.edgeCount > 0 { found.levelCount = body(&search) }
                    found.labels = Array(
                        UnsafeBufferPointer(start: search.partition.base, count: nodeCount))
                }
            }
        }
        return CommunityPartition(
            graph, labels: found.labels, resolution: resolution, levelCount: found.levelCount,
            threadCount: threadCount)
    }

    /// Begins with given communities; a node whose label is negative is alone.
    mutating func begin(with given: [Int32]) {
        numbers.base.update(repeating: -1, count: base.nodeCount)
        communityCount = 0
        for node in 0..<base.nodeCount {
            let label = given[node]
            if label < 0 || numbers[label] < 0 {
                if label >= 0 { numbers[label] = Int32(communityCount) }
                partition[node] = Int32(communityCount)
                communityCount += 1
            } else {
                partition[node] = numbers[label]
            }
        }
    }

    /// Improves the partition through all levels.
    ///
    /// - Parameters:
    ///   - isRefined: Whether communities are divided before they are joined, as in Leiden; they come
    ///     out connected then.
    ///   - nodes: The nodes that may move first; nil: all.
    /// - Returns: The number of levels.
    mutating func pass(isRefined: Bool, from nodes: [Int32]? = nil) -> Int {
        var level = base
        var levelCount = 1
        var labelCount = communityCount
        for node in 0..<base.nodeCount {
            places[node] = Int32(node)
            labels[node] = partition[node]
        }
        while true {
            if let nodes, levelCount == 1 {
                moving.run(level, communityCount: labelCount, from: nodes)
            } else {
                moving.run(level, communityCount: labelCount, random: &random)
            }
            labelCount = renumber(labels, level.nodeCount)
            guard labelCount < level.nodeCount else { break }
            let partCount = isRefined ? refine(level, labelCount) : labelCount
            guard partCount < level.nodeCount else { break }
            level = join(level, isRefined: isRefined, partCount: partCount, into: levelCount % 2)
            levelCount += 1
            if !isRefined { labelCount = partCount }
        }
        if isRefined { labelCount = divideConnected(level, labels) }
        for node in 0..<base.nodeCount { partition[node] = labels[places[node]] }
        communityCount = labelCount
        return levelCount
    }

    /// Makes communities of the connected parts of the partition, which never lowers modularity.
    mutating func divideConnected() {
        communityCount = divideConnected(base, partition)
    }

    /// Divides each community into parts; returns how many there are.
    private func refine(_ level: CommunityLevel, _ labelCount: Int) -> Int {
        members.gather(
            nodeCount: level.nodeCount, labels: labels, communityCount: labelCount)
        refinement.run(
            level, labels: labels, members: members, communityCount: labelCount, parts: parts)
        return renumber(parts, level.nodeCount)
    }

    /// Makes one node of each part, or of each community where there are no parts.
    private func join(
        _ level: CommunityLevel, isRefined: Bool, partCount: Int, into slot: Int
    ) -> CommunityLevel {
        let joined = isRefined ? parts : labels
        members.gather(nodeCount: level.nodeCount, labels: joined, communityCount: partCount)
        for node in 0..<base.nodeCount { places[node] = joined[places[node]] }
        let next = (slot == 0 ? levels.0 : levels.1).join(
            level, labels: joined, members: members, communityCount: partCount, sums: sums)
        // A community of parts keeps its number, which is below theirs.
        for part in 0..<partCount {
            numbers[part] =
                isRefined
                ? labels[members.nodes[members.range(part).lowerBound]] : Int32(part)
        }
        labels.base.update(from: numbers.base, count: partCount)
        return next
    }

    /// Gives labels dense numbers in the order of their first nodes; returns how many there are.
    private func renumber(_ labels: Shared<Int32>, _ nodeCount: Int) -> Int {
        numbers.base.update(repeating: -1, count: nodeCount)
        var count: Int32 = 0
        for node in 0..<nodeCount {
            let label = labels[node]
            if numbers[label] < 0 {
                numbers[label] = count
                count += 1
            }
            labels[node] = numbers[label]
        }
        return Int(count)
    }

    /// Gives each connected part of each community its own label; returns how many there are.
    private func divideConnected(_ level: CommunityLevel, _ labels: Shared<Int32>) -> Int {
        numbers.base.update(repeating: -1, count: level.nodeCount)
        var count: Int32 = 0
        for start in 0..<level.nodeCount where numbers[start] < 0 {
            numbers[start] = count
            stack[0] = Int32(start)
            var stackCount = 1
            while stackCount > 0 {
                stackCount -= 1
                let node = Int(stack[stackCount])
                let label = labels[node]
                for entry in level.row(node) {
                    let neighbor = level.targets[entry]
                    guard numbers[neighbor] < 0, labels[neighbor] == label else { continue }
                    numbers[neighbor] = count
                    stack[stackCount] = neighbor
                    stackCount += 1
                }
            }
            count += 1
        }
        labels.base.update(from: numbers.base, count: level.nodeCount)
        return Int(count)
    }
}
