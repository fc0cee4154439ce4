/// What conditions may ask of a relationship beside its 12 features; see ``Measure``.
package enum RelationshipSignal: String, CaseIterable, Sendable {
    /// Its weight, whatever it stands for.
    case weight
    /// Its weight where its type carries amounts; unknown where not.
    case amount
    /// Its amount over what its sender usually sends by this type, in decades.
    case amountDeviation = "amount_deviation"
    /// Bits of surprise at its type between such ends; unknown where there are too few rows of them.
    case typeSurprise = "type_surprise"
    /// How many standard deviations above expectation the records of its ends came when it did.
    case streamDeviation = "stream_deviation"
    /// Distinct sources that name it.
    case sourceCount = "source_count"
    /// Pieces of evidence that support it.
    case evidenceCount = "evidence_count"
    /// 1 where somebody verified it, else 0.
    case isVerified = "is_verified"
    /// Observations of it that are in the history.
    case updateCount = "update_count"
    /// The largest distance between two confidences of its history.
    case confidenceRange = "confidence_range"
    /// How far its confidence went back and forth within 90 days; unknown below three values.
    case confidenceSwing = "confidence_swing"
    /// Active relationships from the same source to the same target, itself included.
    case parallelCount = "parallel_count"
    /// Distinct neighbours of its source and of its target.
    case sourceDegree = "source_degree"
    case targetDegree = "target_degree"
    /// Risk of its source and of its target.
    case sourceRisk = "source_risk"
    case targetRisk = "target_risk"
    /// 1 where it leads from an entity to itself, else 0.
    case isSelfLoop = "is_self_loop"

    /// The detector that judges the same evidence, if there is one.
    var detector: Detector? {
        switch self {
        case .amount, .amountDeviation: .amount
        case .typeSurprise: .typeSurprise
        case .streamDeviation: .stream
        default: nil
        }
    }

    /// True where the values are whole numbers.
    var isCount: Bool {
        switch self {
        case .sourceCount, .evidenceCount, .updateCount, .parallelCount, .sourceDegree,
            .targetDegree:
            true
        default: false
        }
    }
}

/// The numbers of one relationship that conditions may ask beside its features.
struct RelationshipSignals: Sendable {
    private var values = [Double](repeating: .nan, count: RelationshipSignal.allCases.count)

    /// The deviation of the amount in units of how far its sender's amounts spread.
    ///
    /// What the detector of amounts judges; NaN where it is no amount.
    var amountScore = Double.nan

    /// All of them by name.
    var named: [String: Double] {
        Dictionary(
            uniqueKeysWithValues: RelationshipSignal.allCases.map { ($0.rawValue, self[$0]) })
    }

    subscript(signal: RelationshipSignal) -> Double {
        get { values[signal.position] }
        set { values[signal.position] = newValue }
    }
}

extension RelationshipSignal {
    fileprivate var position: Int { Self.positions[self] ?? 0 }

    private static let positions = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}
