import ChangeFeed
import Testing

@Suite("The feed's state machine")
struct FeedStateMachineTests {
    @Test("connects, loads, and reads what came after the loaded snapshot")
    func beginning() {
        var feed = FeedStateMachine(configuration: .init(), seed: 1)
        #expect(feed.handle(.started) == [.connect])
        #expect(feed.handle(.connected) == [.load(resuming: nil)])
        #expect(feed.handle(.loaded(.at(10))) == [.read(after: .at(10))])
        #expect(feed.position == .at(10))
    }

    @Test("reads again at once after a batch with changes")
    func batchAfterBatch() {
        var feed = FeedStateMachine.reading(after: .at(10))
        #expect(feed.handle(.found(3, .at(12))) == [.write(upTo: .at(12))])
        #expect(feed.position == .at(10), "the batch is not committed yet")
        #expect(feed.handle(.batchWritten) == [.read(after: .at(12))])
    }

    @Test("arms when a read finds nothing, reads once more, and only then sleeps")
    func goingToSleep() {
        var feed = FeedStateMachine.reading(after: .at(10))
        #expect(feed.handle(.found(0, .at(11))) == [.arm])
        #expect(feed.handle(.armed) == [.read(after: .at(11))])
        #expect(feed.handle(.found(0, .at(13))) == [.sleep(.seconds(1))])
        #expect(feed.state == .sleeping)
    }

    @Test("writes what the check read finds, and arms anew afterwards")
    func checkReadFinds() {
        var feed = FeedStateMachine.reading(after: .at(10))
        #expect(feed.handle(.found(0, .at(11))) == [.arm])
        #expect(feed.handle(.armed) == [.read(after: .at(11))])
        #expect(feed.handle(.found(2, .at(14))) == [.write(upTo: .at(14))])
        #expect(feed.handle(.batchWritten) == [.read(after: .at(14))])
        #expect(feed.handle(.found(0, .at(14))) == [.arm])
    }

    @Test("reads when the doorbell rings or the poll is due", arguments: [true, false])
    func waking(byDoorbell: Bool) {
        var feed = FeedStateMachine.sleeping(at: .at(10))
        #expect(feed.handle(byDoorbell ? .doorbell : .timerFired) == [.read(after: .at(10))])
    }

    @Test("sleeps on without arming twice when it was woken for nothing")
    func wokenForNothing() {
        var feed = FeedStateMachine.sleeping(at: .at(10))
        #expect(feed.handle(.timerFired) == [.read(after: .at(10))])
        #expect(feed.handle(.found(0, .at(20))) == [.sleep(.seconds(1))])
    }

    @Test("polls quickly, ever more slowly, while a silent writer may be under way")
    func quickPolls() {
        var feed = FeedStateMachine.reading(after: .at(10))
        _ = feed.handle(.found(0, .at(10)))
        _ = feed.handle(.armed)
        let busy = FeedSnapshot(xmin: 10, xmax: 12, inProgress: [10])
        var slept: [Duration] = []
        for _ in 0..<11 {
            guard case .sleep(let duration) = feed.handle(.found(0, busy)).first else { break }
            slept.append(duration)
            _ = feed.handle(.timerFired)
        }
        let milliseconds = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 1000]
        #expect(slept == milliseconds.map { Duration.milliseconds($0) })
    }

    @Test("goes back to the fallback poll when the silent writers are over, whoever began since")
    func silentWritersEnd() {
        var feed = FeedStateMachine.reading(after: .at(10))
        _ = feed.handle(.found(0, .at(10)))
        _ = feed.handle(.armed)
        let first = FeedSnapshot(xmin: 10, xmax: 13, inProgress: [10, 11])
        #expect(feed.handle(.found(0, first)) == [.sleep(.milliseconds(2))])
        _ = feed.handle(.timerFired)
        let second = FeedSnapshot(xmin: 11, xmax: 20, inProgress: [11, 15])
        #expect(feed.handle(.found(0, second)) == [.sleep(.milliseconds(4))])
        _ = feed.handle(.timerFired)
        // Transaction 15 began after the doorbell was armed, so it will ring.
        let third = FeedSnapshot(xmin: 15, xmax: 22, inProgress: [15])
        #expect(feed.handle(.found(0, third)) == [.sleep(.seconds(1))])
    }

    @Test("only polls when the doorbell is switched off")
    func pollingOnly() {
        var feed = FeedStateMachine.reading(
            after: .at(10), .init(usesDoorbell: false, fallbackPoll: .milliseconds(50)))
        let busy = FeedSnapshot(xmin: 10, xmax: 12, inProgress: [10])
        #expect(feed.handle(.found(0, busy)) == [.sleep(.milliseconds(50))])
        #expect(feed.handle(.timerFired) == [.read(after: busy)])
        #expect(feed.handle(.found(1, .at(13))) == [.write(upTo: .at(13))])
    }

    @Test("takes new settings at its next step")
    func newSettings() {
        var feed = FeedStateMachine.sleeping(at: .at(10))
        #expect(feed.handle(.configured(.init(fallbackPoll: .seconds(9)))).isEmpty)
        _ = feed.handle(.timerFired)
        #expect(feed.handle(.found(0, .at(10))) == [.sleep(.seconds(9))])
        #expect(feed.handle(.configured(.init(usesDoorbell: false))).isEmpty)
        _ = feed.handle(.timerFired)
        #expect(feed.handle(.found(0, .at(10))) == [.sleep(.seconds(1))])
    }

    @Test("loads anew when the epoch has changed", arguments: SampleState.leading)
    func epochChange(sample: SampleState) {
        var feed = sample.feed()
        #expect(feed.handle(.epochChanged) == [.load(resuming: nil)])
        #expect(feed.handle(.loaded(.at(5))) == [.read(after: .at(5))])
        #expect(feed.handle(.found(0, .at(5))) == [.arm], "the doorbell of that epoch is not armed")
    }

    @Test("ends the process when an outcome cannot be one of the state's")
    func impossibleOutcome() async {
        await #expect(processExitsWith: .failure) {
            var feed = FeedStateMachine(configuration: .init(), seed: 1)
            _ = feed.handle(.batchWritten)
        }
    }
}
