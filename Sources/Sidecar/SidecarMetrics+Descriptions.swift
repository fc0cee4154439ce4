package import Telemetry

extension SidecarMetrics {
    /// What each metric says, for whoever shows them.
    package static let descriptions: [MetricDescription] = [
        MetricDescription(
            "vigil_commit_to_detect_seconds", .histogram(bounds: MetricDescription.latencyBounds),
            "From the oldest change of a batch to the commit of its results; an upper bound, for a row's clock is that of the start of its transaction."
        ),
        MetricDescription(
            "vigil_batch_seconds", .histogram(bounds: MetricDescription.latencyBounds),
            "From the end of a batch's read to the commit of its results."),
        MetricDescription(
            "vigil_batch_changes", .histogram(bounds: MetricDescription.countBounds),
            "Changes in a batch."),
        MetricDescription(
            "vigil_stage_seconds", .histogram(bounds: MetricDescription.latencyBounds),
            "Time of a stage of the feed's loop: read, apply, absorb (both for a burst), judge, write, wait."
        ),
        MetricDescription(
            "vigil_batches_total", .counter, "Batches of the feed whose results were committed."),
        MetricDescription("vigil_changes_total", .counter, "Changes that the feed has brought."),
        MetricDescription(
            "vigil_replays_total", .counter,
            "Loads that found changes which nobody had judged."),
        MetricDescription(
            "vigil_judgements_total", .counter, "Entities and relationships judged and stored."),
        MetricDescription(
            "vigil_anomalies_opened_total", .counter, "Anomalies opened, or opened again."),
        MetricDescription(
            "vigil_reconnects_total", .counter, "Times that the feed had to connect again."),
        MetricDescription(
            "vigil_takeovers_total", .counter, "Times that a standby took the lead."),
        MetricDescription("vigil_loads_total", .counter, "Loads of the whole graph."),
        MetricDescription(
            "vigil_metrics_refreshes_total", .counter, "Computations of the global graph metrics."),
        MetricDescription("vigil_cache_hits_total", .counter, "Answers that were kept."),
        MetricDescription("vigil_cache_misses_total", .counter, "Answers that had to be made."),
    ]
}
