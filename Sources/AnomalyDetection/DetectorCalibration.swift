package import AnomalyModels

/// The calibrations of one detector: by entity type where there are rows enough, else pooled.
package struct DetectorCalibration: Sendable, Equatable, Codable {
    /// A type with so many scores is judged by its own calibration alone.
    package static let typeCountMin = 200
    /// A type with so many is judged by its own and by the pooled one; with fewer by the pooled
    /// one alone.
    package static let smallTypeCountMin = 50

    /// Over all types; nil where there are too few scores for any calibration.
    package var pooled: TailCalibration?
    /// By the name of the entity type.
    package var byType: [String: TailCalibration]
    /// Types for which the score cannot vary, so the detector has nothing to say.
    package var silentTypes: [String]

    /// Calibrations of these parts.
    package init(
        pooled: TailCalibration?, byType: [String: TailCalibration], silentTypes: [String] = []
    ) {
        self.pooled = pooled
        self.byType = byType
        self.silentTypes = silentTypes
    }

    /// Fits to raw scores by type name, NaN skipped.
    package static func fit(
        _ detector: Detector, scores: [String: [Double]], farOutUnit: Double? = nil,
        silentTypes: [String] = []
    ) -> DetectorCalibration {
        let rule = (farOutUnit ?? detector.farOutUnit).map { TailCalibration.FarOutRule(unit: $0) }
        func fitted(_ values: [Double]) -> TailCalibration? {
            let spread = detector.isCount ? Self.spreadingTies(values) : values
            return TailCalibration.fit(spread.map(detector.calibrationScale), farOut: rule)
        }
        let speaking = scores.filter { !silentTypes.contains($0.key) }
            .mapValues { $0.filter { !$0.isNaN } }
        var byType: [String: TailCalibration] = [:]
        // What is a rarity among its type already is comparable between types.
        if !detector.restsOnRarities {
            for (type, values) in speaking where values.count >= smallTypeCountMin {
                byType[type] = fitted(values)
            }
        }
        let all = speaking.sorted { $0.key < $1.key }.flatMap(\.value)
        return DetectorCalibration(
            pooled: fitted(all), byType: byType, silentTypes: silentTypes.sorted())
    }

    /// Whole numbers with each group of equals spread evenly over its unit: half of the rows may
    /// share two values, and no tail could be fitted above either of them.
    private static func spreadingTies(_ values: [Double]) -> [Double] {
        let sorted = values.sorted()
        var spread: [Double] = []
        spread.reserveCapacity(sorted.count)
        var start = 0
        while start < sorted.count {
            var end = start
            while end < sorted.count, sorted[end] == sorted[start] { end += 1 }
            for place in start..<end {
                let share = (Double(place - start) + 0.5) / Double(end - start)
                spread.append(sorted[place] - 0.5 + share)
            }
            start = end
        }
        return spread
    }

    /// The calibrations that judge this type, of which the shyest counts; empty where the detector
    /// is silent about it.
    ///
    /// A small type has too few rows for the far tail, and the pooled rows may be of another kind:
    /// what is ordinary for a hub type is strange among all. So both must find it strange.
    package func calibrations(for typeName: String) -> [TailCalibration] {
        guard !silentTypes.contains(typeName) else { return [] }
        guard let own = byType[typeName] else { return [pooled].compactMap { $0 } }
        return own.count + own.leftOutCount >= Self.typeCountMin
            ? [own] : [own, pooled].compactMap { $0 }
    }
}
