package import Metrics
import Synchronization

/// Keeps what is recorded through swift-metrics, and shows it as Prometheus reads it.
///
/// A label of swift-metrics is the metric's name here, its dimensions are the labels. What a metric is
/// must be described beforehand; one that is not is taken for what it is recorded as.
package final class MetricRegistry: MetricsFactory {
    /// Samples that are taken when somebody asks, not when something happens.
    package typealias Collector = @Sendable () -> [MetricSample]

    private struct State {
        var families: [String: Family] = [:]
        var collectors: [Collector] = []
    }

    struct Family {
        var description: MetricDescription
        var series: [[MetricSample.Label]: any MetricSeries] = [:]
    }

    private let state: Mutex<State>

    /// A registry that knows these metrics.
    package init(_ descriptions: [MetricDescription]) {
        let families = descriptions.map { ($0.name, Family(description: $0)) }
        state = Mutex(State(families: Dictionary(families) { first, _ in first }))
    }

    /// Has samples taken with each look.
    package func add(_ collector: @escaping Collector) {
        state.withLock { $0.collectors.append(collector) }
    }

    /// Everything, in Prometheus' text format 0.0.4.
    package func exposition() -> String {
        let (families, collectors) = state.withLock { ($0.families, $0.collectors) }
        var samples = Dictionary(grouping: collectors.flatMap { $0() }, by: \.name)
        var writer = ExpositionWriter()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            let taken = samples.removeValue(forKey: name) ?? []
            guard !family.series.isEmpty || !taken.isEmpty else { continue }
            writer.begin(family.description)
            for sample in taken { writer.write(sample) }
            let sorted = family.series.sorted { left, right in
                left.key.lexicographicallyPrecedes(right.key) {
                    ($0.name, $0.value) < ($1.name, $1.value)
                }
            }
            for (labels, series) in sorted { series.write(name, labels, to: &writer) }
        }
        for (name, taken) in samples.sorted(by: { $0.key < $1.key }) {
            writer.begin(MetricDescription(name, .gauge, ""))
            for sample in taken { writer.write(sample) }
        }
        return writer.text
    }

    // MARK: - MetricsFactory

    package func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler {
        series(label, dimensions, orKind: .counter) { _ in ValueSeries() }
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions, orKind: .counter) { _ in ValueSeries() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, orKind: .gauge) { _ in ValueSeries() }
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else {
            return series(label, dimensions, orKind: .gauge) { _ in ValueSeries() }
        }
        return series(label, dimensions, orKind: Self.countHistogram) {
            HistogramSeries(bounds: $0)
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, orKind: Self.timeHistogram) { HistogramSeries(bounds: $0) }
    }

    package func destroyCounter(_ handler: any CounterHandler) { forget(handler) }

    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        forget(handler)
    }

    package func destroyMeter(_ handler: any MeterHandler) { forget(handler) }

    package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }

    package func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    // MARK: - Private parts

    private static let countHistogram = MetricDescription.Kind.histogram(
        bounds: MetricDescription.countBounds)
    private static let timeHistogram = MetricDescription.Kind.histogram(
        bounds: MetricDescription.latencyBounds)

    /// The series of this name and these labels, a new one where there is none of its kind.
    private func series<Series: MetricSeries>(
        _ name: String, _ dimensions: [(String, String)], orKind kind: MetricDescription.Kind,
        _ make: (_ bounds: [Double]) -> Series
    ) -> Series {
        let labels = dimensions.map { MetricSample.Label($0.0, $0.1) }
        return state.withLock { state in
            var family =
                state.families[name] ?? Family(description: MetricDescription(name, kind, ""))
            if let known = family.series[labels] as? Series { return known }
            var bounds: [Double] = []
            if case .histogram(let described) = family.description.kind { bounds = described }
            let series = make(bounds)
            family.series[labels] = series
            state.families[name] = family
            return series
        }
    }

    private func forget(_ handler: AnyObject) {
        state.withLock { state in
            state.families = state.families.mapValues { family in
                var family = family
                family.series = family.series.filter { $0.value !== handler }
                return family
            }
        }
    }
}
