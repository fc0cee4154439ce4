// Burstiness: K.-I. Goh, A.-L. Barabási, "Burstiness and memory in complex systems", EPL 81, 48002,
// 2008, 10.1209/0295-5075/81/48002: B = (σ - µ) / (σ + µ) over the times between events. Different
// here: it is taken within one bucket; events that all share one instant have 1.

import Foundation
import GraphEngine

/// The definition of the numbers of one bucket; every way to keep or recompute them ends here.
enum BehaviourBucket {
    /// So many of a bucket's relationships are looked at, the newest, however many there are.
    static let rowCountMax = 64
    /// Two entities with more rows between them than this have known each other all along.
    static let pairRowCountMax = 256

    /// One relationship as its entity sees it.
    struct Contact {
        var time: Double
        var isOutbound, isInbound: Bool
        /// The first relationship with this other end.
        var isFirst: Bool
        var confidence, weight: Double
        var typeCode: Int32
        /// -1 where the other end is unknown.
        var neighbourTypeCode: Int32
        var neighbourRisk: Double
        var sourceCount: Float
    }

    /// The numbers of a bucket; the place of the updates is 0.
    ///
    /// - Parameters:
    ///   - contacts: those looked at, in the order of time and key.
    ///   - rowCount: how many the bucket has.
    ///   - outboundCount: how many of these leave the entity.
    ///   - inboundCount: how many point at it.
    ///   - ownRisk: the risk of the entity.
    /// - Returns: One number for each feature in their order, and one to spare.
    static func numbers(
        of contacts: [Contact], rowCount: Int, outboundCount: Int, inboundCount: Int,
        ownRisk: Double
    ) -> SIMD16<Float> {
        var numbers = emptyNumbers
        guard !contacts.isEmpty else { return numbers }
        func set(_ feature: BehaviourFeature, _ value: Double) {
            numbers[feature.rawValue] = Float(feature.isLogarithm ? log1p(value) : value)
        }
        let factor = Double(rowCount) / Double(contacts.count)
        var (first, repeated) = (0, 0)
        var (confidence, risk, difference) = (Moments(), Moments(), Moments())
        var (weightSum, weightMax) = (0.0, 0.0)
        var types = DistinctCodes()
        var neighbourTypes = DistinctCodes()
        var sources = Float.nan
        for contact in contacts {
            if contact.isFirst { first += 1 }
            if !contact.isFirst, !(contact.isOutbound && contact.isInbound) { repeated += 1 }
            confidence.add(contact.confidence)
            risk.add(contact.neighbourRisk)
            difference.add(abs(contact.neighbourRisk - ownRisk))
            if contact.weight.isFinite {
                weightSum += abs(contact.weight)
                weightMax = max(weightMax, abs(contact.weight))
            }
            types.insert(contact.typeCode)
            if contact.neighbourTypeCode >= 0 { neighbourTypes.insert(contact.neighbourTypeCode) }
            sources = .maximum(sources, contact.sourceCount)
        }
        set(.relationshipsOut, Double(outboundCount))
        set(.relationshipsIn, Double(inboundCount))
        set(.newNeighbours, Double(first) * factor)
        set(.repeatedContacts, Double(repeated) * factor)
        set(.confidenceMean, confidence.mean)
        set(.confidenceDeviation, confidence.count > 1 ? confidence.deviation : .nan)
        set(.riskDifferenceMean, difference.mean)
        set(.weightSum, weightSum * factor)
        set(.weightMax, weightMax)
        set(.relationshipTypes, Double(types.count))
        set(.neighbourTypes, Double(neighbourTypes.count))
        set(.sources, Double(sources))
        set(.neighbourRiskMean, risk.mean)
        set(.burstiness, burstiness(of: contacts))
        return numbers
    }

    /// The numbers of a bucket in which nothing was met: no counts, and no means.
    static let emptyNumbers: SIMD16<Float> = {
        var numbers = SIMD16<Float>(repeating: 0)
        for feature in BehaviourFeature.allCases where !feature.isLogarithm {
            numbers[feature.rawValue] = .nan
        }
        return numbers
    }()

    private static func burstiness(of contacts: [Contact]) -> Double {
        guard contacts.count > 2 else { return .nan }
        var gaps = Moments()
        for index in 1..<contacts.count {
            gaps.add(contacts[index].time - contacts[index - 1].time)
        }
        let (mean, deviation) = (gaps.mean, gaps.deviation)
        return mean > 0 ? (deviation - mean) / (deviation + mean) : 1
    }
}

/// Mean and standard deviation of the values that are there.
private struct Moments {
    private(set) var count = 0
    private var average = 0.0
    private var squares = 0.0

    mutating func add(_ value: Double) {
        guard !value.isNaN else { return }
        count += 1
        let distance = value - average
        average += distance / Double(count)
        squares += distance * (value - average)
    }

    var mean: Double { count > 0 ? average : .nan }
    var deviation: Double { count > 0 ? (max(0, squares) / Double(count)).squareRoot() : .nan }
}

/// Counts different codes of a few.
private struct DistinctCodes {
    private var codes: [Int32] = []
    var count: Int { codes.count }

    mutating func insert(_ code: Int32) {
        if !codes.contains(code) { codes.append(code) }
    }
}
