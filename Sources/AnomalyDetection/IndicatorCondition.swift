/// When an indicator fires: a condition over features, signals and types.
///
/// A comparison whose value or whose bound is unknown is neither true nor false; `all`, `any` and
/// `not` carry that through, and an indicator fires only on what is certainly true.
package indirect enum IndicatorCondition: Sendable, Equatable {
    case all([IndicatorCondition])
    case any([IndicatorCondition])
    case not(IndicatorCondition)
    /// The entity, or the relationship, is of one of these types.
    case type([String])
    /// The source of the relationship is of one of these entity types.
    case sourceType([String])
    /// The target of the relationship is of one of these entity types.
    case targetType([String])
    case comparison(Comparison)

    /// One number against a bound.
    package struct Comparison: Sendable, Equatable {
        /// What is compared.
        package var measure: Measure
        /// How.
        package var relation: Relation
        /// Against what.
        package var bound: Bound
        /// False where it only narrows down what is looked at, and says nothing against the subject.
        package var isEvidence: Bool

        /// A comparison of these parts.
        package init(
            _ measure: Measure, _ relation: Relation, _ bound: Bound, isEvidence: Bool = true
        ) {
            self.measure = measure
            self.relation = relation
            self.bound = bound
            self.isEvidence = isEvidence
        }

        /// Whether it holds for every count, and so tells nothing of this one.
        var isTrivial: Bool {
            guard measure.isCount, relation == .atLeast, case .value(let value) = bound else {
                return false
            }
            return value <= 0
        }
    }

    /// How a number relates to its bound.
    package enum Relation: String, Sendable, CaseIterable {
        case atLeast = ">="
        case above = ">"
        case atMost = "<="
        case below = "<"
        case equal = "="
        case different = "!="

        /// True where the bound lies above: what fires is low.
        var isUpperBound: Bool { self == .below || self == .atMost }

        /// True where `value` relates to `bound` in this way.
        func holds(_ value: Double, _ bound: Double) -> Bool {
            switch self {
            case .atLeast: value >= bound
            case .above: value > bound
            case .atMost: value <= bound
            case .below: value < bound
            case .equal: value == bound
            case .different: value != bound
            }
        }
    }

    /// What a number is compared with.
    package enum Bound: Sendable, Equatable {
        /// A number.
        case value(Double)
        /// A quantile of the peers of its type in training, times a factor.
        case peerQuantile(Double, factor: Double)
        /// A setting, by its name.
        case setting(String)
    }

    /// All measures that the condition reads, in the order of the text.
    package var measures: [Measure] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.measures)
        case .not(let part): part.measures
        case .type, .sourceType, .targetType: []
        case .comparison(let comparison): [comparison.measure]
        }
    }
}

/// Where a condition finds its numbers.
struct ConditionContext {
    /// The type of the entity or of the relationship.
    var typeName: String
    /// The entity types of the ends of a relationship.
    var sourceTypeName = ""
    var targetTypeName = ""
    var value: (Measure) -> Double
    /// A quantile of the peers; NaN where there are none.
    var peerQuantile: (Measure, Double) -> Double
    var settings: DetectionSettings

    func bound(of comparison: IndicatorCondition.Comparison) -> Double {
        switch comparison.bound {
        case .value(let value): value
        case .peerQuantile(let quantile, let factor):
            peerQuantile(comparison.measure, quantile) * factor
        case .setting(let name): settings.bound(named: name) ?? .nan
        }
    }
}

extension IndicatorCondition {
    /// True, false, or nil where it cannot be told.
    func holds(in context: ConditionContext) -> Bool? {
        switch self {
        case .all(let parts):
            var isCertain = true
            for part in parts {
                switch part.holds(in: context) {
                case false?: return false
                case nil: isCertain = false
                case true?: continue
                }
            }
            return isCertain ? true : nil
        case .any(let parts):
            var isCertain = true
            for part in parts {
                switch part.holds(in: context) {
                case true?: return true
                case nil: isCertain = false
                case false?: continue
                }
            }
            return isCertain ? false : nil
        case .not(let part):
            return part.holds(in: context).map { !$0 }
        case .type(let names):
            return names.contains(context.typeName)
        case .sourceType(let names):
            return names.contains(context.sourceTypeName)
        case .targetType(let names):
            return names.contains(context.targetTypeName)
        case .comparison(let comparison):
            let value = context.value(comparison.measure)
            let bound = context.bound(of: comparison)
            guard !value.isNaN, !bound.isNaN else { return nil }
            return comparison.relation.holds(value, bound)
        }
    }

    /// The comparisons that make the condition true, outside of any `not`.
    func trueComparisons(in context: ConditionContext) -> [Comparison] {
        switch self {
        case .all(let parts), .any(let parts):
            parts.filter { $0.holds(in: context) == true }
                .flatMap { $0.trueComparisons(in: context) }
        case .comparison(let comparison): [comparison]
        case .not, .type, .sourceType, .targetType: []
        }
    }
}
