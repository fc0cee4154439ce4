import Foundation
import PostgresClient
import Synchronization

/// What runs beside the feed: metrics refreshes as often as the sidecar does them, trainings one
/// after the other, and pictures that nobody has drawn yet.
struct LongWork: Sendable {
    private let conninfo: String
    private let seed: UInt64

    /// What was done meanwhile.
    struct Done: Encodable, Sendable {
        var metricsRefreshes = 0
        var trainings = 0
        var drawings = 0

        var text: String {
            "\(metricsRefreshes) metrics refreshes, \(trainings) trainings (one under way at the end), \(drawings) drawings"
        }
    }

    init(conninfo: String, seed: UInt64) {
        self.conninfo = conninfo
        self.seed = seed
    }

    /// Whether the sidecar computes global metrics while it follows.
    static func setRefreshing(_ isOn: Bool, on database: PostgresConnection) async throws {
        try await database.execute(
            """
            UPDATE vigil.settings SET value = '\(isOn ? 1 : 86_400)'
            WHERE name = 'metrics_refresh_seconds'
            """)
    }

    /// Keeps the sidecar at work while the body runs.
    func run(beside body: () async throws -> Void) async throws -> Done {
        let control = try await PostgresConnection.connect(
            conninfo, applicationName: "load-benchmark long work")
        let before = try await refreshes(on: control)
        try await Self.setRefreshing(true, on: control)
        let training = Task { try await train() }
        let drawing = Task { try await draw() }
        defer {
            training.cancel()
            drawing.cancel()
        }
        try await body()
        let refreshCount = try await refreshes(on: control) - before
        training.cancel()
        drawing.cancel()
        try await Self.setRefreshing(false, on: control)
        await control.close()
        return Done(
            metricsRefreshes: refreshCount, trainings: try await training.value,
            drawings: try await drawing.value)
    }

    private func refreshes(on database: PostgresConnection) async throws -> Int {
        let answer = try await database.query(
            "SELECT coalesce(max((counters ->> 'metrics_refreshes')::bigint), 0) FROM vigil.sidecars"
        )
        return Int(try answer.int64(row: 0, column: 0))
    }

    /// Trains until it is cancelled; the models are not activated.
    private func train() async throws -> Int {
        let database = try await PostgresConnection.connect(
            conninfo, applicationName: "load-benchmark trainings")
        var count = 0
        while !Task.isCancelled {
            let task = try await database.query(
                "SELECT vigil.retrain(seed => $1, activate => false)",
                [.int64(Int64(seed) + Int64(count))]
            ).int64(row: 0, column: 0)
            while true {
                let state = try await database.query(
                    "SELECT state FROM vigil.tasks WHERE id = $1", [.int64(task)]
                ).string(row: 0, column: 0)
                if state == "done" {
                    count += 1
                    break
                }
                if state == "dead" { throw Failure("training task \(task) is dead") }
                if Task.isCancelled {
                    _ = try await database.query(
                        "SELECT vigil.cancel_task($1)", [.int64(task)])
                    break
                }
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
        await database.close()
        return count
    }

    /// Draws until it is cancelled, each picture of another size: none is there already.
    private func draw() async throws -> Int {
        let database = try await PostgresConnection.connect(
            conninfo, applicationName: "load-benchmark drawings")
        let anomalies = try await database.query(
            "SELECT id::text FROM vigil.anomalies ORDER BY anomaly_score DESC LIMIT 50")
        guard anomalies.rowCount > 0 else {
            say("there is no anomaly to draw")
            return 0
        }
        var count = 0
        while !Task.isCancelled {
            let id = try anomalies.string(row: count % anomalies.rowCount, column: 0)
            let size = 20 + (count / anomalies.rowCount) * 7 % 400
            do {
                _ = try await database.query(
                    "SELECT length(vigil.anomaly_svg($1::text::uuid, 2, $2, 20000))",
                    [.text(id), .int32(Int32(size))])
                count += 1
            } catch {
                if Task.isCancelled { break }
                throw error
            }
        }
        await database.close()
        return count
    }
}
