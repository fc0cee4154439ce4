/// The first position in an ascending list whose value is not below `value`.
@inline(__always)
func lowerBound(_ list: UnsafeBufferPointer<Int32>, _ value: Int32) -> Int {
    // Lists mostly grow at their end: new nodes have the largest positions.
    guard let last = list.last, last >= value else { return list.count }
    var low = 0
    var high = list.count
    while low < high {
        let middle = (low + high) >> 1
        if list[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
}

/// Calls `body` with each value that two ascending lists share, ascending.
///
/// Lists of like length are merged; a short list is looked up in a much longer one by galloping, so
/// an edge between a hub and a leaf costs the leaf's degree and not the hub's.
/// - Complexity: O(min(a + b, a · log b)) for lengths a <= b.
@inline(__always)
func forEachCommonElement(
    _ first: UnsafeBufferPointer<Int32>, _ second: UnsafeBufferPointer<Int32>,
    _ body: (Int32) -> Void
) {
    let (short, long) = first.count <= second.count ? (first, second) : (second, first)
    if short.count * gallopingRatio < long.count {
        var from = 0
        for value in short {
            from = gallop(long, value, from: from)
            if from == long.count { return }
            if long[from] == value { body(value) }
        }
        return
    }
    var shortIndex = 0
    var longIndex = 0
    while shortIndex < short.count, longIndex < long.count {
        let left = short[shortIndex]
        let right = long[longIndex]
        if left == right { body(left) }
        shortIndex += left <= right ? 1 : 0
        longIndex += right <= left ? 1 : 0
    }
}

/// From this ratio of lengths on, looking up beats merging; log2 of a usual hub's degree.
private let gallopingRatio = 16

/// The first position at or after `from` whose value is not below `value`.
@inline(__always)
private func gallop(_ list: UnsafeBufferPointer<Int32>, _ value: Int32, from: Int) -> Int {
    var step = 1
    var low = from
    var high = from
    while high < list.count, list[high] < value {
        low = high + 1
        high += step
        step *= 2
    }
    high = min(high, list.count)
    while low < high {
        let middle = (low + high) >> 1
        if list[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
}
