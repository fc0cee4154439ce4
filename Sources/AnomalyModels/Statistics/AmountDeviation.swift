import Foundation

/// How far an amount lies above what its sender usually sends, in decades.
///
/// s = log10(amount) - (n m + 5 M) / (n + 5), with m the sender's median of n amounts and M the median of
/// all amounts of the type, both of log10: a new sender is judged by the type, an old one by itself.
/// Calibrate by type; only the upper side is strange. Medians are within 1/128 of a decade.
package struct AmountDeviation: Sendable {
    /// The rows at the type's median that each sender starts with.
    package static let pseudoCount = 5.0
    /// A sender whose amounts spread by less decades than this is taken to spread by it.
    package static let spreadMin = 0.25
    /// The fewest amounts of a type; with fewer its amounts are not judged.
    package static let typeCountMin = 20

    private struct Sender: Hashable {
        var sender: Int64
        var type: Int32
    }

    private var types: [Int32: LogarithmSketch] = [:]
    private var senders: [Sender: LogarithmSketch] = [:]

    /// No amounts yet.
    package init() {}

    /// Counts an amount; one that is not positive and finite is skipped.
    package mutating func add(_ amount: Double, sender: Int64, type: Int32) {
        guard types[type, default: LogarithmSketch()].add(amount) else { return }
        senders[Sender(sender: sender, type: type), default: LogarithmSketch()].add(amount)
    }

    /// Takes an amount back that was counted.
    package mutating func remove(_ amount: Double, sender: Int64, type: Int32) {
        let key = Sender(sender: sender, type: type)
        guard senders[key]?.remove(amount) == true else { return }
        types[type]?.remove(amount)
        if senders[key]?.count == 0 { senders[key] = nil }
        if types[type]?.count == 0 { types[type] = nil }
    }

    /// The logarithm (base 10) that is usual for a sender; NaN where the type has too few amounts.
    package func usualLogarithm(sender: Int64, type: Int32) -> Double {
        guard let all = types[type], all.count >= Self.typeCountMin else { return .nan }
        let own = senders[Sender(sender: sender, type: type)]
        return Self.usualLogarithm(
            own: own?.medianLogarithm ?? .nan, count: own?.count ?? 0,
            typeMedian: all.medianLogarithm)
    }

    /// The logarithm that is usual for a sender of so many amounts with this median, where all of the
    /// type have that one.
    package static func usualLogarithm(own: Double, count: Int, typeMedian: Double) -> Double {
        guard count > 0 else { return typeMedian }
        return (Double(count) * own + pseudoCount * typeMedian) / (Double(count) + pseudoCount)
    }

    /// The score of an amount against all that were counted; NaN where nothing can be said.
    package func score(_ amount: Double, sender: Int64, type: Int32) -> Double {
        guard amount > 0, amount.isFinite else { return .nan }
        return log10(amount) - usualLogarithm(sender: sender, type: type)
    }

    /// The batch form: the score of each amount against all of them, itself among them.
    package static func scores(
        _ amounts: [Double], senders: [Int64], types: [Int32]
    ) -> [Double] {
        precondition(
            amounts.count == senders.count && amounts.count == types.count,
            "Each amount has a sender and a type.")
        var all = AmountDeviation()
        for index in amounts.indices {
            all.add(amounts[index], sender: senders[index], type: types[index])
        }
        return amounts.indices.map {
            all.score(amounts[$0], sender: senders[$0], type: types[$0])
        }
    }
}
