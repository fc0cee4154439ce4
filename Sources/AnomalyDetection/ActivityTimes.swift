/// The newest observation times of one entity in ascending order, and how many there ever were.
struct ActivityTimes: Sendable, Equatable {
    /// Enough for a month with 17 updates a day; 4 kB for the entities that have them.
    static let capacity = 512

    private(set) var times: [Double] = []
    private(set) var totalCount = 0

    /// True where older times were dropped.
    var isTruncated: Bool { totalCount > times.count }

    /// Adds a time, wherever it belongs.
    /// - Complexity: O(1) for the newest, O(capacity) for an older one or when full.
    mutating func insert(_ time: Double) {
        guard !time.isNaN else { return }
        totalCount += 1
        if let last = times.last, time < last {
            times.insert(time, at: countThrough(time))
        } else {
            times.append(time)
        }
        if times.count > Self.capacity { times.removeFirst() }
    }

    /// How many of the kept times are at or before `time`.
    /// - Complexity: O(log capacity)
    func countThrough(_ time: Double) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// How many observations there were at or before `time`, dropped ones included.
    func totalThrough(_ time: Double) -> Int {
        totalCount - times.count + countThrough(time)
    }
}
