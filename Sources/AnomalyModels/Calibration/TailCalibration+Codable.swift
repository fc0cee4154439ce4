extension TailCalibration: Codable {
    private enum Key: String, CodingKey {
        case count, leftOutCount, threshold, exceedanceCount, shape, scale
        case knotScores, knotProbabilities
    }

    /// Writes the statistics; the tail's only where there is one, since JSON has no NaN.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(count, forKey: .count)
        try container.encode(leftOutCount, forKey: .leftOutCount)
        try container.encode(exceedanceCount, forKey: .exceedanceCount)
        if hasTail {
            try container.encode(threshold, forKey: .threshold)
            try container.encode(shape, forKey: .shape)
            try container.encode(scale, forKey: .scale)
        }
        try container.encode(knotScores, forKey: .knotScores)
        try container.encode(knotProbabilities, forKey: .knotProbabilities)
    }

    /// Reads what `encode(to:)` wrote; refuses numbers that are no calibration.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        count = try container.decode(Int.self, forKey: .count)
        leftOutCount = try container.decode(Int.self, forKey: .leftOutCount)
        exceedanceCount = try container.decode(Int.self, forKey: .exceedanceCount)
        threshold = try container.decodeIfPresent(Double.self, forKey: .threshold) ?? .nan
        shape = try container.decodeIfPresent(Double.self, forKey: .shape) ?? .nan
        scale = try container.decodeIfPresent(Double.self, forKey: .scale) ?? .nan
        knotScores = try container.decode([Double].self, forKey: .knotScores)
        knotProbabilities = try container.decode([Double].self, forKey: .knotProbabilities)
        guard hasValidCounts, hasValidTail, hasValidKnots, tailFollowsBody else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "The numbers are no tail calibration."))
        }
    }

    private var hasValidCounts: Bool {
        count >= Self.minimumCount && count < 1 << 48 && leftOutCount >= 0
            && (0...count).contains(exceedanceCount)
    }

    private var hasValidTail: Bool {
        guard hasTail else { return threshold.isNaN && shape.isNaN && scale.isNaN }
        return threshold.isFinite && shape.isFinite && shape >= GeneralizedPareto.shapeMin
            && scale.isFinite && scale > 0
    }

    private var hasValidKnots: Bool {
        !knotScores.isEmpty && knotScores.count <= Self.knotCountMax
            && knotScores.count == knotProbabilities.count
            && knotScores.allSatisfy(\.isFinite)
            && knotProbabilities.allSatisfy { $0 > 0 && $0 <= 1 }
            && zip(knotScores, knotScores.dropFirst()).allSatisfy { $0 < $1 }
            && zip(knotProbabilities, knotProbabilities.dropFirst()).allSatisfy { $0 >= $1 }
    }

    /// Whether the tail begins where the body ends, so that p never rises with the score.
    private var tailFollowsBody: Bool {
        guard hasTail, let last = knotScores.last, let end = knotProbabilities.last else {
            return true
        }
        return abs(tailProbability(last) - end) <= 1e-9 * end
    }
}
