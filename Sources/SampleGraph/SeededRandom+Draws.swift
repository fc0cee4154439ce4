import AnomalyModels

extension SeededRandom {
    /// True with the given probability.
    mutating func chance(_ probability: Double) -> Bool {
        uniform() < probability
    }

    /// One of the elements, each with the same probability.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        precondition(!elements.isEmpty, "there is something to pick from")
        return elements[index(below: elements.count)]
    }

    /// A whole number of the range.
    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + index(below: range.count)
    }

    /// A number of the range.
    mutating func number(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
    }

    /// A draw from the standard normal distribution (Marsaglia's polar method).
    mutating func bell() -> Double {
        while true {
            let first = 2 * uniform() - 1
            let second = 2 * uniform() - 1
            let square = first * first + second * second
            guard square > 0, square < 1 else { continue }
            return first * (-2 * PortableMath.log(square) / square).squareRoot()
        }
    }

    /// A waiting time with the given mean.
    mutating func exponential(mean: Double) -> Double {
        -mean * PortableMath.log(1 - uniform())
    }

    /// A positive number whose logarithm is normal.
    mutating func logNormal(median: Double, spread: Double) -> Double {
        median * PortableMath.exp(spread * bell())
    }

    /// A whole number of at least 1 with P(more than x) about 1/x^exponent, cut at `max`.
    mutating func heavyTailed(exponent: Double, max: Int) -> Int {
        // The cut comes before the conversion: a tail can lie beyond every whole number.
        Int(min(Double(max), PortableMath.pow(1 - uniform(), -1 / exponent)))
    }
}

/// Entities to link to, where those that were drawn before are likelier to be drawn again.
struct Urn {
    private(set) var members: [Int]
    private var drawn: [Int] = []
    private let reinforcement: Double

    /// An urn with each member once; `reinforcement` is the share of draws that follow earlier ones.
    init(_ members: [Int], reinforcement: Double) {
        self.members = members
        self.reinforcement = reinforcement
    }

    var isEmpty: Bool { members.isEmpty }

    mutating func add(_ member: Int) {
        members.append(member)
    }

    mutating func draw(_ random: inout SeededRandom) -> Int {
        let member =
            !drawn.isEmpty && random.chance(reinforcement)
            ? random.pick(drawn) : random.pick(members)
        drawn.append(member)
        return member
    }
}
