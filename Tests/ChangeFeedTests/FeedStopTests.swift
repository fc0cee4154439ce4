import ChangeFeed
import Testing

@Suite("A feed that is asked to stop")
struct FeedStopTests {
    @Test("stops at once where nothing is in hand")
    func atOnce() {
        var sleeping = FeedStateMachine.sleeping(at: .at(10))
        #expect(sleeping.handle(.stopRequested) == [.disconnect, .stop])
        var waiting = SampleState.disconnected.feed()
        #expect(waiting.handle(.stopRequested) == [.stop])
        var fresh = FeedStateMachine(configuration: .init(), seed: 1)
        #expect(fresh.handle(.stopRequested) == [.stop])
    }

    @Test("finishes the write in hand first")
    func duringWrite() {
        var feed = SampleState.writing.feed()
        #expect(feed.handle(.stopRequested).isEmpty)
        #expect(feed.handle(.batchWritten) == [.disconnect, .stop])
    }

    @Test("drops a batch that was read and not yet written")
    func duringRead() {
        var feed = SampleState.reading.feed()
        #expect(feed.handle(.stopRequested).isEmpty)
        #expect(feed.handle(.found(5, .at(99))) == [.disconnect, .stop])
    }

    @Test("stops when the action in hand fails", arguments: SampleState.busy)
    func duringFailure(sample: SampleState) {
        guard sample != .sleeping else { return }
        var feed = sample.feed()
        #expect(feed.handle(.stopRequested).isEmpty)
        #expect(feed.handle(.failed(FeedFailureTests.broken)) == [.disconnect, .stop])
    }

    @Test("does nothing any more afterwards")
    func afterwards() {
        var feed = FeedStateMachine.sleeping(at: .at(10))
        _ = feed.handle(.stopRequested)
        #expect(feed.handle(.doorbell).isEmpty)
        #expect(feed.handle(.failed(FeedFailureTests.broken)).isEmpty)
        #expect(feed.handle(.stopRequested).isEmpty)
        #expect(feed.state == .stopped)
    }
}
