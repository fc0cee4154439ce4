import ChangeFeed
import Testing

@Suite("A feed snapshot")
struct FeedSnapshotTests {
    @Test(
        "is read from the text that PostgreSQL writes",
        arguments: ["5:5:", "100:105:100,102", "3:18446744073709551615:3,4,5"])
    func roundTrip(text: String) throws {
        #expect(try FeedSnapshot(parsing: text).description == text)
    }

    @Test(
        "is refused when the text is malformed",
        arguments: [
            "", "5", "5:6", "5:6:7:8", "a:6:", "5:b:", "5:6:c", "6:5:", "5:9:9", "5:9:4", "5:9:7,6",
            "5:9:6,6", "5:9:6,", "5:9:,6", "+5:6:", "-5:6:", " 5:6:", "0:5:", "5:9: 6",
            "18446744073709551616:18446744073709551617:",
        ])
    func malformed(text: String) {
        let error = #expect(throws: FeedError.self) { try FeedSnapshot(parsing: text) }
        #expect(error?.code == .malformedSnapshot)
    }

    @Test(
        "shows what was over and hides what was in progress or not begun",
        arguments: [
            (UInt64(99), true), (100, false), (101, true), (102, false), (104, true), (105, false),
            (200, false),
        ])
    func visibility(xid: UInt64, isVisible: Bool) {
        let snapshot = FeedSnapshot(xmin: 100, xmax: 105, inProgress: [100, 102])
        #expect(snapshot.isVisible(xid) == isVisible)
    }

    @Test("differs from itself by nothing")
    func sameSnapshot() {
        let snapshot = FeedSnapshot(xmin: 100, xmax: 105, inProgress: [100, 102])
        let read = FeedRead.difference(from: snapshot, to: snapshot)
        #expect(read.isEmpty)
        #expect(read.retried.isEmpty)
    }

    @Test("differs by the range since and by those that have ended meanwhile")
    func difference() {
        let read = FeedRead.difference(
            from: FeedSnapshot(xmin: 100, xmax: 105, inProgress: [100, 102]),
            to: FeedSnapshot(xmin: 100, xmax: 110, inProgress: [100, 107]))
        #expect(read.from == 105)
        #expect(read.upTo == 110)
        #expect(read.retried == [102])
        #expect(!read.isEmpty)
    }

    @Test("leaves a narrow range however old the oldest open transaction is")
    func oldTransaction() {
        let read = FeedRead.difference(
            from: FeedSnapshot(xmin: 3, xmax: 1_000_000, inProgress: [3]),
            to: FeedSnapshot(xmin: 3, xmax: 1_000_002, inProgress: [3]))
        #expect(read.from == 1_000_000)
        #expect(read.retried.isEmpty)
    }
}
