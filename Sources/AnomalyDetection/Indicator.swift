import Foundation

/// One row of `vigil.indicators`: a named condition that classifies and explains.
package struct Indicator: Sendable, Equatable, Codable {
    /// What an indicator judges.
    package enum Scope: String, Sendable, Codable {
        case entity, relationship

        /// More than one of them.
        var plural: String {
            switch self {
            case .entity: "entities"
            case .relationship: "relationships"
            }
        }
    }

    /// Its name, unique.
    package var name: String
    /// The type of anomaly that it is evidence for.
    package var anomalyType: AnomalyType
    /// What it judges.
    package var scope: Scope
    /// When it fires.
    package var condition: IndicatorCondition
    /// How much it says, 0 to 1; before a model exists, its share of the score.
    package var weight: Double
    /// What it means, for people.
    package var description: String
    /// What to do next; `{name}` stands for the entity.
    package var recommendation: String

    /// An indicator of these parts.
    package init(
        name: String, anomalyType: AnomalyType, scope: Scope = .entity,
        condition: IndicatorCondition, weight: Double, description: String, recommendation: String
    ) {
        self.name = name
        self.anomalyType = anomalyType
        self.scope = scope
        self.condition = condition
        self.weight = weight
        self.description = description
        self.recommendation = recommendation
    }

    /// An indicator from the columns of its row; the error names the indicator and what is wrong.
    package init(
        name: String, anomalyType: String, scope: String, conditionJSON: String, weight: Double,
        description: String, recommendation: String
    ) throws(IndicatorError) {
        guard let type = AnomalyType(rawValue: anomalyType) else {
            throw IndicatorError("indicator \(name): unknown anomaly type \"\(anomalyType)\"")
        }
        guard let scope = Scope(rawValue: scope) else {
            throw IndicatorError("indicator \(name): unknown scope \"\(scope)\"")
        }
        guard weight >= 0, weight <= 1 else {
            throw IndicatorError("indicator \(name): the weight must be from 0 to 1, not \(weight)")
        }
        let json: JSONValue
        do {
            json = try JSONDecoder().decode(JSONValue.self, from: Data(conditionJSON.utf8))
        } catch {
            throw IndicatorError("indicator \(name): the condition is not valid JSON")
        }
        let condition: IndicatorCondition
        do throws(IndicatorError) {
            condition = try IndicatorCondition(json: json, scope: scope)
        } catch {
            throw IndicatorError("indicator \(name): \(error.message)")
        }
        self.init(
            name: name, anomalyType: type, scope: scope, condition: condition, weight: weight,
            description: description, recommendation: recommendation)
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        anomalyType = try values.decode(AnomalyType.self, forKey: .anomalyType)
        scope = try values.decode(Scope.self, forKey: .scope)
        // Which names a condition knows depends on the scope.
        condition = try IndicatorCondition(
            json: values.decode(JSONValue.self, forKey: .condition), scope: scope)
        weight = try values.decode(Double.self, forKey: .weight)
        description = try values.decode(String.self, forKey: .description)
        recommendation = try values.decode(String.self, forKey: .recommendation)
    }

    enum CodingKeys: String, CodingKey {
        case name, scope, condition, weight, description, recommendation
        case anomalyType = "anomaly_type"
    }
}

/// What is wrong with an indicator, for the person who wrote it.
package struct IndicatorError: Error, Equatable, CustomStringConvertible {
    /// What is wrong; names the feature, signal or key.
    package let message: String

    /// An error with this message.
    package init(_ message: String) { self.message = message }

    package var description: String { message }
}
