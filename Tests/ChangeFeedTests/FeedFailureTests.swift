import ChangeFeed
import Testing

@Suite("A feed that fails")
struct FeedFailureTests {
    static let broken = FeedFailure(.transient, "the connection is lost")
    static let refused = FeedFailure(.configuration, "wrong password")

    @Test("connects again after a delay, from any state", arguments: SampleState.busy)
    func reconnecting(sample: SampleState) {
        var feed = sample.feed()
        let actions = feed.handle(.failed(Self.broken))
        #expect(actions.first == .disconnect)
        #expect(actions.last?.reconnectDelay == .milliseconds(100))
        #expect(feed.handle(.timerFired) == [.connect])
    }

    @Test("reads a batch again whose write it did not hear of")
    func lostBatch() {
        var feed = FeedStateMachine.reading(after: .at(10))
        #expect(feed.handle(.found(3, .at(12))) == [.write(upTo: .at(12))])
        _ = feed.handle(.failed(Self.broken))
        _ = feed.handle(.timerFired)
        #expect(feed.handle(.connected) == [.load(resuming: .at(10))])
        #expect(feed.handle(.loaded(.at(10))) == [.read(after: .at(10))])
    }

    @Test("arms anew after a lost connection")
    func armsAnew() {
        var feed = FeedStateMachine.sleeping(at: .at(10))
        _ = feed.handle(.failed(Self.broken))
        _ = feed.handle(.timerFired)
        _ = feed.handle(.connected)
        _ = feed.handle(.loaded(.at(10)))
        #expect(feed.handle(.found(0, .at(10))) == [.arm])
    }

    @Test("waits between the limits, longer each time, and the same for the same seed")
    func delays() {
        func delays(seed: UInt64) -> [Duration] {
            var feed = FeedStateMachine(configuration: .init(), seed: seed)
            _ = feed.handle(.started)
            return (0..<12).map { _ in
                let delay = feed.handle(.failed(Self.broken)).last?.reconnectDelay ?? .zero
                _ = feed.handle(.timerFired)
                return delay
            }
        }
        let first = delays(seed: 7)
        #expect(first == delays(seed: 7))
        #expect(first != delays(seed: 8))
        #expect(first.allSatisfy { $0 >= .milliseconds(100) && $0 <= .seconds(10) })
        var ceiling = Duration.milliseconds(100)
        for delay in first {
            #expect(delay <= ceiling && delay * 2 >= ceiling)
            ceiling = min(ceiling * 2, .seconds(10))
        }
    }

    @Test("keeps its growing delay while it loads but never commits")
    func poisonedBatch() {
        var feed = FeedStateMachine.reading(after: .at(10))
        for failureCount in 1...5 {
            _ = feed.handle(.found(1, .at(11)))
            _ = feed.handle(.failed(Self.broken))
            #expect(feed.failureCount == failureCount)
            _ = feed.handle(.timerFired)
            _ = feed.handle(.connected)
            _ = feed.handle(.loaded(.at(10)))
        }
        _ = feed.handle(.found(1, .at(11)))
        _ = feed.handle(.batchWritten)
        #expect(feed.failureCount == 0)
    }

    @Test("ends at its start when only a person can help")
    func fatalAtStart() {
        var connecting = SampleState.connecting.feed()
        #expect(connecting.handle(.failed(Self.refused)) == [.fail(Self.refused)])
        #expect(connecting.state == .stopped)
        var loading = SampleState.loading.feed()
        #expect(loading.handle(.failed(Self.refused)) == [.disconnect, .fail(Self.refused)])
    }

    @Test("tries on when the same happens after it has followed once")
    func notFatalLater() {
        var feed = FeedStateMachine.sleeping(at: .at(10))
        _ = feed.handle(.failed(Self.broken))
        _ = feed.handle(.timerFired)
        #expect(feed.handle(.failed(Self.refused)).last?.reconnectDelay != nil)
    }

    @Test("tries on when the server is away at its start")
    func serverAway() {
        var feed = SampleState.connecting.feed()
        #expect(feed.handle(.failed(Self.broken)).last?.reconnectDelay != nil)
    }
}
