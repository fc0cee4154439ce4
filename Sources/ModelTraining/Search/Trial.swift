/// One point of a search, and what came of it.
package struct Trial: Sendable, Equatable {
    /// How a trial stands.
    package enum State: String, Sendable, CaseIterable {
        case running, complete, pruned, failed
    }

    /// Its place in the study, from 0.
    package var number: Int
    /// The value of each parameter; of a choice its place.
    package var parameters: [String: Double]
    /// How it stands.
    package var state: State
    /// What it reached, larger for better; nil unless it is complete.
    package var value: Double?
    /// The values on the way, one for each fold or seed.
    package var intermediate: [Double]

    /// A trial of these parts.
    package init(
        number: Int, parameters: [String: Double], state: State = .running, value: Double? = nil,
        intermediate: [Double] = []
    ) {
        self.number = number
        self.parameters = parameters
        self.state = state
        self.value = value
        self.intermediate = intermediate
    }

    /// The mean of the values on the way, up to a number of them.
    func runningMean(_ count: Int) -> Double? {
        guard count > 0, intermediate.count >= count else { return nil }
        return intermediate.prefix(count).reduce(0, +) / Double(count)
    }
}

extension [Trial] {
    /// The best complete trial, the first of equals; nil without one.
    package var best: Trial? {
        filter { $0.state == .complete }.max {
            ($0.value ?? -.infinity, -$0.number) < ($1.value ?? -.infinity, -$1.number)
        }
    }
}
