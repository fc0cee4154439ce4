/// The 15 numbers of one time bucket of an entity's behaviour; their order is part of every model.
///
/// "Met" are the relationships of the entity, in both directions, that were first observed in the
/// bucket. Counts, sums and maxima are kept as log(1 + x). In a bucket with more than
/// ``BehaviourBucket/rowCountMax`` of them only the numbers by direction are of all; the others are of
/// the newest, and numbers of contacts and the sum are scaled up to all.
package enum BehaviourFeature: Int, CaseIterable, Sendable {
    /// Relationships met that leave the entity.
    case relationshipsOut
    /// Relationships met that point at it; one from it to itself counts in both.
    case relationshipsIn
    /// Entities that it had no relationship with before.
    case newNeighbours
    /// Relationships met with entities that it knew before, in this bucket or an earlier one.
    case repeatedContacts
    /// Updates of its row; NaN where they are so many that older ones are forgotten.
    case updates
    /// Mean confidence of those met that have one; NaN without.
    case confidenceMean
    /// Standard deviation of that confidence; NaN below two.
    case confidenceDeviation
    /// Mean distance between its risk and that of the other ends, as both are now; NaN without.
    case riskDifferenceMean
    /// Sum of the sizes of the weights.
    case weightSum
    /// The largest size of a weight.
    case weightMax
    /// Distinct types of those met.
    case relationshipTypes
    /// Distinct types of the other ends.
    case neighbourTypes
    /// The largest number of sources that name one of them; NaN where sources are not kept.
    case sources
    /// Mean risk of the other ends as it is now, one for each relationship; NaN without.
    case neighbourRiskMean
    /// How unevenly they came, -1 (like a clock) to 1 (all at once); NaN below three.
    case burstiness

    /// How many there are.
    package static let count = allCases.count

    /// The name in explanations.
    package var name: String {
        switch self {
        case .relationshipsOut: "relationships_out"
        case .relationshipsIn: "relationships_in"
        case .newNeighbours: "new_neighbours"
        case .repeatedContacts: "repeated_contacts"
        case .updates: "updates"
        case .confidenceMean: "confidence_mean"
        case .confidenceDeviation: "confidence_deviation"
        case .riskDifferenceMean: "risk_difference_mean"
        case .weightSum: "weight_sum"
        case .weightMax: "weight_max"
        case .relationshipTypes: "relationship_types"
        case .neighbourTypes: "neighbour_types"
        case .sources: "sources"
        case .neighbourRiskMean: "neighbour_risk_mean"
        case .burstiness: "burstiness"
        }
    }

    /// Whether it tells of the relationships met, beyond their numbers by direction.
    package var isAboutContacts: Bool {
        switch self {
        case .relationshipsOut, .relationshipsIn, .updates: false
        default: true
        }
    }

    /// Whether the kept value is log(1 + x).
    package var isLogarithm: Bool {
        switch self {
        case .confidenceMean, .confidenceDeviation, .riskDifferenceMean, .neighbourRiskMean,
            .burstiness:
            false
        default: true
        }
    }
}
