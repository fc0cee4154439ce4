import AnomalyModels
import Foundation

/// What a head learnt from reviews may look at: numbers of a subject by name.
///
/// The verdicts of the detectors as -log10 p under `p(detector)`, that of the whole ensemble under
/// `p`, the features and signals on the scale of the models under their own names, and the traits of
/// what surrounds the subject. A detector that is silent counts as one without evidence; any other
/// number that is not there is missing.
package struct ReviewInputs: Sendable, Equatable {
    private var values: [String: Double] = [:]
    /// What the ensemble says; NaN where it is silent.
    package let pValue: Double

    /// Larger evidence than this is not told apart: one in a million.
    private static let evidenceMax = 6.0
    /// The name of the ensemble's own verdict.
    static let ensembleName = "p"
    private static let verdictPrefix = "p("

    /// The inputs of a subject with these features, verdicts and measures by name.
    ///
    /// `measures` are signals and surroundings as they are stored in ``JudgementInputs/measures``.
    package init(
        scope: Indicator.Scope, features: [Double], verdicts: [DetectorVerdict],
        measures: [String: Double]
    ) {
        pValue = combineAcrossFamilies(AnomalyDetector.familyProbabilities(verdicts))
        values[Self.ensembleName] = Self.evidence(pValue)
        for verdict in verdicts {
            values["\(Self.verdictPrefix)\(verdict.name))"] = Self.evidence(
                verdict.tailProbability)
        }
        switch scope {
        case .entity:
            for (name, value) in zip(EntityFeature.names, features.modelValues) {
                put(name, value)
            }
        case .relationship:
            for (name, value) in zip(
                RelationshipFeature.names, RelationshipFeature.modelValues(features))
            {
                put(name, value)
            }
        }
        for (name, value) in measures {
            put(name, Self.signals[scope]?[name]?.modelValue(value) ?? value)
        }
    }

    private mutating func put(_ name: String, _ value: Double) {
        if value.isFinite { values[name] = value }
    }

    private static func evidence(_ p: Double) -> Double {
        p.isNaN ? 0 : min(evidenceMax, max(0, -log10(p)))
    }

    private static let signals: [Indicator.Scope: [String: Measure]] = [
        .entity: Dictionary(
            uniqueKeysWithValues: EntitySignal.allCases.map { ($0.rawValue, Measure.signal($0)) }),
        .relationship: Dictionary(
            uniqueKeysWithValues: RelationshipSignal.allCases.map {
                ($0.rawValue, Measure.relationshipSignal($0))
            }),
    ]

    /// The names of all that is known.
    package var names: Dictionary<String, Double>.Keys { values.keys }

    /// The number of this name; 0 for a silent detector, NaN for another that is missing.
    package subscript(name: String) -> Double {
        values[name] ?? (Self.isVerdict(name) ? 0 : .nan)
    }

    /// Whether a name stands for what a detector said, or all of them.
    package static func isVerdict(_ name: String) -> Bool {
        name == ensembleName || name.hasPrefix(verdictPrefix)
    }

    /// Whether a name stands for what surrounds the subject.
    package static func isSurrounding(_ name: String) -> Bool {
        name.contains(").") && !isVerdict(name)
    }

    /// The numbers of these names in order.
    package func row(_ names: [String]) -> [Double] { names.map { self[$0] } }
}
