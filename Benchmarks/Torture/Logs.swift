import Foundation

/// Looks through PostgreSQL's log for harm done to others.
enum ServerLog {
    static func examine(_ server: TortureServer, _ log: TortureLog) {
        for file in server.logFiles {
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { continue }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            log.count("panics of PostgreSQL", by: lines.count { $0.contains("PANIC:") })
            for (place, line) in lines.enumerated() where line.contains("deadlock detected") {
                log.count("deadlocks")
                // DETAIL names both processes and their statements.
                let detail = lines[place..<min(place + 40, lines.count)].joined(separator: "\n")
                let isOfSidecar = line.contains("] vigil ")
                guard isOfSidecar || detail.contains("unnest($1::") else { continue }
                log.sayFew("deadlock with the sidecar", detail)
                log.count("deadlocks with the sidecar")
                if line.contains("] torture writer") {
                    log.fail("a writer was the victim of a deadlock with the sidecar")
                }
            }
        }
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
