import Foundation
import GraphEngine

/// How an entity's tags and numbers compare with those of its neighbours.
struct ContextReading: Sendable {
    /// The mean similarity to those one step away, and two steps away without the way back; the
    /// latter NaN where there are none.
    var oneStep, twoSteps: Double
    /// The mean similarity to random entities of its type, and its standard deviation.
    var usual, spread: Double

    /// The mean of both distances.
    var share: Double { twoSteps.isNaN ? oneStep : (oneStep + twoSteps) / 2 }
    /// How many standard deviations below the usual; larger is stranger.
    var score: Double { (usual - share) / max(spread, Self.spreadMin) }

    /// Random entities that are all equally unlike are no measure of one hundredth more or less.
    static let spreadMin = 0.01
}

extension AnomalyDetector {
    /// How many second steps are taken from each of the first.
    static let secondStepsMax = 16

    /// How like its neighbours an entity is; nil where there is nothing to compare: no model, no tags or
    /// numbers, no neighbour that has any.
    /// - Complexity: at most ``NeighbourSamples/countMax`` · (``secondStepsMax`` + 1) comparisons, and
    ///   one look at those of the type's reference entities that share a tag.
    func contextReading(of node: NodeIndex) -> ContextReading? {
        guard let context, let record = states[Int(node)]?.record,
            let references = context.references[record.typeCode],
            let own = contextVector(of: node, context)
        else { return nil }
        var first = Similarities()
        var second = 0.0
        var secondWeight = 0.0
        var byNeighbour: [(key: NodeKey, weight: Double, mean: Double)] = []
        for other in neighbourSamples.sample(of: node, graph) {
            if let similarity = similarity(own, other, context) { first.add(similarity) }
            let degree = states[Int(other)]?.degree ?? 0
            guard degree > 1 else { continue }
            var beyond = Similarities()
            let limit = Self.secondStepsMax
            for third in neighbourSamples.sample(of: other, graph, limit: limit)
            where third != node {
                if let similarity = similarity(own, third, context) { beyond.add(similarity) }
            }
            if beyond.count > 0 {
                // Without the way back: of the walks over this neighbour so many do not return.
                byNeighbour.append(
                    (
                        graph.nodeKey(at: other), Double(degree - 1) / Double(degree), beyond.mean
                    ))
            }
        }
        guard first.count > 0 else { return nil }
        // By key, so that the sum has the same bits whatever the history.
        byNeighbour.sort { $0.key < $1.key }
        for neighbour in byNeighbour {
            second += neighbour.weight * neighbour.mean
            secondWeight += neighbour.weight
        }
        let usual = usual(own, record, references)
        guard !usual.mean.isNaN else { return nil }
        return ContextReading(
            oneStep: first.mean, twoSteps: secondWeight > 0 ? second / secondWeight : .nan,
            usual: usual.mean, spread: usual.deviation)
    }

    /// Mean and standard deviation of the similarity to the type's reference entities.
    private func usual(
        _ own: ContextVector, _ record: EntityRecord, _ references: ResolvedContext.References
    ) -> (mean: Double, deviation: Double) {
        let count = references.hashes.count
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { sums in
            sums.initialize(repeating: 0)
            for (tag, part) in zip(own.tags, own.tagParts) {
                for reference in references.byTag[tag] ?? [] {
                    sums[Int(reference.place)] += part * reference.part
                }
            }
            let width = own.numberParts.count
            if width > 0, references.numberParts.count == count * width {
                references.numberParts.withUnsafeBufferPointer { parts in
                    for place in 0..<count {
                        var sum: Float = 0
                        for column in 0..<width {
                            sum += own.numberParts[column] * parts[place * width + column]
                        }
                        sums[place] += sum
                    }
                }
            }
            var (sum, squares, others) = (0.0, 0.0, 0.0)
            let hash = ContextModel.hash(of: record.id)
            for place in 0..<count where references.hashes[place] != hash {
                let value = Double(sums[place])
                sum += value
                squares += value * value
                others += 1
            }
            guard others > 1 else { return (.nan, .nan) }
            let mean = sum / others
            return (mean, max(0, squares / others - mean * mean).squareRoot())
        }
    }

