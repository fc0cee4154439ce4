import ChangeFeed

/// Feeds in each of their states, for tests of what all have in common.
enum SampleState: CaseIterable {
    case disconnected, connecting, standingBy, loading, reading, writing, arming, checking, sleeping

    /// Those with an action under way that can fail.
    static let busy = allCases.filter { $0 != .disconnected }
    /// Those that have a connection and lead.
    static let leading = busy.filter { $0 != .connecting && $0 != .standingBy }

    func feed() -> FeedStateMachine {
        var feed = FeedStateMachine(configuration: .init(), seed: 1)
        var events: [FeedEvent] = [.started]
        switch self {
        case .disconnected: events += [.failed(FeedFailure(.transient, "away"))]
        case .connecting: break
        case .standingBy: events += [.anotherLeads, .anotherLeads]
        case .loading: events += [.connected]
        case .reading: events += [.connected, .loaded(.at(10))]
        case .writing: events += [.connected, .loaded(.at(10)), .found(1, .at(11))]
        case .arming: events += [.connected, .loaded(.at(10)), .found(0, .at(10))]
        case .checking: events += [.connected, .loaded(.at(10)), .found(0, .at(10)), .armed]
        case .sleeping:
            events += [.connected, .loaded(.at(10)), .found(0, .at(10)), .armed]
            events += [.found(0, .at(10))]
        }
        for event in events { _ = feed.handle(event) }
        return feed
    }
}

extension FeedStateMachine {
    static func reading(
        after snapshot: FeedSnapshot, _ configuration: FeedConfiguration = .init()
    ) -> FeedStateMachine {
        var feed = FeedStateMachine(configuration: configuration, seed: 1)
        for event in [.started, .connected, .loaded(snapshot)] as [FeedEvent] {
            _ = feed.handle(event)
        }
        return feed
    }

    static func sleeping(at snapshot: FeedSnapshot) -> FeedStateMachine {
        var feed = reading(after: snapshot)
        for event in [.found(0, snapshot), .armed, .found(0, snapshot)] as [FeedEvent] {
            _ = feed.handle(event)
        }
        return feed
    }
}

extension FeedSnapshot {
    /// A snapshot with nothing in progress.
    static func at(_ xmax: UInt64) -> FeedSnapshot {
        FeedSnapshot(xmin: xmax, xmax: xmax)
    }
}

extension FeedEvent {
    static func found(_ changeCount: Int, _ snapshot: FeedSnapshot) -> FeedEvent {
        .batchRead(changeCount: changeCount, snapshot: snapshot)
    }
}

extension FeedAction {
    var reconnectDelay: Duration? {
        if case .waitToReconnect(let delay) = self { delay } else { nil }
    }
}
