/// The feed's settings.
package struct FeedConfiguration: Sendable, Equatable {
    /// Whether the feed arms the doorbell before it sleeps; otherwise it only polls.
    package var usesDoorbell: Bool
    /// How long the feed sleeps at most before it looks by itself.
    package var fallbackPoll: Duration
    /// The first sleep while a transaction may commit without ringing; it doubles from there.
    package var quickPollMin: Duration
    /// The first delay before connecting again; it doubles from there.
    package var backoffMin: Duration
    /// The longest delay before connecting again.
    package var backoffMax: Duration

    /// Settings with the given values.
    package init(
        usesDoorbell: Bool = true, fallbackPoll: Duration = .seconds(1),
        quickPollMin: Duration = .milliseconds(2), backoffMin: Duration = .milliseconds(100),
        backoffMax: Duration = .seconds(10)
    ) {
        precondition(quickPollMin > .zero, "a poll waits for some time")
        precondition(fallbackPoll > .zero, "a poll waits for some time")
        precondition(backoffMin > .zero && backoffMin <= backoffMax, "the backoff has a range")
        self.usesDoorbell = usesDoorbell
        self.fallbackPoll = fallbackPoll
        self.quickPollMin = quickPollMin
        self.backoffMin = backoffMin
        self.backoffMax = backoffMax
    }
}
