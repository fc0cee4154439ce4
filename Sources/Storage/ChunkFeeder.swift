import Synchronization

/// Hands out the chunks of a COPY one after the other.
final class ChunkFeeder: Sendable {
    private let chunks: [[UInt8]]
    private let position = Mutex(0)
    private let report: @Sendable (_ sent: Int) -> Void

    init(chunks: [[UInt8]], report: @escaping @Sendable (_ sent: Int) -> Void) {
        self.chunks = chunks
        self.report = report
    }

    func next() -> [UInt8]? {
        let place = position.withLock { place in
            defer { place += 1 }
            return place
        }
        report(min(place, chunks.count))
        return place < chunks.count ? chunks[place] : nil
    }
}
