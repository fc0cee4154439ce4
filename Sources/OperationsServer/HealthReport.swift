import Foundation
package import Sidecar

/// What `/healthz` and `/readyz` say: whether all is well, and if not, why.
package struct HealthReport: Sendable, Encodable, Equatable {
    /// From when on something is not well.
    package struct Limits: Sendable, Equatable {
        /// A change that was read waits at most so long for its result, in seconds.
        package var lagSeconds: Double
        /// The loop may be late by so much.
        package var overdue: Duration

        package init(lagSeconds: Double = 10, overdue: Duration = .zero) {
            self.lagSeconds = lagSeconds
            self.overdue = overdue
        }
    }

    /// "ok", or "failing".
    package var status: String
    /// One sentence each; empty where all is well.
    package var reasons: [String]
    /// What the sidecar is doing, since when, and how.
    package var state: String
    package var stateSeconds: Double
    package var action: String
    package var progress: String?
    /// How long the oldest change that was read has waited, and the limit; nil while nobody follows.
    package var lagSeconds: Double?
    package var lagLimitSeconds: Double
    package var pendingChanges: Int
    package var entities, relationships, queueLength: Int
    /// Nil where rules judge.
    package var model: String?
    package var version: String

    /// Whether all is well.
    package var isGood: Bool { reasons.isEmpty }

    enum CodingKeys: String, CodingKey {
        case status, reasons, state, action, progress, entities, relationships, model, version
        case stateSeconds = "state_seconds"
        case lagSeconds = "lag_seconds"
        case lagLimitSeconds = "lag_limit_seconds"
        case pendingChanges = "pending_changes"
        case queueLength = "queue_length"
    }

    /// Whether the process lives and its loop moves: if not, a new start helps.
    package static func liveness(
        _ told: SidecarHealth.Snapshot, at now: ContinuousClock.Instant, limits: Limits,
        version: String
    ) -> HealthReport {
        HealthReport(
            told, at: now, limits: limits, version: version,
            reasons: [halt(told, at: now, limits: limits)].compactMap(\.self))
    }

    /// Whether changes are judged now.
    package static func readiness(
        _ told: SidecarHealth.Snapshot, at now: ContinuousClock.Instant, limits: Limits,
        version: String
    ) -> HealthReport {
        var reasons = [halt(told, at: now, limits: limits)].compactMap(\.self)
        switch told.state {
        case .following, .standby: break
        case .starting, .connecting:
            reasons.append("not connected to PostgreSQL yet" + because(told.failure))
        case .loading: reasons.append("the graph is being loaded" + because(told.progress))
        case .disconnected: reasons.append("not connected to PostgreSQL" + because(told.failure))
        case .stopped: reasons.append("stopped")
        }
        if let lag = told.lag(at: now), lag > limits.lagSeconds {
            reasons.append(
                "the oldest of \(told.pending?.changeCount ?? 0) changes has waited "
                    + "\(rounded(lag)) s, the limit is \(rounded(limits.lagSeconds)) s")
        }
        if let refusal = told.refusal { reasons.append("refused: \(refusal)") }
        return HealthReport(told, at: now, limits: limits, version: version, reasons: reasons)
    }

    private init(
        _ told: SidecarHealth.Snapshot, at now: ContinuousClock.Instant, limits: Limits,
        version: String, reasons: [String]
    ) {
        status = reasons.isEmpty ? "ok" : "failing"
        self.reasons = reasons
        state = told.state.rawValue
        stateSeconds = Self.rounded((now - told.stateSince) / .seconds(1))
        action = told.action
        progress = told.progress
        lagSeconds = told.lag(at: now).map(Self.rounded)
        lagLimitSeconds = limits.lagSeconds
        pendingChanges = told.pending?.changeCount ?? 0
        entities = told.sizes.entityCount
        relationships = told.sizes.relationshipCount
        queueLength = told.sizes.queueLength
        model = told.modelVersion
        self.version = version
    }

    /// The report as JSON.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    private static func halt(
        _ told: SidecarHealth.Snapshot, at now: ContinuousClock.Instant, limits: Limits
    ) -> String? {
        guard let overdue = told.overdue(at: now), overdue > limits.overdue else { return nil }
        return "the feed's loop does not move: \(told.action) should have been over "
            + "\(rounded(overdue / .seconds(1))) s ago"
    }

    private static func because(_ reason: String?) -> String { reason.map { ": \($0)" } ?? "" }

    private static func rounded(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
}
