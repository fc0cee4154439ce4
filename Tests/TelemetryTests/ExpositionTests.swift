import Foundation
import Metrics
import Telemetry
import Testing

@Suite("What Prometheus reads") struct ExpositionTests {
    @Test("Counters, gauges and histograms are written with their sentence, kind and labels")
    func exposition() {
        let registry = MetricRegistry([
            MetricDescription("b_total", .counter, "Batches,\nwith \"quotes\" and \\."),
            MetricDescription("a_seconds", .histogram(bounds: [0.1, 1]), "Times."),
            MetricDescription("never_total", .counter, "Nobody has counted it."),
        ])
        let counter = Counter(
            label: "b_total", dimensions: [("kind", "x\"y\\z\nw")], factory: registry)
        counter.increment(by: 3)
        Counter(label: "b_total", dimensions: [("kind", "a")], factory: registry).increment()
        let timer = Timer(label: "a_seconds", dimensions: [], factory: registry)
        for milliseconds in [50, 100, 500, 2000] { timer.recordMilliseconds(milliseconds) }
        let gauge = Gauge(label: "c", dimensions: [], factory: registry)
        gauge.record(2.5)
        registry.add { [MetricSample("d", .infinity), MetricSample("d", .nan, [.init("k", "v")])] }
        #expect(
            registry.exposition() == """
                # HELP a_seconds Times.
                # TYPE a_seconds histogram
                a_seconds_bucket{le="0.1"} 2
                a_seconds_bucket{le="1"} 3
                a_seconds_bucket{le="+Inf"} 4
                a_seconds_sum 2.65
                a_seconds_count 4
                # HELP b_total Batches,\\nwith "quotes" and \\\\.
                # TYPE b_total counter
                b_total{kind="a"} 1
                b_total{kind="x\\"y\\\\z\\nw"} 3
                # TYPE c gauge
                c 2.5
                # TYPE d gauge
                d +Inf
                d{k="v"} NaN

                """)
    }
}
