/// What a metric is called, what it says, and how it is shown.
package struct MetricDescription: Sendable {
    /// How a metric behaves.
    package enum Kind: Sendable, Equatable {
        /// Only grows, until the process ends.
        case counter
        /// Goes up and down.
        case gauge
        /// A distribution; the upper bounds of its buckets ascend, and a last one without a bound follows.
        case histogram(bounds: [Double])
    }

    /// The name as Prometheus has it, with its unit: `vigil_batch_seconds`.
    package var name: String
    /// One sentence.
    package var help: String
    /// How it behaves.
    package var kind: Kind

    /// A metric with the given name, sentence and behaviour.
    package init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// Bounds for times from a tenth of a millisecond to a minute.
    package static let latencyBounds: [Double] = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
        5, 10, 30, 60,
    ]

    /// Bounds for counts from one to a million.
    package static let countBounds: [Double] = [
        1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 100_000, 1_000_000,
    ]
}

/// One value of a metric, with its labels.
package struct MetricSample: Sendable, Equatable {
    /// A label and what it says.
    package struct Label: Sendable, Hashable {
        package var name, value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The metric's name.
    package var name: String
    /// In the order in which they are shown.
    package var labels: [Label]
    package var value: Double

    /// A value of a metric.
    package init(_ name: String, _ value: Double, _ labels: [Label] = []) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}
