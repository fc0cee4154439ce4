package import AnomalyModels

/// A head as a safetensors archive: numbers as tensors, by scope, and the rest as JSON.
extension ReviewHead {
    private static let format = "vigil-reviews-1"
    private static let scopes: [(name: String, scope: Indicator.Scope)] = [
        ("entities", .entity), ("relationships", .relationship),
    ]

    /// The archive of this head; the same bytes for the same head.
    ///
    /// Without its version, which the database gives when it stores it.
    package func archive() -> ModelArchive {
        var archive = ModelArchive(
            metadata: ["format": Self.format, "ensemble": ensembleVersion])
        for (name, kind) in Self.scopes {
            guard let scope = self[kind] else { continue }
            archive.encode(ScopeFacts(scope), as: name)
            let tensors: [String: Tensor] =
                switch scope.model {
                case .logistic(let model): model.tensors()
                case .trees(let model): model.tensors()
                }
            for (tensor, value) in tensors { archive.tensors["\(name).\(tensor)"] = value }
        }
        return archive
    }

    /// The head of an archive, under the version that the database gave it; the error says what is missing
    /// or wrong.
    package init(archive: ModelArchive, version: String) throws(ModelFileError) {
        guard archive.metadata["format"] == Self.format,
            let ensemble = archive.metadata["ensemble"]
        else {
            let found = archive.metadata["format"] ?? "none"
            throw ModelFileError(
                code: .invalidModel,
                message: "The file is nothing learnt from reviews: its format is \(found), not "
                    + "\(Self.format).")
        }
        self.init(
            version: version, ensembleVersion: ensemble, entities: nil, relationships: nil)
        for (name, kind) in Self.scopes where archive.metadata[name] != nil {
            let facts = try archive.decoded(ScopeFacts.self, from: name)
            var tensors: [String: Tensor] = [:]
            for (tensor, value) in archive.tensors where tensor.hasPrefix("\(name).") {
                tensors[String(tensor.dropFirst(name.count + 1))] = value
            }
            self[kind] = try facts.scope(tensors)
        }
    }
}

/// What is no tensor of a scope.
private struct ScopeFacts: Codable {
    var inputs: [String]
    var logistic: LogisticRegression.Parameters?
    var trees: GradientBoostedTrees.Parameters?
    var calibration: TailCalibration
    var confirmation: LogisticCalibration
    var weight: Double
    var confirmed, rejected: Int
    var measures: [String: Double]

    init(_ scope: ReviewScope) {
        inputs = scope.inputNames
        switch scope.model {
        case .logistic(let model): logistic = model.parameters
        case .trees(let model): trees = model.parameters
        }
        calibration = scope.calibration
        confirmation = scope.confirmation
        weight = scope.weight
        confirmed = scope.confirmedCount
        rejected = scope.rejectedCount
        measures = scope.measures
    }

    func scope(_ tensors: [String: Tensor]) throws(ModelFileError) -> ReviewScope {
        let model: ReviewScope.Model
        if let logistic {
            model = .logistic(try LogisticRegression(tensors: tensors, parameters: logistic))
        } else if let trees {
            model = .trees(try GradientBoostedTrees(tensors: tensors, parameters: trees))
        } else {
            throw ModelFileError(
                code: .invalidModel, message: "What was learnt from reviews has no model.")
        }
        guard model.supervised.columnCount == inputs.count else {
            throw ModelFileError(
                code: .wrongShape,
                message: "What was learnt from reviews has \(inputs.count) inputs and "
                    + "\(model.supervised.columnCount) columns.")
        }
        guard weight > 0, weight < 1, confirmed >= 0, rejected >= 0 else {
            throw ModelFileError(
                code: .invalidModel,
                message: "What was learnt from reviews weighs \(weight), not above 0 and below 1.")
        }
        return ReviewScope(
            inputNames: inputs, model: model, calibration: calibration,
            confirmation: confirmation, weight: weight, confirmedCount: confirmed,
            rejectedCount: rejected, measures: measures)
    }
}
