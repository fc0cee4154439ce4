// Rows from an edge list by counting sorts, without a comparison, in two scatters:
//
// 1. Both ends of each edge are dealt into rows in the order of the keys, each entry with a mark for
//    its direction. What lies twice in a row is merged; so the degrees are known, and with them the
//    positions.
// 2. The rows are transposed, the row of position 0 first: as the graph is its own transpose, every
//    row receives its neighbors in ascending order.
//
// Each thread counts its share of the entries for every row first, so all know where to write.

import ParallelLoops

extension GraphSnapshot {
    /// Builds the rows from a list of directed edges.
    ///
    /// - Parameters:
    ///   - keys: The nodes' keys, ascending and distinct.
    ///   - sources: Where each edge begins, as a position in `keys`; repeated pairs are allowed.
    ///   - targets: Where it ends.
    ///   - threadCount: The threads to use.
    /// - Complexity: O(nodes + edges); in memory 12 bytes an edge, and 24 + 8 · threads a node,
    ///   beside the snapshot itself.
    package init(
        keys: [NodeKey], sources: [Int32], targets: [Int32], threadCount: Int = 1
    ) {
        precondition(sources.count == targets.count, "each edge has two ends")
        precondition(
            keys.count < 1 << 30 && sources.count < 1 << 31,
            "an entry holds a node and two marks in 32 bits")
        // Counts for every row are made by every thread, so the rows must be worth them.
        let perThread = max(1 << 15, keys.count / 2)
        let threads = max(1, min(threadCount, sources.count / perThread))
        let rows = MarkedRows(
            nodeCount: keys.count, sources: sources, targets: targets, threadCount: threads)
        let (order, positions) = rows.byDegree()
        nodeKeys = order.map { keys[Int($0)] }
        positionsByKey = positions
        outDegrees = order.map { rows.outDegrees[Int($0)] }
        offsets = sums(order.count) { rows.degrees[Int(order[$0])] }
        inOffsets = sums(order.count) { rows.inDegrees[Int(order[$0])] }
        (self.targets, inSources) = rows.transposed(
            order: order, positions: positions, offsets: offsets, inOffsets: inOffsets,
            threadCount: threads)
    }
}

/// The sums of the values before each position, and of all of them.
private func sums(_ count: Int, _ value: (Int) -> UInt32) -> [UInt32] {
    makeArray(count: count + 1) { sums in
        var sum: UInt32 = 0
        for position in 0..<count {
            sums[position] = sum
            sum += value(position)
        }
        sums[count] = sum
    }
}

/// The distinct neighbors of each node in the order of the keys, with the directions seen.
private struct MarkedRows: ~Copyable {
    /// An entry is a neighbor, shifted by the marks.
    private static let isOutgoing: UInt32 = 1
    private static let isIncoming: UInt32 = 2
    private static let markBits: UInt32 = 2

    let nodeCount: Int
    /// Where each row begins in `entries`; `lengths` says how many entries are left of it.
    private let starts: Scratch<UInt32>
    private let lengths: Scratch<UInt32>
    private let entries: Scratch<UInt32>
    /// The distinct neighbors of each node, itself left out.
    let degrees: Scratch<UInt32>
    /// The distinct nodes that point to it, and that it points to, itself included.
    let inDegrees: Scratch<UInt32>
    let outDegrees: Scratch<UInt32>

    init(nodeCount: Int, sources: [Int32], targets: [Int32], threadCount: Int) {
        self.nodeCount = nodeCount
        starts = Scratch(uninitializedCount: nodeCount + 1)
        lengths = Scratch(uninitializedCount: nodeCount)
        entries = Scratch(uninitializedCount: 2 * sources.count)
        degrees = Scratch(uninitializedCount: nodeCount)
        inDegrees = Scratch(uninitializedCount: nodeCount)
        outDegrees = Scratch(uninitializedCount: nodeCount)
        let cursors = Scratch<UInt32>(uninitializedCount: nodeCount * threadCount)
        deal(sources, targets, cursors: cursors.shared, threadCount: threadCount)
        merge(seen: cursors.shared, threadCount: threadCount)
    }

