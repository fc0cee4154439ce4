package import AnomalyModels

/// A model as a safetensors archive: numbers as tensors, the card and the calibrations as JSON.
extension DetectionModel {
    private static let format = "vigil-model-3"
    private static let columnCount = 3 + PeerDistribution.probabilities.count

    /// One line of the table of peers.
    private struct PeerKey: Codable {
        var type: String
        var measure: String
    }

    /// The archive of this model; the same bytes for the same model.
    package func archive() -> ModelArchive {
        var tensors = forest.tensors()
        var keys: [PeerKey] = []
        var values: [Double] = []
        for (type, group) in peers.sorted(by: { $0.key < $1.key }) {
            let sorted = group.distributions.sorted { $0.key.name < $1.key.name }
            for (measure, distribution) in sorted {
                keys.append(PeerKey(type: type, measure: measure.name))
                values += [Double(distribution.count), distribution.center, distribution.scale]
                values += distribution.knots
            }
        }
        tensors["peers"] = Tensor(values)
        tensors["mean_rating"] = Tensor([meanRating])
        var archive = ModelArchive(metadata: ["format": Self.format], tensors: tensors)
        archive.encode(card, as: ModelArchive.cardName)
        archive.encode(forest.parameters, as: "forest_parameters")
        archive.encode(
            Dictionary(uniqueKeysWithValues: calibrations.map { ($0.key.rawValue, $0.value) }),
            as: "calibrations")
        archive.encode(peers.mapValues(\.count), as: "peer_counts")
        archive.encode(keys, as: "peer_keys")
        context?.write(to: &archive)
        NumericModel.write(numbers, to: &archive)
        if !neighbourTypes.isEmpty { archive.encode(neighbourTypes, as: "neighbour_types") }
        behaviour?.encode(into: &archive)
        return archive
    }

    /// The model of an archive; the error says what is missing or wrong.
    package init(archive: ModelArchive) throws(ModelFileError) {
        guard archive.metadata["format"] == Self.format else {
            let found = archive.metadata["format"] ?? "none"
            throw ModelFileError(
                code: .invalidModel,
                message: "The file is no entity model: its format is \(found), not \(Self.format).")
        }
        let card = try archive.card()
        guard card.kind == .ensemble, card.schema == EntityFeature.schema,
            card.features == EntityFeature.names
        else {
            throw ModelFileError(
                code: .invalidModel,
                message: "The model was trained on other features than this version has.")
        }
        let forest = try IsolationForest(
            tensors: archive.tensors,
            parameters: try archive.decoded(
                IsolationForest.Parameters.self, from: "forest_parameters"))
        guard forest.columnCount == EntityFeature.count else {
            throw ModelFileError(
                code: .invalidModel,
                message: "The forest has \(forest.columnCount) features, not "
                    + "\(EntityFeature.count).")
        }
        let named = try archive.decoded(
            [String: DetectorCalibration].self, from: "calibrations")
        var calibrations: [Detector: DetectorCalibration] = [:]
        for (name, calibration) in named {
            guard let detector = Detector(rawValue: name) else {
                throw ModelFileError(
                    code: .invalidModel, message: "The model has an unknown detector \(name).")
            }
            calibrations[detector] = calibration
        }
        let rating = try Self.tensor("mean_rating", archive).doubles()
        guard rating.count == 1, let meanRating = rating.first else {
            throw ModelFileError(
                code: .wrongShape, message: "The tensor mean_rating is no single number.")
        }
        self.init(
            card: card, forest: forest, calibrations: calibrations,
            peers: try Self.peers(archive), meanRating: meanRating,
            behaviour: try BehaviourModel(archive: archive))
        context = try ContextModel(archive: archive)
        numbers = try NumericModel.read(archive)
        if archive.metadata["neighbour_types"] != nil {
            neighbourTypes = try archive.decoded(NeighbourTypes.self, from: "neighbour_types")
        }
    }

    private static func peers(_ archive: ModelArchive) throws(ModelFileError) -> [String: PeerGroup]
    {
        let keys = try archive.decoded([PeerKey].self, from: "peer_keys")
        let values = try tensor("peers", archive).doubles()
        guard values.count == keys.count * columnCount else {
            throw ModelFileError(
                code: .wrongShape,
                message: "The tensor peers has \(values.count) numbers for \(keys.count) lines.")
        }
        var groups = try archive.decoded([String: Int].self, from: "peer_counts")
            .mapValues { PeerGroup(count: $0, distributions: [:]) }
        for (line, key) in keys.enumerated() {
            let numbers = values[line * columnCount..<(line + 1) * columnCount]
            guard let measure = Measure(name: key.measure), numbers.allSatisfy(\.isFinite),
                let count = Int(exactly: numbers[numbers.startIndex])
            else {
                throw ModelFileError(
                    code: .invalidModel,
                    message: "The peers of \(key.type) for \(key.measure) are not readable.")
            }
            let numbersFrom = numbers.startIndex
            groups[key.type]?.distributions[measure] = PeerDistribution(
                count: count, center: numbers[numbersFrom + 1], scale: numbers[numbersFrom + 2],
                knots: Array(numbers[(numbersFrom + 3)...]))
        }
        return groups
    }

    private static func tensor(
        _ name: String, _ archive: ModelArchive
    ) throws(ModelFileError) -> Tensor {
        guard let tensor = archive.tensors[name] else {
            throw ModelFileError(code: .missingTensor, message: "The file has no tensor \(name).")
        }
        return tensor
    }
}
