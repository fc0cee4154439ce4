import ParallelLoops

/// Counters in memory whose elements begin at the lines of the cache; copied when written and shared.
///
/// An array aligns its elements to 16 bytes whatever their type asks, and each counter would lie across
/// two lines.
struct KeyCounterArray: Sendable, Equatable {
    private var lines: Lines

    /// Empty places.
    init(count: Int) {
        lines = Lines(count: count)
        lines.buffer.initialize(repeating: KeyCounters())
    }

    init(_ counters: [KeyCounters]) {
        lines = Lines(count: counters.count)
        _ = lines.buffer.initialize(from: counters)
    }

    @inline(__always)
    var count: Int { lines.buffer.count }

    var byteCount: Int { count * MemoryLayout<KeyCounters>.stride }

    /// The counters as an array of their own.
    var array: [KeyCounters] { withBuffer { Array($0) } }

    /// Lends the places to be read.
    @inline(__always)
    func withBuffer<Result>(_ body: (UnsafeBufferPointer<KeyCounters>) -> Result) -> Result {
        withExtendedLifetime(lines) { body(UnsafeBufferPointer(lines.buffer)) }
    }

    /// Lends the places to be read and written.
    @inline(__always)
    mutating func withMutableBuffer<Result>(
        _ body: (UnsafeMutableBufferPointer<KeyCounters>) -> Result
    ) -> Result {
        if !isKnownUniquelyReferenced(&lines) { lines = Lines(copying: lines) }
        return withExtendedLifetime(lines) { body(lines.buffer) }
    }

    static func == (first: KeyCounterArray, second: KeyCounterArray) -> Bool {
        first.withBuffer { one in second.withBuffer { one.elementsEqual($0) } }
    }

    /// The memory.
    ///
    /// Sendable unchecked: it is written only while one array alone refers to it, through that array.
    private final class Lines: @unchecked Sendable {
        let buffer: UnsafeMutableBufferPointer<KeyCounters>

        init(count: Int) {
            let byteCount = count * MemoryLayout<KeyCounters>.stride
            let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
            adviseLargePages(memory, byteCount: byteCount)
            buffer = UnsafeMutableBufferPointer(
                start: memory.bindMemory(to: KeyCounters.self, capacity: count), count: count)
        }

        convenience init(copying other: Lines) {
            self.init(count: other.buffer.count)
            _ = buffer.initialize(fromContentsOf: other.buffer)
        }

        deinit { buffer.deallocate() }
    }
}