    /// Deals both ends of each edge into their rows.
    private func deal(
        _ sources: [Int32], _ targets: [Int32], cursors: SharedElements<UInt32>, threadCount: Int
    ) {
        let (nodeCount, edgeCount) = (nodeCount, sources.count)
        let entries = entries.shared
        sources.withShared { sources in
            targets.withShared { targets in
                _ = parallelFor(threadCount: threadCount) { thread in
                    let base = thread * nodeCount
                    cursors.fill(base..<base + nodeCount, with: 0)
                    for edge in share(of: edgeCount, thread: thread, threadCount: threadCount) {
                        cursors[base + Int(sources[edge])] &+= 1
                        cursors[base + Int(targets[edge])] &+= 1
                    }
                }
                startCursors(cursors, threadCount: threadCount)
                _ = parallelFor(threadCount: threadCount) { thread in
                    let base = thread * nodeCount
                    for edge in share(of: edgeCount, thread: thread, threadCount: threadCount) {
                        let (source, target) = (sources[edge], targets[edge])
                        let outgoing = cursors[base + Int(source)]
                        cursors[base + Int(source)] = outgoing &+ 1
                        entries[Int(outgoing)] =
                            UInt32(truncatingIfNeeded: target) << Self.markBits | Self.isOutgoing
                        let incoming = cursors[base + Int(target)]
                        cursors[base + Int(target)] = incoming &+ 1
                        entries[Int(incoming)] =
                            UInt32(truncatingIfNeeded: source) << Self.markBits | Self.isIncoming
                    }
                }
            }
        }
    }

    /// Turns each thread's counts into the places where it begins to write in each row.
    private func startCursors(_ cursors: SharedElements<UInt32>, threadCount: Int) {
        var sum: UInt32 = 0
        for node in 0..<nodeCount {
            starts[node] = sum
            for thread in 0..<threadCount {
                let count = cursors[thread * nodeCount + node]
                cursors[thread * nodeCount + node] = sum
                sum &+= count
            }
        }
        starts[nodeCount] = sum
    }

    /// Merges what lies twice in a row, in place, and counts.
    ///
    /// `seen` holds for each neighbor one more than the place of the entry that last named it; rows
    /// are passed in ascending order, so a place before the row's start is of another row.
    private func merge(seen: SharedElements<UInt32>, threadCount: Int) {
        let nodeCount = nodeCount
        let (starts, lengths, entries) = (starts.shared, lengths.shared, entries.shared)
        let (degrees, inDegrees, outDegrees) = (
            degrees.shared, inDegrees.shared, outDegrees.shared
        )
        let shares = rowShares(UnsafeBufferPointer(self.starts.buffer), threadCount: threadCount)
        _ = parallelFor(threadCount: threadCount) { thread in
            let seen = seen.dropFirst(thread * nodeCount)
            seen.fill(0..<nodeCount, with: 0)
            for node in shares[thread] {
                let start = starts[node]
                var end = start
                for place in start..<starts[node + 1] {
                    let entry = entries[Int(place)]
                    let neighbor = Int(entry >> Self.markBits)
                    let seenPlace = seen[neighbor]
                    if seenPlace > start {
                        entries[Int(seenPlace) - 1] |= entry
                    } else {
                        entries[Int(end)] = entry
                        end &+= 1
                        seen[neighbor] = end
                    }
                }
                var (incoming, outgoing): (UInt32, UInt32) = (0, 0)
                for place in start..<end {
                    let entry = entries[Int(place)]
                    outgoing &+= entry & Self.isOutgoing
                    incoming &+= (entry & Self.isIncoming) >> 1
                }
                lengths[node] = end &- start
                degrees[node] = end &- start &- (seen[node] > start ? 1 : 0)
                inDegrees[node] = incoming
                outDegrees[node] = outgoing
            }
        }
    }

    /// The nodes by degree, the largest first, equal ones by key; and the position of each.
    func byDegree() -> (order: [Int32], positions: [Int32]) {
        let degreeMax = degrees.buffer[..<nodeCount].max() ?? 0
        let cursors = Scratch<UInt32>(repeating: 0, count: Int(degreeMax) + 2)
        // A bucket for each distance from the largest degree; the first place is the second's end.
        for node in 0..<nodeCount { cursors[Int(degreeMax - degrees[node]) + 1] &+= 1 }
        for bucket in 0...Int(degreeMax) { cursors[bucket + 1] &+= cursors[bucket] }
        var positions: [Int32] = []
        let order: [Int32] = makeArray(count: nodeCount) { order in
            positions = makeArray(count: nodeCount) { positions in
                for node in 0..<nodeCount {
                    let bucket = Int(degreeMax - degrees[node])
                    let position = cursors[bucket]
                    cursors[bucket] = position &+ 1
                    order[Int(position)] = Int32(truncatingIfNeeded: node)
                    positions[node] = Int32(truncatingIfNeeded: position)
                }
            }
        }
        return (order, positions)
    }

