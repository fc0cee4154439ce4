/// How a metric's value came about.
package enum MetricMethod: String, Sendable, CaseIterable {
    /// Computed in full from the graph of its time; the error is rounding.
    case exact
    /// Kept under each change, within its error bound.
    case incremental
    /// Computed from a sample, within its error bound but for a stated probability.
    case sampled
    /// Placed from the neighbors; the error bound may be unknown.
    case estimated
    /// Recomputed for each batch, because the audit found the incremental value outside its bound.
    case recomputed
    /// Of an earlier time, after which the graph has changed.
    case stale
    /// There is no value.
    case unknown
}

/// Where a metric's value comes from, of which time it is, and how far it may be off.
package struct MetricProvenance: Sendable, Equatable {
    /// How the value came about.
    package var method: MetricMethod
    /// The epoch of the snapshot behind it; for a kept metric the epoch that it started from.
    package var epoch: Int64
    /// The time that it is of, seconds since 1970; NaN where unknown.
    package var asOf: Double
    /// The value is off by at most this; 0 where exact, NaN where nothing is known.
    package var errorBound: Double

    /// Puts the parts together.
    package init(
        method: MetricMethod, epoch: Int64 = 0, asOf: Double = .nan, errorBound: Double = .nan
    ) {
        self.method = method
        self.epoch = epoch
        self.asOf = asOf
        self.errorBound = errorBound
    }

    /// Compares field by field; an unknown number equals an unknown one, unlike NaN elsewhere.
    package static func == (lhs: Self, rhs: Self) -> Bool {
        func same(_ first: Double, _ second: Double) -> Bool {
            first == second || (first.isNaN && second.isNaN)
        }
        return lhs.method == rhs.method && lhs.epoch == rhs.epoch
            && same(lhs.asOf, rhs.asOf) && same(lhs.errorBound, rhs.errorBound)
    }
}

/// A metric's value and its provenance.
package struct MetricValue: Sendable, Equatable {
    /// The value; NaN where there is none.
    package var value: Double
    /// What is known about it.
    package var provenance: MetricProvenance

    /// Puts the parts together.
    package init(_ value: Double, _ provenance: MetricProvenance) {
        self.value = value
        self.provenance = provenance
    }

    /// No value.
    package static let unknown = MetricValue(.nan, MetricProvenance(method: .unknown))

    /// Compares value and provenance; no value equals no value.
    package static func == (lhs: Self, rhs: Self) -> Bool {
        (lhs.value == rhs.value || (lhs.value.isNaN && rhs.value.isNaN))
            && lhs.provenance == rhs.provenance
    }
}
