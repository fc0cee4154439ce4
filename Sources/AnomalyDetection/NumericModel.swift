package import AnomalyModels

/// The watched numbers of one entity type in training: how each is spread, and a forest over all of them
/// where there were rows enough.
///
/// With a forest its score speaks, which sees combinations; without one the largest robust z does.
package struct NumericModel: Sendable, Equatable {
    /// A type with so many entities that have numbers gets a forest.
    package static let forestRowsMin = 200
    /// With fewer than this nothing is said.
    package static let rowsMin = 20

    /// The keys in the metadata.
    package var keys: [String]
    /// How each number is spread; nil where no entity had it.
    package var peers: [PeerDistribution?]
    /// The forest; nil where there were too few rows.
    package var forest: IsolationForest?

    /// A model of these parts.
    package init(keys: [String], peers: [PeerDistribution?], forest: IsolationForest?) {
        self.keys = keys
        self.peers = peers
        self.forest = forest
    }

    /// How strange these numbers are, NaN where missing: the forest's score, else the largest robust z; NaN
    /// where there is none.
    package func score(_ numbers: [Double]) -> Double {
        guard numbers.count == keys.count, numbers.contains(where: { !$0.isNaN }) else {
            return .nan
        }
        return forest?.score(numbers) ?? largestDeviation(numbers)?.size ?? .nan
    }

    /// The number that says most: the one that shortens the forest's path most, else the one farthest from
    /// the peers.
    func strongest(_ numbers: [Double]) -> (place: Int, contribution: Double)? {
        guard numbers.count == keys.count else { return nil }
        if let forest {
            let path = forest.contributions(of: numbers)
            let known = numbers.indices.filter { !numbers[$0].isNaN }
            return known.min { path.contributions[$0] < path.contributions[$1] }
                .map { ($0, path.contributions[$0]) }
        }
        return largestDeviation(numbers).map { ($0.place, .nan) }
    }

    private func largestDeviation(_ numbers: [Double]) -> (place: Int, size: Double)? {
        var largest: (place: Int, size: Double)?
        for (place, number) in numbers.enumerated() {
            guard let size = peers[place]?.robustZ(number).magnitude, !size.isNaN else { continue }
            if size > largest?.size ?? -1 { largest = (place, size) }
        }
        return largest
    }
}

/// A numeric model laid out by the list of keys that records follow.
package struct ResolvedNumbers: Sendable {
    package let model: NumericModel
    /// For each key of the model its place in a record; nil where records do not have it.
    private let places: [Int?]

    /// The model for records whose numbers are of these keys.
    package init(_ model: NumericModel, watched: [String]) {
        self.model = model
        places = model.keys.map { watched.firstIndex(of: $0) }
    }

    /// The numbers of a record in the order of the model.
    package func numbers(of record: EntityRecord) -> [Double] {
        places.map { place in
            guard let place, place < record.numericMetadata.count else { return .nan }
            return Double(record.numericMetadata[place])
        }
    }
}

/// Numeric models as tensors, one prefix for each type.
extension NumericModel {
    private struct Head: Codable {
        var keys: [String]
        var isKnown: [Bool]
        var parameters: IsolationForest.Parameters?
    }

    private static let columnCount = 3 + PeerDistribution.probabilities.count

    static func write(_ models: [String: NumericModel], to archive: inout ModelArchive) {
        var heads: [String: Head] = [:]
        for (type, model) in models {
            heads[type] = Head(
                keys: model.keys, isKnown: model.peers.map { $0 != nil },
                parameters: model.forest?.parameters)
            var values: [Double] = []
            for case let peers? in model.peers {
                values += [Double(peers.count), peers.center, peers.scale] + peers.knots
            }
            archive.tensors["numeric.\(type).peers"] = Tensor(values)
            for (name, tensor) in model.forest?.tensors() ?? [:] {
                archive.tensors["numeric.\(type).forest.\(name)"] = tensor
            }
        }
        if !heads.isEmpty { archive.encode(heads, as: "numeric") }
    }

    static func read(_ archive: ModelArchive) throws(ModelFileError) -> [String: NumericModel] {
        guard archive.metadata["numeric"] != nil else { return [:] }
        let heads = try archive.decoded([String: Head].self, from: "numeric")
        var models: [String: NumericModel] = [:]
        for (type, head) in heads.sorted(by: { $0.key < $1.key }) {
            let prefix = "numeric.\(type)."
            guard let values = try archive.tensors[prefix + "peers"]?.doubles(),
                head.isKnown.count == head.keys.count,
                values.count == head.isKnown.count(where: { $0 }) * columnCount,
                values.allSatisfy(\.isFinite)
            else { throw unreadable(type) }
            var peers: [PeerDistribution?] = []
            var line = 0
            for isKnown in head.isKnown {
                guard isKnown else {
                    peers.append(nil)
                    continue
                }
                guard let count = Int(exactly: values[line]) else { throw unreadable(type) }
                peers.append(
                    PeerDistribution(
                        count: count, center: values[line + 1], scale: values[line + 2],
                        knots: Array(values[line + 3..<line + columnCount])))
                line += columnCount
            }
            var forest: IsolationForest?
            if let parameters = head.parameters {
                var tensors: [String: Tensor] = [:]
                for (name, tensor) in archive.tensors where name.hasPrefix(prefix + "forest.") {
                    tensors[String(name.dropFirst(prefix.count + "forest.".count))] = tensor
                }
                let read = try IsolationForest(tensors: tensors, parameters: parameters)
                guard read.columnCount == head.keys.count else { throw unreadable(type) }
                forest = read
            }
            models[type] = NumericModel(keys: head.keys, peers: peers, forest: forest)
        }
        return models
    }

    private static func unreadable(_ type: String) -> ModelFileError {
        ModelFileError(
            code: .invalidModel,
            message: "What the model knows about the numbers of \(type) is not readable.")
    }
}
