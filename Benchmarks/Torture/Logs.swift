import Foundation
import LocalCluster

/// Looks through PostgreSQL's log for harm done to others.
enum ServerLog {
    static func examine(_ server: TortureServer, _ log: TortureLog) {
        guard let text = try? String(contentsOf: server.active.logFile, encoding: .utf8) else {
            return
        }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var deadlocks = 0
        for (place, line) in lines.enumerated() where line.contains("deadlock detected") {
            // Then DETAIL names both processes with their statements.
            let detail = lines[place..<min(place + 8, lines.count)].joined(separator: "\n")
            let isWithSidecar =
                detail.contains("unnest($1::bigint[]") || detail.contains("vigil.feed_state\n")
                || line.contains("] vigil ")
            if isWithSidecar {
                log.sayFew("deadlock with the sidecar", detail)
                log.count("deadlocks with the sidecar")
            }
            deadlocks += 1
        }
        log.count("deadlocks in all", by: deadlocks)
        log.count("panics", by: lines.count { $0.contains("PANIC:") })
    }
}

/// Looks through what the sidecar said.
enum SidecarLog {
    /// What must never be said.
    private static let alarms = [
        "Fatal error", "a kept metric is wrong", "differs from what it counts", "Crash",
        "precondition", "illegal instruction",
    ]

    static func examine(_ file: URL, _ log: TortureLog) {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return }
        for line in text.split(separator: "\n") {
            for alarm in alarms where line.localizedCaseInsensitiveContains(alarm) {
                log.fail("the sidecar says: \(line.prefix(400))")
            }
            if line.contains("the feed was interrupted") { log.count("feed interrupted") }
            if line.contains("following") { log.count("graph loaded") }
        }
    }
}
