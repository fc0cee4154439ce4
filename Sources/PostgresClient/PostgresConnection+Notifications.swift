extension PostgresConnection {
    /// Waits until a notification arrives on a channel that was subscribed to with LISTEN.
    ///
    /// Returns all that have arrived, those during earlier statements included. The answer is empty
    /// after the timeout, after `wake`, and at once when the task is cancelled. Throws
    /// `connectionLost` when the server goes away.
    package func waitForNotification(
        timeout: Duration
    ) async throws(PostgresError) -> [PostgresNotification] {
        let wakePipe = wakePipe
        let deadline = ContinuousClock.now + timeout
        let result = await withTaskCancellationHandler {
            Result { () throws(PostgresError) in try collectNotifications(until: deadline) }
        } onCancel: {
            wakePipe.wake()
        }
        return try result.get()
    }

    /// Ends the wait for a notification, from any thread; where none is under way, the next one.
    package nonisolated func wake() {
        wakePipe.wake()
    }

    private func collectNotifications(
        until deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> [PostgresNotification] {
        let context = "waiting for a notification"
        try requireUsable(context)
        while true {
            guard handle.consumeInput() else { throw connectionError(context) }
            var notifications: [PostgresNotification] = []
            while let notification = handle.nextNotification() {
                notifications.append(notification)
            }
            guard notifications.isEmpty else { return notifications }
            let end = waitForSocket(
                handle.socket, events: readable, wakePipe: wakePipe, until: deadline)
            switch end {
            case .ready: continue
            case .woken:
                wakePipe.drain()
                return []
            case .timedOut: return []
            }
        }
    }
}