    /// The rows by position, ascending, and those of the predecessors.
    consuming func transposed(
        order: [Int32], positions: [Int32], offsets: [UInt32], inOffsets: [UInt32],
        threadCount: Int
    ) -> (targets: [Int32], inSources: [Int32]) {
        let shares = offsets.withUnsafeBufferPointer { rowShares($0, threadCount: threadCount) }
        let cursors = Scratch<Cursors>(uninitializedCount: nodeCount * threadCount)
        let shared = cursors.shared
        positions.withShared { rename($0, counts: shared, shares: shares) }
        offsets.withShared { offsets in
            inOffsets.withShared { inOffsets in
                startCursors(shared, offsets: offsets, inOffsets: inOffsets, shares: shares)
            }
        }
        var inSources: [Int32] = []
        let targets: [Int32] = makeArray(count: Int(offsets[nodeCount])) { targets in
            inSources = makeArray(count: Int(inOffsets[nodeCount])) { inSources in
                order.withShared {
                    transpose(
                        $0, cursors: shared, targets: targets, inSources: inSources,
                        shares: shares)
                }
            }
        }
        return (targets, inSources)
    }

    /// The next place in a row of neighbors, and in one of predecessors.
    private struct Cursors: BitwiseCopyable {
        var neighbors: UInt32
        var predecessors: UInt32
    }

    /// Puts positions in the place of nodes, and counts for each row what each thread will write.
    private func rename(
        _ positions: SharedElements<Int32>, counts: SharedElements<Cursors>, shares: [Range<Int>]
    ) {
        let (nodeCount, threadCount) = (nodeCount, shares.count)
        let rowShares = rowShares(UnsafeBufferPointer(starts.buffer), threadCount: threadCount)
        let (starts, lengths, entries) = (starts.shared, lengths.shared, entries.shared)
        _ = parallelFor(threadCount: threadCount) { thread in
            for node in rowShares[thread] {
                let position = UInt32(truncatingIfNeeded: positions[node])
                for writer in 0..<threadCount {
                    counts[writer * nodeCount + Int(position)] = Cursors(
                        neighbors: 0, predecessors: 0)
                }
                for place in Int(starts[node])..<Int(starts[node] + lengths[node]) {
                    let entry = entries[place]
                    let neighbor = UInt32(
                        truncatingIfNeeded: positions[Int(entry >> Self.markBits)])
                    entries[place] = neighbor << Self.markBits | entry & 3
                    guard threadCount > 1 else { continue }
                    var writer = 0
                    while Int(neighbor) >= shares[writer].upperBound { writer += 1 }
                    let count = writer * nodeCount + Int(position)
                    counts[count].neighbors &+= neighbor == position ? 0 : 1
                    counts[count].predecessors &+= (entry & Self.isIncoming) >> 1
                }
            }
        }
    }

    /// Turns the counts into the places where each thread begins to write in each row.
    private func startCursors(
        _ cursors: SharedElements<Cursors>, offsets: SharedElements<UInt32>,
        inOffsets: SharedElements<UInt32>, shares: [Range<Int>]
    ) {
        let (nodeCount, threadCount) = (nodeCount, shares.count)
        _ = parallelFor(threadCount: threadCount) { thread in
            for position in share(of: nodeCount, thread: thread, threadCount: threadCount) {
                var next = Cursors(
                    neighbors: offsets[position], predecessors: inOffsets[position])
                for writer in 0..<threadCount {
                    let count = cursors[writer * nodeCount + position]
                    cursors[writer * nodeCount + position] = next
                    next.neighbors &+= count.neighbors
                    next.predecessors &+= count.predecessors
                }
            }
        }
    }

    /// Writes each position into the rows of its neighbors and of its successors.
    private func transpose(
        _ order: SharedElements<Int32>, cursors: SharedElements<Cursors>,
        targets: SharedElements<Int32>, inSources: SharedElements<Int32>, shares: [Range<Int>]
    ) {
        let nodeCount = nodeCount
        let (starts, lengths, entries) = (starts.shared, lengths.shared, entries.shared)
        _ = parallelFor(threadCount: shares.count) { thread in
            let cursors = cursors.dropFirst(thread * nodeCount)
            for position in shares[thread] {
                let node = Int(order[position])
                let value = Int32(truncatingIfNeeded: position)
                for place in Int(starts[node])..<Int(starts[node] + lengths[node]) {
                    let entry = entries[place]
                    let other = Int(entry >> Self.markBits)
                    var next = cursors[other]
                    if other != position {
                        targets[Int(next.neighbors)] = value
                        next.neighbors &+= 1
                    }
                    if entry & Self.isOutgoing != 0 {
                        inSources[Int(next.predecessors)] = value
                        next.predecessors &+= 1
                    }
                    cursors[other] = next
                }
            }
        }
    }
}
