import AnomalyDetection
import Foundation
import GraphMetrics
import Storage

/// What `vigil.metric_health` shows of the metrics of a detector.
struct MetricHealthReport {
    /// When the kept metrics were last changed, and when they were last audited; NaN: never.
    var changedAt = Double.nan
    var auditedAt = Double.nan
    /// What each part of the last refresh took.
    var seconds: [GlobalMetrics.Part: Double] = [:]

    /// A row for each metric; none before the first epoch.
    func rows(of detector: AnomalyDetector) -> [MetricHealthStore.Row] {
        guard let epoch = detector.epoch else { return [] }
        let kept = detector.kept?.healthReport ?? []
        return kept.flatMap { rows(of: $0, since: epoch.asOf) } + rows(of: epoch)
    }

    private func rows(of health: MetricHealth, since asOf: Double) -> [MetricHealthStore.Row] {
        health.metric.columns.map { column in
            // What the graph counts itself is kept with every change, too.
            let isRecomputed = health.method == .recomputed
            var row = MetricHealthStore.Row(
                metric: column, method: isRecomputed ? "recomputed" : "incremental",
                asOf: changedAt.isNaN ? asOf : changedAt)
            row.errorBound = health.errorBound
            row.auditedAt = auditedAt
            if !auditedAt.isNaN {
                row.auditedCount = health.auditedCount
                row.largestDifference = 0
            }
            if let finding = health.lastFinding {
                row.largestDifference = abs(finding.kept - finding.actual)
                row.note = "\(health.findingCount) findings, the last: \(finding)"
            } else if health.fallbackCount > 0 {
                row.note =
                    "searched anew \(health.fallbackCount) times, where local work was not enough"
            }
            row.seconds = health.metric.part.flatMap { seconds[$0] } ?? .nan
            return row
        }
    }

    private func rows(of epoch: GlobalEpoch) -> [MetricHealthStore.Row] {
        let metrics = epoch.metrics
        func row(
            _ metric: String, _ part: GlobalMetrics.Part, method: String = "exact",
            error: Double = 0
        ) -> MetricHealthStore.Row {
            var row = MetricHealthStore.Row(metric: metric, method: method, asOf: epoch.asOf)
            row.graphEpoch = epoch.epoch
            row.errorBound = error
            row.seconds = seconds[part] ?? .nan
            return row
        }
        func row(
            _ metric: String, _ part: GlobalMetrics.Part, _ accuracy: MetricAccuracy
        ) -> MetricHealthStore.Row {
            var row = row(
                metric, part, method: accuracy.isExact ? "exact" : "sampled",
                error: accuracy.epsilon)
            guard !accuracy.isExact else { return row }
            row.errorProbability = accuracy.delta
            row.sampleCount = max(accuracy.sourceCount, accuracy.pathCount)
            return row
        }
        var community = row("community_id", .community)
        community.errorBound = .nan
        community.note = String(
            format: "modularity %.4f, %.4f when last searched from the ground up",
            metrics.modularity, metrics.searchedModularity)
        return [
            row("betweenness_centrality", .betweenness, metrics.betweennessAccuracy),
            row("closeness_centrality", .closeness, metrics.closenessAccuracy),
            row("harmonic_centrality", .closeness, metrics.harmonicAccuracy),
            row("eigenvector_centrality", .eigenvector, error: metrics.eigenvectorResidual),
            row("is_articulation_point", .articulationPoint), community,
        ]
    }
}

extension KeptMetric {
    /// The columns of `vigil.entity_metrics` that it stands behind.
    fileprivate var columns: [String] {
        switch self {
        case .degree: ["degree", "degree_centrality"]
        case .triangleCount: ["triangle_count", "clustering_coefficient"]
        case .coreNumber: ["core_number"]
        case .component: ["component_id"]
        case .pageRank: ["pagerank"]
        }
    }

    /// Whether the graph itself counts it.
    var isCountedByGraph: Bool { part == nil }

    /// The part of a refresh that computes it from the whole graph; the graph counts the others.
    fileprivate var part: GlobalMetrics.Part? {
        switch self {
        case .degree, .triangleCount: nil
        case .coreNumber: .coreNumber
        case .component: .component
        case .pageRank: .pageRank
        }
    }
}
