package import Telemetry

extension SidecarHealth {
    /// What the samples say.
    package static let descriptions: [MetricDescription] = [
        MetricDescription("vigil_info", .gauge, "The program; always 1."),
        MetricDescription(
            "vigil_model_info", .gauge,
            "The model that judges, and its challenger; always 1. Without a version, rules judge."),
        MetricDescription(
            "vigil_sidecar_state", .gauge,
            "1 for the state that the sidecar is in, 0 for the others."),
        MetricDescription(
            "vigil_feed_lag_seconds", .gauge,
            "How long the oldest change that was read and is not judged yet has waited; absent while nobody follows."
        ),
        MetricDescription(
            "vigil_feed_pending_changes", .gauge, "Changes that were read and are not judged yet."),
        MetricDescription(
            "vigil_loop_overdue_seconds", .gauge,
            "For how long the feed's loop should have moved on; 0 while all is well."),
        MetricDescription("vigil_entities", .gauge, "Entities in the graph."),
        MetricDescription("vigil_relationships", .gauge, "Relationships in the graph."),
        MetricDescription("vigil_open_anomalies", .gauge, "Subjects with an open anomaly."),
        MetricDescription(
            "vigil_queue_length", .gauge,
            "Entities that wait to be judged although no change has come to them."),
        MetricDescription(
            "vigil_graph_epoch", .gauge,
            "The computation of global metrics that judgements rest on."),
        MetricDescription(
            "vigil_configuration_refused", .gauge,
            "1 while settings, indicators or models as the database has them cannot be used."),
    ]

    /// The values now.
    package func samples(version: String) -> [MetricSample] {
        let now = ContinuousClock.now
        let told = snapshot
        var samples = State.allCases.map { state in
            MetricSample(
                "vigil_sidecar_state", state == told.state ? 1 : 0, [.init("state", state.rawValue)]
            )
        }
        samples += [
            MetricSample("vigil_info", 1, [.init("version", version)]),
            MetricSample(
                "vigil_model_info", 1,
                [
                    .init("version", told.modelVersion ?? ""),
                    .init("challenger", told.challengerVersion ?? ""),
                ]),
            MetricSample("vigil_feed_pending_changes", Double(told.pending?.changeCount ?? 0)),
            MetricSample(
                "vigil_loop_overdue_seconds", (told.overdue(at: now) ?? .zero) / .seconds(1)),
            MetricSample("vigil_entities", Double(told.sizes.entityCount)),
            MetricSample("vigil_relationships", Double(told.sizes.relationshipCount)),
            MetricSample("vigil_open_anomalies", Double(told.sizes.openAnomalyCount)),
            MetricSample("vigil_queue_length", Double(told.sizes.queueLength)),
            MetricSample("vigil_graph_epoch", Double(told.sizes.graphEpoch)),
            MetricSample("vigil_configuration_refused", told.refusal == nil ? 0 : 1),
        ]
        if let lag = told.lag(at: now) {
            samples.append(MetricSample("vigil_feed_lag_seconds", lag))
        }
        return samples
    }
}
