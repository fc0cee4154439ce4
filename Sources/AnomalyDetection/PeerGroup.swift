import Foundation

/// The peers of one entity type in training, or of all types together.
package struct PeerGroup: Sendable, Equatable {
    /// The name under which a model keeps the peers of all types.
    package static let everyone = ""
    /// A type with fewer entities than this is compared with all.
    package static let countMin = 20

    /// How many entities it had.
    package var count: Int
    /// The spread of each measure that at least one of them had.
    package var distributions: [Measure: PeerDistribution]

    /// A group of so many entities.
    package init(count: Int, distributions: [Measure: PeerDistribution]) {
        self.count = count
        self.distributions = distributions
    }
}

extension Measure {
    /// The value on the scale on which peers are compared.
    package func modelValue(_ value: Double) -> Double {
        switch self {
        case .feature(let feature): feature.modelValue(value)
        case .relationshipFeature(let feature): feature.modelValue(value)
        case .signal(.degree): Detector.logDegree(value)
        case .signal(.riskyNeighbours): log1p(value)
        case .signal(.foreignTriangles): value.squareRoot()
        default: value
        }
    }
}
