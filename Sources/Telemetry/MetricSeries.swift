import Metrics
import Synchronization

/// What has been recorded under one name and one set of labels.
protocol MetricSeries: AnyObject, Sendable {
    func write(
        _ name: String, _ labels: [MetricSample.Label], to writer: inout ExpositionWriter)
}

/// One number: a counter or a gauge.
final class ValueSeries: MetricSeries, CounterHandler, FloatingPointCounterHandler, MeterHandler,
    RecorderHandler
{
    private let value = Mutex(0.0)

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func set(_ number: Int64) { set(Double(number)) }
    func set(_ number: Double) { value.withLock { $0 = number } }
    func record(_ number: Int64) { set(Double(number)) }
    func record(_ number: Double) { set(number) }
    func reset() { set(0.0) }

    func write(
        _ name: String, _ labels: [MetricSample.Label], to writer: inout ExpositionWriter
    ) {
        writer.write(MetricSample(name, value.withLock { $0 }, labels))
    }
}

/// A distribution in buckets; a timer's values are in seconds.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    private struct State {
        /// Values of each bucket alone; the last one is that without a bound.
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[place] += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func write(
        _ name: String, _ labels: [MetricSample.Label], to writer: inout ExpositionWriter
    ) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total: UInt64 = 0
        for (place, count) in counts.enumerated() {
            total += count
            let bound = place < bounds.count ? bounds[place] : .infinity
            let label = MetricSample.Label("le", ExpositionWriter.number(bound))
            writer.write(MetricSample(name + "_bucket", Double(total), labels + [label]))
        }
        writer.write(MetricSample(name + "_sum", sum, labels))
        writer.write(MetricSample(name + "_count", Double(total), labels))
    }
}
