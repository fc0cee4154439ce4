extension EdgeStreamDetector {
    /// The role of a key.
    package enum Role: Sendable, CaseIterable {
        case source, target
    }

    /// Takes a level of activity as normal for a key, as after a review that says benign.
    ///
    /// A filtered counter never learns a lasting new level by itself. From now on the key's past lets
    /// expect at least `level`, its decayed count of records and of first-time partners in a verdict
    /// about it. In sketches the keys that share all cells with it are expected to do more, too.
    ///
    /// - Parameters:
    ///   - level: The decayed counts of records and of first-time partners; NaN leaves one as it is.
    ///   - key: The key.
    ///   - role: The role in which the level was seen.
    package mutating func accept(level: SIMD2<Double>, of key: UInt64, as role: Role) {
        guard clock.isFinite else { return }
        let (time, rates, tag) = (clock, rates, hash.tag(key))
        let wanted = level.replacing(with: 0, where: level .!= level)
        func raise(_ counters: inout KeyCounters) {
            counters.slow = rates.slow(counters, expecting: wanted, time)
        }
        switch (role, counters.isExact) {
        case (.source, true): counters.sourceTable.withCounters(of: tag, at: time, raise)
        case (.target, true): counters.targetTable.withCounters(of: tag, at: time, raise)
        case (.source, false):
            counters.sourceSketch.withCounters(of: tag, at: time, rates, raise)
        case (.target, false):
            counters.targetSketch.withCounters(of: tag, at: time, rates, raise)
        }
    }

    /// Forgets all about a key in a role, as if it was never seen there; pairs stay known.
    ///
    /// - Returns: False where nothing is known of it, and in sketches, which cannot forget one key.
    /// - Complexity: O(places of the table).
    package mutating func forget(_ key: UInt64, as role: Role) -> Bool {
        guard counters.isExact else { return false }
        return switch role {
        case .source: counters.sourceTable.remove(hash.tag(key))
        case .target: counters.targetTable.remove(hash.tag(key))
        }
    }

    /// Collects a new calibration from the next records, as after an attack among the first ones.
    ///
    /// The old one speaks until the new one has all its records.
    package mutating func startCalibration() {
        calibration.restart()
    }
}
