import AnomalyModels

/// Numbers of a file that are numbers and still none of a reference.
extension DriftReference {
    /// Whether every number is one that a training could have left.
    var isSound: Bool {
        abs(asOf) < 1e12 && entities.isSound && relationships.isSound
    }

    /// More rows than any graph has, and few enough of them to be added up.
    static let countMax = 1 << 40
}

extension DriftScopeReference {
    fileprivate var isSound: Bool {
        [arrivalsByDay, updatesByDay].allSatisfy {
            $0.count == DriftReference.arrivalDays && $0.areCounts
        } && types.values.areCounts && population?.isSound != false && arrivals?.isSound != false
    }
}

extension DriftGroupReference {
    fileprivate var isSound: Bool {
        ([typeDispersion, scores.dispersion] + features.values.map(\.dispersion))
            .allSatisfy { (1..<1e9).contains($0.factor) && (0..<1e9).contains($0.degrees) }
            && [rowCount].areCounts && types.values.areCounts && exceedances.areCounts
            && exceedances.count == 51 && zip(exceedances, exceedances.dropFirst()).allSatisfy(>=)
    }
}

extension Collection<Int> {
    fileprivate var areCounts: Bool {
        count <= 100_000 && allSatisfy { (0...DriftReference.countMax).contains($0) }
    }
}
