package import AnomalyModels

/// A model as a safetensors archive: numbers as tensors, the card and the calibrations as JSON.
extension DetectionModel {
    private static let format = "vigil-model-4"

    /// The archive of this model; the same bytes for the same model.
    package func archive() -> ModelArchive {
        var tensors = forest.tensors()
        tensors["mean_rating"] = Tensor([meanRating])
        var archive = ModelArchive(metadata: ["format": Self.format], tensors: tensors)
        archive.encode(card, as: ModelArchive.cardName)
        archive.encode(forest.parameters, as: "forest_parameters")
        archive.encode(
            Dictionary(uniqueKeysWithValues: calibrations.map { ($0.key.rawValue, $0.value) }),
            as: "calibrations")
        archive.encode(measureTails, as: "measure_tails")
        PeerTable(peers).encode(into: &archive, prefix: "")
        relationships?.encode(into: &archive)
        context?.write(to: &archive)
        NumericModel.write(numbers, to: &archive)
        if !neighbourTypes.isEmpty { archive.encode(neighbourTypes, as: "neighbour_types") }
        if let indicatorRarities { archive.encode(indicatorRarities, as: "indicator_rarities") }
        if let relationshipIndicatorRarities {
            archive.encode(relationshipIndicatorRarities, as: "relationship_indicator_rarities")
        }
        archive.encode(knownIndicators.sorted(), as: "known_indicators")
        behaviour?.encode(into: &archive)
        if let driftReference { archive.encode(driftReference, as: "drift_reference") }
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
            peers: try PeerTable(archive, prefix: "", measure: Measure.init(name:)).groups,
            meanRating: meanRating, behaviour: try BehaviourModel(archive: archive))
        measureTails = try archive.decoded(MeasureTails.self, from: "measure_tails")
        relationships = try RelationshipModel(archive: archive)
        context = try ContextModel(archive: archive)
        numbers = try NumericModel.read(archive)
        if archive.metadata["indicator_rarities"] != nil {
            indicatorRarities = try archive.decoded(
                IndicatorRarities.self, from: "indicator_rarities")
        }
        if archive.metadata["relationship_indicator_rarities"] != nil {
            relationshipIndicatorRarities = try archive.decoded(
                IndicatorRarities.self, from: "relationship_indicator_rarities")
        }
        knownIndicators = Set(try archive.decoded([String].self, from: "known_indicators"))
        if archive.metadata["neighbour_types"] != nil {
            neighbourTypes = try archive.decoded(NeighbourTypes.self, from: "neighbour_types")
        }
        if archive.metadata["drift_reference"] != nil {
            let reference = try archive.decoded(DriftReference.self, from: "drift_reference")
            guard reference.isSound else {
                throw ModelFileError(
                    code: .invalidModel,
                    message: "The reference for drift has numbers that are none.")
            }
            driftReference = reference
        }
    }

    static func tensor(
        _ name: String, _ archive: ModelArchive
    ) throws(ModelFileError) -> Tensor {
        guard let tensor = archive.tensors[name] else {
            throw ModelFileError(code: .missingTensor, message: "The file has no tensor \(name).")
        }
        return tensor
    }
}
