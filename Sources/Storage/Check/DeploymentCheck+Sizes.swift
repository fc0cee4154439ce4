import Foundation
import PostgresClient

/// What the sidecar will need and what it is told.
extension DeploymentCheck {
    func memory() async throws -> [CheckFinding] {
        let catalog = try await CatalogStore.load(on: connection)
        let counts =
            try await rows(
                """
                SELECT (SELECT count(*) FROM vigil.entities)::text, (SELECT count(*) FROM vigil.relationships)::text,
                    (SELECT count(*) FROM vigil.observation_history WHERE operation IN ('U', 'H') AND kind = 'e')::text,
                    (SELECT count(*) FROM vigil.observation_history WHERE operation IN ('U', 'H') AND kind = 'r')::text
                """
            ).first?.map { Int($0) ?? 0 } ?? [0, 0, 0, 0]
        let (entities, relationships) = (counts[0], counts[1])
        let needed = GraphLoader.estimatedByteCount(
            entities: entities, relationships: relationships,
            observations: (counts[2], counts[3]))
        let limit = catalog.sidecar.memoryLimitBytes
        let said =
            "\(entities) entities and \(relationships) relationships need about \(needed >> 20) MB, "
            + "the limit is \(limit >> 20) MB"
        if needed > limit {
            return [
                CheckFinding(
                    "memory", .problem, said + ": the sidecar will refuse to load them",
                    advice:
                        "raise memory_limit_megabytes in vigil.settings, or run on a larger machine"
                )
            ]
        }
        let machine = Int(ProcessInfo.processInfo.physicalMemory)
        if limit > machine {
            return [
                CheckFinding(
                    "memory", .warning, said + ", and this machine has \(machine >> 20) MB",
                    advice: "lower memory_limit_megabytes, where the sidecar runs on this machine")
            ]
        }
        return [
            CheckFinding(
                "memory", needed * 5 > limit * 4 ? .warning : .ok, said,
                advice: needed * 5 > limit * 4
                    ? "raise memory_limit_megabytes in vigil.settings before the graph outgrows it"
                    : nil)
        ]
    }

    /// Settings in `vigil.settings` that work against each other.
    func ownSettings() async throws -> [CheckFinding] {
        let values = Dictionary(
            try await rows("SELECT name, value #>> '{}' FROM vigil.settings").map { ($0[0], $0[1]) }
        ) { first, _ in first }
        func number(_ name: String) -> Double { values[name].flatMap { Double($0) } ?? .nan }
        var findings: [CheckFinding] = []
        func warn(_ message: String, _ advice: String) {
            findings.append(CheckFinding("settings", .warning, message, advice: advice))
        }
        let poll = number("fallback_poll_milliseconds")
        if values["feed_arm"] == "false", poll > 1000 {
            warn(
                "feed_arm is off and fallback_poll_milliseconds is \(Int(poll)): changes wait so long",
                "lower fallback_poll_milliseconds, 100 is the default")
        }
        if poll > number("detect_timeout_milliseconds") {
            warn(
                "fallback_poll_milliseconds is above detect_timeout_milliseconds: where the doorbell is missed, vigil.detect_entity() gives up first",
                "lower the one or raise the other")
        }
        if number("alert_budget_per_day") > 0, number("false_discovery_rate") > 0 {
            warn(
                "alert_budget_per_day and false_discovery_rate are both set", "set one of them to 0"
            )
        }
        if number("anomaly_threshold") == 0 {
            warn(
                "anomaly_threshold is 0: everything is an anomaly", "0.5 is the default")
        }
        if findings.isEmpty {
            findings.append(CheckFinding("settings", .ok, "those of Vigil fit each other"))
        }
        return findings
    }

    func models() async throws -> [CheckFinding] {
        let active = try await text(
            "SELECT string_agg(version, ', ') FROM vigil.models WHERE state = 'active'")
        if let active { return [CheckFinding("models", .ok, "active: \(active)")] }
        return [
            CheckFinding(
                "models", .ok, "none is active: rules judge",
                advice: "train one when there is data enough: vigil train")
        ]
    }

    func tasks() async throws -> [CheckFinding] {
        let dead =
            Int(
                try await text("SELECT count(*)::text FROM vigil.tasks WHERE state = 'dead'") ?? "")
            ?? 0
        guard dead > 0 else { return [CheckFinding("tasks", .ok, "none has failed for good")] }
        return [
            CheckFinding(
                "tasks", .warning, "\(dead) have failed for good",
                advice:
                    "SELECT * FROM vigil.task_status WHERE state = 'dead'; SELECT vigil.retry_task(id)"
            )
        ]
    }
}