    /// The unit vector of an entity; nil where it has neither tags nor numbers.
    func contextVector(of node: NodeIndex, _ context: ResolvedContext) -> ContextVector? {
        guard let record = states[Int(node)]?.record else { return nil }
        let norm = Int(node) < tagNorms.count ? tagNorms[Int(node)] : 0
        let numbers = context.numbers(of: record)
        let share = ContextVector.share(hasTags: norm > 0, hasNumbers: numbers != nil)
        guard share > 0 else { return nil }
        var vector = ContextVector(share: share)
        if norm > 0 {
            vector.tags = record.tagKeys
            vector.tagWeights = record.tagKeys.map(context.weight(of:))
            vector.tagParts = vector.tagWeights.map { share * $0 / norm }
        }
        if let numbers {
            let length = ContextVector.length(numbers)
            vector.numberParts = numbers.map { share * $0 / length }
            vector.typeCode = record.typeCode
        }
        return vector
    }

    /// The similarity of an entity's unit vector to that of another one; nil where that has none.
    private func similarity(
        _ own: ContextVector, _ other: NodeIndex, _ context: ResolvedContext
    ) -> Double? {
        let norm = Int(other) < tagNorms.count ? tagNorms[Int(other)] : 0
        guard norm > 0 || !context.columns.isEmpty, let record = states[Int(other)]?.record else {
            return nil
        }
        let numbers = context.numbers(of: record)
        let share = ContextVector.share(hasTags: norm > 0, hasNumbers: numbers != nil)
        guard share > 0 else { return nil }
        var sum: Float = 0
        if norm > 0, !own.tags.isEmpty {
            sum += share / norm * own.weightedOverlap(with: record.tagKeys)
        }
        if let numbers, !own.numberParts.isEmpty {
            let scale = share / ContextVector.length(numbers)
            if record.typeCode == own.typeCode {
                var product: Float = 0
                for place in numbers.indices { product += own.numberParts[place] * numbers[place] }
                sum += scale * product
            } else if let ownColumns = context.columns[own.typeCode],
                let columns = context.columns[record.typeCode]
            {
                // Entities of two types are alike in the numbers that both types watch.
                for (place, column) in columns.enumerated() where column.slot >= 0 {
                    if let mine = ownColumns.firstIndex(where: { $0.slot == column.slot }) {
                        sum += scale * own.numberParts[mine] * numbers[place]
                    }
                }
            }
        }
        return Double(sum)
    }
}

/// An entity as a unit vector: weighted tags and standardised numbers, half of the square each where it
/// has both.
struct ContextVector {
    /// 1 with one of the two kinds, √½ with both.
    let share: Float
    /// Ascending.
    var tags: [UInt64] = []
    var tagWeights: [Float] = []
    var tagParts: [Float] = []
    var numberParts: [Float] = []
    var typeCode: Int32 = 0

    init(share: Float) { self.share = share }

    static func share(hasTags: Bool, hasNumbers: Bool) -> Float {
        hasTags && hasNumbers ? Float(0.5).squareRoot() : hasTags || hasNumbers ? 1 : 0
    }

    static func length(_ numbers: [Float]) -> Float {
        var sum: Float = 0
        for number in numbers { sum += number * number }
        return sum.squareRoot()
    }

    /// Σ part · weight over the tags that both have; the others ascend too.
    func weightedOverlap(with others: [UInt64]) -> Float {
        var sum: Float = 0
        var (mine, other) = (0, 0)
        while mine < tags.count, other < others.count {
            if tags[mine] == others[other] {
                sum += tagParts[mine] * tagWeights[mine]
                mine += 1
                other += 1
            } else if tags[mine] < others[other] {
                mine += 1
            } else {
                other += 1
            }
        }
        return sum
    }
}

/// A mean in fixed point: the same bits whatever the order.
private struct Similarities {
    private var sum: Int64 = 0
    private(set) var count = 0

    private static let unit = Double(1 << 40)

    var mean: Double { Double(sum) / Self.unit / Double(count) }

    mutating func add(_ similarity: Double) {
        sum += Int64((similarity * Self.unit).rounded())
        count += 1
    }
}
