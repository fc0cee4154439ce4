import Foundation
import LocalCluster
import PostgresClient

/// CPU time of a server's processes by what they do, kept while they come and go.
struct CPULedger: Sendable {
    private let cluster: LocalCluster
    private let watcher: PostgresConnection
    private let start: ServerUsage

    init(_ cluster: LocalCluster, on watcher: PostgresConnection) async throws {
        self.cluster = cluster
        self.watcher = watcher
        start = try ServerUsage(of: cluster)
    }

    /// Looks once a second until the task is cancelled; the sum is exact, a process that lived for
    /// less than a second is among "others".
    func keep() async throws -> [String: Double] {
        var roles: [pid_t: String] = [:]
        var last = start.byProcess
        var end = start
        while true {
            let isLast = Task.isCancelled
            let answer = try await watcher.query(Self.query)
            for row in 0..<answer.rowCount {
                roles[try answer.int32(row: row, column: 0)] = try answer.string(
                    row: row, column: 1)
            }
            end = try ServerUsage(of: cluster)
            last.merge(end.byProcess) { _, newer in newer }
            if isLast { break }
            try? await Task.sleep(for: .seconds(1))
        }
        var seconds: [String: Double] = [:]
        for (processID, total) in last {
            seconds[roles[processID] ?? "others", default: 0] +=
                total - (start.byProcess[processID] ?? 0)
        }
        let named = seconds.values.reduce(0, +)
        seconds["others", default: 0] += max(0, end.cpuSeconds - start.cpuSeconds - named)
        return seconds
    }

    private static let query = """
        SELECT pid, CASE
            WHEN application_name = 'load-benchmark writer' THEN 'writers'
            WHEN application_name LIKE 'vigil%' THEN 'sidecar''s sessions'
            WHEN application_name LIKE 'load-benchmark%' THEN 'this measurement'
            WHEN backend_type LIKE 'autovacuum%' THEN 'autovacuum'
            WHEN backend_type IN ('checkpointer', 'background writer', 'walwriter') THEN 'WAL and checkpoints'
            ELSE 'others' END
        FROM pg_stat_activity
        """
}
