import AnomalyModels

extension SeededRandom {
    /// True with the given probability.
    mutating func chance(_ probability: Double) -> Bool {
        uniform() < probability
    }
}
