import ChangeFeed
import Testing

@Suite("A feed snapshot")
struct FeedSnapshotTests {
    @Test("is read from the text that PostgreSQL writes", arguments: ["5:5:", "100:105:100,102"])
    func roundTrip(text: String) throws {
        #expect(try FeedSnapshot(parsing: text).description == text)
    }
}
