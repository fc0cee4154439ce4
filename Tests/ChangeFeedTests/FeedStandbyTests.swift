import ChangeFeed
import Testing

@Suite("A feed that stands by")
struct FeedStandbyTests {
    @Test("follows warm while another leads, and loads when the lead is its own")
    func takingOver() {
        var feed = FeedStateMachine(configuration: .init(), seed: 1)
        #expect(feed.handle(.started) == [.connect])
        #expect(feed.handle(.anotherLeads) == [.standBy])
        #expect(feed.state == .standingBy)
        #expect(feed.handle(.anotherLeads) == [.standBy])
        #expect(feed.handle(.connected) == [.load(resuming: nil)])
        #expect(feed.handle(.loaded(.at(10))) == [.read(after: .at(10))])
    }

    @Test("that has led before and lost the lead stands by after connecting again")
    func deposed() {
        var feed = FeedStateMachine.sleeping(at: .at(10))
        _ = feed.handle(.failed(FeedFailureTests.broken))
        #expect(feed.handle(.timerFired) == [.connect])
        #expect(feed.handle(.anotherLeads) == [.standBy])
    }

    @Test("ends where it cannot begin, and never once its graph is loaded")
    func refused() {
        var beginning = FeedStateMachine(configuration: .init(), seed: 1)
        for event in [.started, .anotherLeads] as [FeedEvent] { _ = beginning.handle(event) }
        #expect(
            beginning.handle(.failed(FeedFailureTests.refused))
                == [.disconnect, .fail(FeedFailureTests.refused)])
        var following = SampleState.standingBy.feed()
        #expect(
            following.handle(.failed(FeedFailureTests.refused)).last?.reconnectDelay != nil)
    }

    @Test("stops after the step in hand, the one that takes the lead as well")
    func stopping() {
        var feed = SampleState.standingBy.feed()
        #expect(feed.handle(.stopRequested).isEmpty)
        #expect(feed.handle(.connected) == [.disconnect, .stop])
    }
}
