import Glibc

/// How a wait on a socket ended.
enum SocketWait {
    case ready
    case woken
    case timedOut
}

/// Blocks until the socket has one of `events`, the pipe is woken, or the deadline is past.
func waitForSocket(
    _ socket: Int32, events: Int16, wakePipe: WakePipe, until deadline: ContinuousClock.Instant
) -> SocketWait {
    var descriptors = [
        pollfd(fd: socket, events: events, revents: 0),
        pollfd(fd: wakePipe.readEnd, events: Int16(POLLIN), revents: 0),
    ]
    while true {
        let remaining = deadline - ContinuousClock.now
        let count = poll(&descriptors, 2, pollTimeout(remaining))
        if count > 0 {
            // Data goes first: a wake stays in its pipe until the next wait.
            return descriptors[0].revents != 0 ? .ready : .woken
        }
        if count == 0, deadline <= ContinuousClock.now { return .timedOut }
    }
}

/// Milliseconds, rounded up so that a wait never ends early, and within the range of `poll`.
private func pollTimeout(_ remaining: Duration) -> Int32 {
    guard remaining > .zero else { return 0 }
    let (seconds, attoseconds) = remaining.components
    guard seconds < 2_000_000 else { return 2_000_000_000 }
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
}

/// The event of data to read.
let readable = Int16(POLLIN)
/// The event of room to write.
let writable = Int16(POLLOUT)
