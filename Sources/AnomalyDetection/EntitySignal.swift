/// What conditions may ask beside the 18 features; see ``Measure``.
package enum EntitySignal: String, CaseIterable, Sendable {
    /// Distinct neighbours.
    case degree
    /// Active relationships that point at the entity.
    case inDegree = "in_degree"
    /// Active relationships that start at the entity.
    case outDegree = "out_degree"
    /// Relationships first observed within the burst window before the time of judgement.
    case burstCount = "burst_count"
    /// Days of silence before the activity of the last day; unknown where there is none.
    case dormancyDays = "dormancy_days"
    /// Steps between the ends of the newest relationships without them; the largest.
    case tieRange = "tie_range"
    /// Pairs of neighbours from two groups that nothing but the entity joins; unknown where it has
    /// no new relationship.
    case bridgedPairs = "bridged_pairs"
    /// Triangles beyond what its degree lets expect, in standard deviations.
    case triangleExcess = "triangle_excess"
    /// Distinct types among the neighbours; unknown without any.
    case distinctNeighbourTypes = "distinct_neighbour_types"
    /// 1 where the entity has a name, else 0.
    case hasName = "has_name"
    /// Mean rating received, drawn towards the mean of all; unknown without ratings.
    case meanRating = "mean_rating"
    /// Ratings received.
    case ratingCount = "rating_count"
    /// Distance between its risk and the mean risk of its neighbours.
    case neighbourRiskGap = "neighbour_risk_gap"
    /// How far its risk lies above the mean risk m of its n neighbours with one, (risk - m) √(n / (n + 2)):
    /// the mean of few says little.
    case neighbourRiskExcess = "neighbour_risk_excess"
    /// Mean similarity of its tags and numbers to those of its neighbours, one and two steps away;
    /// unknown where there is nothing to compare.
    case homophily
    /// How badly its tags go with those of its neighbours, given how often such tags meet; unknown where
    /// nothing is known of the tags of either.
    case tagMisfit = "tag_misfit"
    /// Pairs of linked neighbours where the tags of no two of the three go together.
    case foreignTriangles = "foreign_triangles"
    /// How unlikely the least expected type among its neighbours is for its own type, -log2 of the share.
    case unexpectedNeighbourTypes = "unexpected_neighbour_types"
    /// Mean rating received, weighted by the standing of the raters; unknown without ratings.
    case trustedRating = "trusted_rating"
    /// Share and number of the amounts it sends that lie just below a threshold; unknown with few amounts.
    case structuringShare = "structuring_share"
    case structuringCount = "structuring_count"
    /// Mean absolute deviation of the first digits of its amounts from what its type or Benford's law
    /// lets expect; unknown with few amounts.
    case benfordDeviation = "benford_deviation"
    /// Activity of the newest day, or the one before, above its forecast, in robust standard deviations.
    case activityResidual = "activity_residual"
    /// Sum of such deviations beyond one each since activity left its level.
    case activityDrift = "activity_drift"
    /// log(1 + mean error) with which the network rebuilds its behaviour; unknown without a network.
    case reconstructionError = "reconstruction_error"
    /// -log10 of the probability of so much activity at hours that are quiet ones of it; unknown where it
    /// is active in few hours.
    case offHoursSurprise = "off_hours_surprise"
    /// -log2 of how much the intervals vary at which it contacts one other; unknown for few contacts.
    case contactRegularity = "contact_regularity"
    /// How far its confidence went back and forth within 90 days; unknown below three observations.
    case confidenceSwing = "confidence_swing"
    /// How far its risk went back and forth within 90 days; unknown below three observations.
    case riskSwing = "risk_swing"

    /// Distinct neighbours whose risk is at least ``riskyMin``; unknown where none has one.
    case riskyNeighbours = "risky_neighbours"

    /// From this risk on a neighbour counts as risky.
    static let riskyMin = 0.7

    /// The detector that judges the same evidence, if there is one.
    var detector: Detector? {
        switch self {
        case .degree, .inDegree, .outDegree: .degree
        case .burstCount: .burst
        case .dormancyDays: .dormancy
        case .tieRange: .tieRange
        case .bridgedPairs: .brokerage
        case .triangleExcess: .triangleExcess
        case .meanRating, .ratingCount, .trustedRating: .trust
        case .structuringShare, .structuringCount: .structuring
        case .benfordDeviation: .benford
        case .homophily, .tagMisfit: .homophily
        case .activityResidual: .residual
        case .activityDrift: .cusum
        case .reconstructionError: .reconstruction
        case .offHoursSurprise: .offHours
        case .contactRegularity: .regularity
        case .distinctNeighbourTypes, .hasName, .neighbourRiskGap, .unexpectedNeighbourTypes,
            .riskyNeighbours, .neighbourRiskExcess, .foreignTriangles:
            nil
        case .confidenceSwing, .riskSwing: nil
        }
    }
}
