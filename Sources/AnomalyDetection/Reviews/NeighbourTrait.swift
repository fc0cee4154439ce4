/// A number of an entity that is averaged over the neighbours of others.
enum NeighbourTrait: String, CaseIterable {
    case riskScore = "risk_score"
    case confidenceScore = "confidence_score"
    /// Distinct neighbours, as log(1 + n); so are the other counts, and the age in days.
    case degree
    case clusteringCoefficient = "clustering_coefficient"
    case sourceCount = "source_count"
    case tagCount = "tag_count"
    case metadataRichness = "metadata_richness"
    case isVerified = "is_verified"
    /// The mean rating received, drawn towards that of all; unknown without ratings.
    case meanRating = "mean_rating"
    case firstSeenAgeDays = "first_seen_age_days"
}

/// Sums of the traits of some entities, each over those that have it.
struct NeighbourTraitSums {
    private var sums = [Double](repeating: 0, count: NeighbourTrait.allCases.count)
    private var counts = [Int](repeating: 0, count: NeighbourTrait.allCases.count)

    /// Adds one entity's traits, NaN where missing, in the order of the cases.
    mutating func add(_ traits: [Double]) {
        for (place, value) in traits.enumerated() where !value.isNaN {
            sums[place] += value
            counts[place] += 1
        }
    }

    /// The means, NaN where nobody has the trait.
    var means: [Double] {
        zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : .nan }
    }
}
