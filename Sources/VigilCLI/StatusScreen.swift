import Foundation
import Storage

/// The status of a database on one screen of eighty columns.
struct StatusScreen {
    /// What was shown before, for what has happened since.
    struct Former {
        var feed: StatusReport.Feed?
        var at: ContinuousClock.Instant
    }

    let report: StatusReport
    var former: Former?
    var now = ContinuousClock.now

    var text: String {
        var lines = ["database   \(report.database)"]
        lines += sidecars
        lines += feed
        let anomalies = report.anomalies
        lines.append(
            "anomalies  \(number(anomalies.open)) open: \(number(anomalies.critical)) critical, "
                + "\(number(anomalies.high)) high, \(number(anomalies.medium)) medium, "
                + "\(number(anomalies.low)) low")
        lines.append(
            "           \(number(anomalies.today)) new within a day, "
                + "\(number(anomalies.unreviewed)) not reviewed")
        let tasks = report.tasks.sorted { $0.key < $1.key }.map { "\(number($0.value)) \($0.key)" }
        lines.append("tasks      \(tasks.isEmpty ? "none waits" : tasks.joined(separator: ", "))")
        let models = report.models.map { model in
            "\(model.version) \(model.state)" + (model.activated.map { " since \($0)" } ?? "")
        }
        lines.append(
            "models     \(models.isEmpty ? "none: rules judge" : models.joined(separator: ", "))")
        lines += remarks.map { Terminal.colored("!          \($0)", 33) }
        return lines.joined(separator: "\n")
    }

    private var sidecars: [String] {
        guard !report.sidecars.isEmpty else {
            return ["sidecar    none: start one with `vigil run`"]
        }
        return report.sidecars.flatMap { sidecar -> [String] in
            let isWell = sidecar.state != "dead" && sidecar.state != "stopped"
            var lines = [
                "sidecar    " + Terminal.colored(sidecar.state, isWell ? 32 : 31)
                    + "  \(sidecar.host):\(sidecar.pid)  heartbeat \(ago(sidecar.heartbeat)), "
                    + "started \(ago(sidecar.started))"
            ]
            guard isWell else { return lines }
            lines.append(
                "           \(number(sidecar.entities)) entities, "
                    + "\(number(sidecar.relationships)) relationships, "
                    + "\(sidecar.memory ?? "-"), version \(sidecar.version ?? "-")")
            lines.append(
                "           \(number(sidecar.judged)) judged, \(number(sidecar.opened)) anomalies opened"
            )
            if let median = sidecar.medianLatency, let p99 = sidecar.p99Latency {
                lines.append(
                    "latency    p50 \(formatted(median)) ms, p99 \(formatted(p99)) ms from change to result, latest batches"
                )
            }
            let hits = sidecar.cacheHits ?? 0
            let asked = hits + (sidecar.cacheMisses ?? 0)
            if asked > 0 {
                lines.append(
                    "cache      \(formatted(100 * Double(hits) / Double(asked), places: 1)) % of \(number(asked)) answers were kept"
                )
            }
            return lines
        }
    }

    private var feed: [String] {
        guard let feed = report.feed.first else { return ["feed       its row is missing"] }
        var line = "feed       "
        if let rows = feed.lagRows {
            line +=
                "\(number(rows)) rows behind, \(formatted(feed.lagMilliseconds ?? 0, places: 1)) ms"
        } else {
            line += "nothing was loaded yet"
        }
        line += feed.armed ? ", asleep" : ""
        var counts =
            "           \(number(feed.changes)) changes in \(number(feed.batches)) batches, "
            + "\(number(feed.replays)) replays"
        if let former, let before = former.feed {
            let seconds = max((now - former.at) / .seconds(1), 0.001)
            counts +=
                ", \(formatted(Double(feed.changes - before.changes) / seconds, places: 1)) changes/s"
        }
        return [line, counts]
    }

    /// What somebody should look at.
    private var remarks: [String] {
        var remarks: [String] = []
        guard let feed = report.feed.first else {
            return ["vigil.feed_state has no row: vigil check"]
        }
        if !feed.sidecarAlive {
            remarks.append("no sidecar is alive: changes are kept, and not judged until one runs")
        }
        if let epoch = feed.epoch, let seen = feed.epochSeen, epoch != seen {
            remarks.append("the tables are of epoch \(epoch), the graph of \(seen): a load is due")
        }
        if (feed.lagMilliseconds ?? 0) > 10_000 {
            remarks.append("the feed is behind: see `vigil check`")
        }
        if let dead = report.tasks["dead"], dead > 0 {
            remarks.append("\(number(dead)) tasks have failed for good: vigil task list")
        }
        return remarks
    }

    private func ago(_ age: String?) -> String {
        age.map { $0 == "now" ? "now" : "\($0) ago" } ?? "-"
    }

    private func number(_ value: Int?) -> String {
        value.map { $0.formatted(.number) } ?? "-"
    }
}
