import AnomalyModels
import ChangeFeed
import Testing

@Suite("The doorbell")
struct DoorbellTests {
    /// The fallback poll never fires, so whatever the doorbell and the quick polls miss stays unread.
    ///
    /// Writers take an id, look at the doorbell, commit and ring, at random moments between the
    /// feed's own steps; the feed loses its connection now and then.
    @Test(
        "misses no writer, whatever the order of their steps and the feed's",
        arguments: UInt64(1)...600)
    func noLostWriter(seed: UInt64) {
        var world = DoorbellModel(seed: seed)
        for stepCount in 1...20 {
            world.run(stepCount: stepCount)
            world.settle()
            #expect(world.isAsleep)
            #expect(Set(world.effects.keys) == world.changes)
            #expect(world.effects.values.allSatisfy { $0 == 1 })
        }
    }
}

/// Writers, a database and the feed, one random step at a time.
struct DoorbellModel {
    private(set) var effects: [UInt64: Int] = [:]
    private(set) var changes: Set<UInt64> = []

    private struct Writer {
        let xid: UInt64
        var willRing = false
        var hasLooked = false
    }

    private static let fallbackPoll = Duration.seconds(1_000_000_000)

    private var random: SeededRandom
    private var model = TransactionModel()
    private var writers: [Writer] = []
    /// Few at a time: a crowd wakes the feed for each other.
    private let writerCountMax: Int
    private let writerRate: Double
    private var isArmed = false
    private var hasRung = false
    private var stored: FeedSnapshot
    private var feed: FeedStateMachine
    private var action: FeedAction
    private var batch: [UInt64] = []
    /// Arming takes two transactions; writers act before each of these steps.
    private enum ArmingStep {
        case begin
        case commit(UInt64)
        case assignAnotherID
    }
    private var armingStep = ArmingStep.begin

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        writerCountMax = Int.random(in: 1...4, using: &random)
        writerRate = Double.random(in: 0.4...0.85, using: &random)
        stored = model.snapshot()
        feed = FeedStateMachine(
            configuration: .init(fallbackPoll: Self.fallbackPoll), seed: seed)
        _ = feed.handle(.started)
        _ = feed.handle(.connected)
        action = feed.handle(.loaded(stored))[0]
    }

    var isAsleep: Bool { action == .sleep(Self.fallbackPoll) && !hasRung }

    mutating func run(stepCount: Int) {
        for _ in 0..<stepCount {
            if random.chance(writerRate) { stepWriters() } else { stepFeed(mayFail: true) }
        }
    }

    mutating func settle() {
        while !writers.isEmpty {
            if random.chance(0.3) { stepWriters(mayBegin: false) } else { stepFeed(mayFail: false) }
        }
        for _ in 0..<100 where !isAsleep { stepFeed(mayFail: false) }
    }

    private mutating func stepWriters(mayBegin: Bool = true) {
        guard let position = writers.indices.randomElement(using: &random),
            !mayBegin || random.chance(0.6)
        else {
            if mayBegin, writers.count < writerCountMax {
                writers.append(Writer(xid: model.begin()))
            }
            return
        }
        if !writers[position].hasLooked || random.chance(0.2) {
            writers[position].hasLooked = true
            writers[position].willRing = writers[position].willRing || isArmed
            return
        }
        let writer = writers.remove(at: position)
        if random.chance(0.15) { return model.end(writer.xid) }
        model.commit(writer.xid)
        changes.insert(writer.xid)
        if writer.willRing { hasRung = true }
    }

    private mutating func stepFeed(mayFail: Bool) {
        if mayFail, random.chance(0.03) { return loseConnection() }
        switch action {
        case .read(let position):
            let current = model.snapshot()
            batch = model.rows(of: .difference(from: position, to: current), under: current)
                .filter { changes.contains($0) }
            report(.batchRead(changeCount: batch.count, snapshot: current))
        case .write(let snapshot):
            commitOwnTransaction()
            for xid in batch { effects[xid, default: 0] += 1 }
            stored = snapshot
            isArmed = false
            report(.batchWritten)
        case .arm:
            stepArming()
        case .sleep(let duration):
            if hasRung {
                hasRung = false
                report(.doorbell)
            } else if duration < Self.fallbackPoll {
                report(.timerFired)
            }
        default: Issue.record("the feed asks for \(action)")
        }
    }

    private mutating func stepArming() {
        switch armingStep {
        case .begin: armingStep = .commit(model.begin())
        case .commit(let xid):
            model.commit(xid)
            isArmed = true
            armingStep = .assignAnotherID
        case .assignAnotherID:
            commitOwnTransaction()
            armingStep = .begin
            report(.armed)
        }
    }

    private mutating func commitOwnTransaction() {
        let xid = model.begin()
        model.commit(xid)
    }

    private mutating func report(_ event: FeedEvent) {
        action = feed.handle(event)[0]
    }

    /// The session ends: a ring that nobody heard is lost with it.
    private mutating func loseConnection() {
        if case .commit(let xid) = armingStep { model.end(xid) }
        armingStep = .begin
        hasRung = false
        _ = feed.handle(.failed(FeedFailure(.transient, "lost")))
        _ = feed.handle(.timerFired)
        let actions = feed.handle(.connected)
        guard case .load(let position?) = actions.first else {
            Issue.record("the feed forgets its position")
            return
        }
        action = feed.handle(.loaded(position))[0]
    }
}
