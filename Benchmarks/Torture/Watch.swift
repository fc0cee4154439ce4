import Foundation
import PostgresClient

/// Looks at the feed each second, and says now and then how it stands.
struct Watch: Sendable {
    let server: TortureServer
    let keepers: [SidecarKeeper]
    let log: TortureLog

    private static let interval = 10

    func run() async {
        var round = 0
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            round += 1
            guard round.isMultiple(of: Self.interval) else { continue }
            do {
                try await look()
            } catch {
                log.say("watch   PostgreSQL does not answer")
            }
        }
    }

    private func look() async throws {
        let session = try await server.connect("torture: watch")
        let answer = try await session.query(
            """
            SELECT format('lag %s rows %s ms, %s batches %s changes %s replays, %s entities %s relationships, %s open anomalies, %s user connections',
                f.lag_rows, f.lag_milliseconds, f.batches, f.changes, f.replays,
                (SELECT count(*) FROM vigil.entities), (SELECT count(*) FROM vigil.relationships),
                (SELECT count(*) FROM vigil.anomalies WHERE is_active),
                (SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'torture%'))
            FROM vigil.feed_health f
            """)
        log.say(
            "watch   \(try answer.string(row: 0, column: 0)), sidecars \(keepers.map(\.residentMegabytes)) MB"
        )
        await session.close()
    }
}
