// Logarithmic pooling of the two opinions: C. Genest, J. V. Zidek, "Combining Probability Distributions: A
// Critique and an Annotated Bibliography", Statistical Science 1(1), 1986, 10.1214/ss/1177013825: the
// pooled tail probability is p^(1-w) q^w for the ensemble's p, the head's q and the weight w of the
// reviews. Different here: both are tail probabilities among ordinary rows, so no normalisation, and
// severities keep their meaning.

package import AnomalyModels
import Foundation

/// What analysts' reviews have taught: for entities and for relationships a supervised model, and how
/// much it counts beside the ensemble.
package struct ReviewHead: Sendable, Equatable {
    /// The name of this head.
    package var version: String
    /// The model on whose verdicts it stands; another model needs another head.
    package var ensembleVersion: String
    /// Nil where the reviews teach nothing that helps.
    package var entities, relationships: ReviewScope?

    /// A head of these parts.
    package init(
        version: String, ensembleVersion: String, entities: ReviewScope?,
        relationships: ReviewScope?
    ) {
        self.version = version
        self.ensembleVersion = ensembleVersion
        self.entities = entities
        self.relationships = relationships
    }

    /// The version that judgements by model and head together name.
    package var judgementVersion: String { "\(ensembleVersion)+\(version)" }

    /// The versions of model and head that a judgement names; the head's is nil without one.
    package static func versions(of judgementVersion: String) -> (ensemble: String, head: String?) {
        guard let plus = judgementVersion.lastIndex(of: "+") else { return (judgementVersion, nil) }
        let head = judgementVersion[judgementVersion.index(after: plus)...]
        return (String(judgementVersion[..<plus]), String(head))
    }

    /// The part for entities, or for relationships.
    package subscript(scope: Indicator.Scope) -> ReviewScope? {
        get {
            switch scope {
            case .entity: entities
            case .relationship: relationships
            }
        }
        set {
            switch scope {
            case .entity: entities = newValue
            case .relationship: relationships = newValue
            }
        }
    }
}

/// What reviews have taught about entities, or about relationships.
package struct ReviewScope: Sendable, Equatable {
    /// The supervised model.
    package enum Model: Sendable, Equatable {
        case logistic(LogisticRegression)
        case trees(GradientBoostedTrees)

        /// The model, whichever it is.
        package var supervised: any SupervisedModel {
            switch self {
            case .logistic(let model): model
            case .trees(let model): model
            }
        }
    }

    /// The names of its inputs in order; see ``ReviewInputs``.
    package var inputNames: [String]
    /// The supervised model over them.
    package var model: Model
    /// The tail of its margins among ordinary rows.
    package var calibration: TailCalibration
    /// The probability that a reviewed row with a margin is confirmed.
    package var confirmation: LogisticCalibration
    /// How much it counts beside the ensemble, above 0 and below 1.
    package var weight: Double
    /// How many reviews confirmed and rejected what they looked at.
    package var confirmedCount, rejectedCount: Int
    /// Measures of cross-validation, by name.
    package var measures: [String: Double]

    /// A scope of these parts.
    package init(
        inputNames: [String], model: Model, calibration: TailCalibration,
        confirmation: LogisticCalibration, weight: Double, confirmedCount: Int,
        rejectedCount: Int, measures: [String: Double]
    ) {
        self.inputNames = inputNames
        self.model = model
        self.calibration = calibration
        self.confirmation = confirmation
        self.weight = weight
        self.confirmedCount = confirmedCount
        self.rejectedCount = rejectedCount
        self.measures = measures
    }

    /// Whether it looks at what surrounds a subject.
    var needsSurroundings: Bool { inputNames.contains { ReviewInputs.isSurrounding($0) } }

    /// What the reviews say of a subject that the ensemble gives this tail probability; nil where the
    /// ensemble is silent.
    package func reading(of inputs: ReviewInputs, pValue: Double) -> ReviewReading? {
        guard !pValue.isNaN else { return nil }
        let margin = model.supervised.margin(inputs.row(inputNames))
        let tail = calibration.tailProbability(margin)
        guard !tail.isNaN else { return nil }
        return ReviewReading(
            ensemblePValue: pValue, tailProbability: tail, margin: margin,
            pValue: Self.pooled(pValue, tail, weight: weight))
    }

    /// The tail probability of both opinions together.
    package static func pooled(_ p: Double, _ tail: Double, weight: Double) -> Double {
        min(1, exp((1 - weight) * log(p) + weight * log(tail)))
    }
}

/// What the reviews said of one subject.
package struct ReviewReading: Sendable, Equatable {
    /// What the ensemble says without them.
    package var ensemblePValue: Double
    /// The share of ordinary rows whose margin is at least as large.
    package var tailProbability: Double
    /// The log-odds of the supervised model.
    package var margin: Double
    /// Both together.
    package var pValue: Double
}
