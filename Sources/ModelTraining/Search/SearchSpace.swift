package import AnomalyModels
import Foundation

/// What a search may choose: the parameters, and where each may lie.
package struct SearchSpace: Sendable, Equatable {
    /// Where one parameter may lie.
    package enum Domain: Sendable, Equatable {
        /// Any number from one to another, all alike.
        case float(ClosedRange<Double>)
        /// Any number above 0, alike on the scale of its logarithm.
        case logFloat(ClosedRange<Double>)
        /// A whole number.
        case int(ClosedRange<Int>)
        /// A whole number from 1 on, alike on the scale of its logarithm.
        case logInt(ClosedRange<Int>)
        /// One of these, by its place.
        case categorical([String])
    }

    /// One parameter.
    package struct Parameter: Sendable, Equatable {
        /// The name that trials have its value under.
        package let name: String
        /// Where it may lie.
        package let domain: Domain

        /// A parameter of this name.
        package init(_ name: String, _ domain: Domain) {
            self.name = name
            self.domain = domain
        }
    }

    /// The parameters, in the order in which they are drawn.
    package let parameters: [Parameter]

    /// A space of these parameters.
    package init(_ parameters: [Parameter]) {
        precondition(
            Set(parameters.map(\.name)).count == parameters.count, "each name stands once")
        self.parameters = parameters
    }

    /// A point drawn at random.
    package func draw(_ random: inout SeededRandom) -> [String: Double] {
        var point: [String: Double] = [:]
        for parameter in parameters {
            point[parameter.name] = parameter.domain.value(at: random.uniform())
        }
        return point
    }

    /// The values as people read them.
    package func text(of point: [String: Double]) -> String {
        parameters.compactMap { parameter in
            point[parameter.name].map { "\(parameter.name) \(parameter.domain.text(of: $0))" }
        }.joined(separator: ", ")
    }
}

extension SearchSpace.Domain {
    /// How many choices there are; nil for numbers.
    var categoryCount: Int? {
        if case .categorical(let names) = self { names.count } else { nil }
    }

    /// The value at a place from 0 to 1, each as likely as the others.
    func value(at place: Double) -> Double {
        let place = min(max(place, 0), 1)
        switch self {
        case .float(let range):
            return range.lowerBound + place * (range.upperBound - range.lowerBound)
        case .logFloat(let range):
            let (low, high) = (log(range.lowerBound), log(range.upperBound))
            return min(max(exp(low + place * (high - low)), range.lowerBound), range.upperBound)
        case .int(let range):
            return Self.whole(
                Double(range.lowerBound) - 0.5 + place * Double(range.count), range)
        case .logInt(let range):
            let (low, high) = Self.logBounds(range)
            return Self.whole(exp(low + place * (high - low)), range)
        case .categorical(let names):
            return Double(min(names.count - 1, Int(place * Double(names.count))))
        }
    }

    /// The place of a value from 0 to 1; of a choice the middle of its part.
    func place(of value: Double) -> Double {
        let place: Double
        switch self {
        case .float(let range):
            place = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        case .logFloat(let range):
            let (low, high) = (log(range.lowerBound), log(range.upperBound))
            place = (log(value) - low) / (high - low)
        case .int(let range):
            place = (value - Double(range.lowerBound) + 0.5) / Double(range.count)
        case .logInt(let range):
            let (low, high) = Self.logBounds(range)
            place = (log(value) - low) / (high - low)
        case .categorical(let names): place = (value + 0.5) / Double(names.count)
        }
        return place.isFinite ? min(max(place, 0), 1) : 0.5
    }

    fileprivate func text(of value: Double) -> String {
        switch self {
        case .float, .logFloat: String(format: "%.4g", value)
        case .int, .logInt: "\(Int(value))"
        case .categorical(let names):
            names.indices.contains(Int(value)) ? names[Int(value)] : "\(value)"
        }
    }

    /// Half a step beyond the ends, so that they are as likely as the others.
    private static func logBounds(_ range: ClosedRange<Int>) -> (Double, Double) {
        (log(Double(range.lowerBound) - 0.5), log(Double(range.upperBound) + 0.5))
    }

    private static func whole(_ value: Double, _ range: ClosedRange<Int>) -> Double {
        min(max(value.rounded(), Double(range.lowerBound)), Double(range.upperBound))
    }
}
