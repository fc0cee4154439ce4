/// What a model is, where it comes from and what it is good for, as JSON for people and programs.
package struct ModelCard: Sendable, Equatable, Codable {
    /// One calibration in short.
    package struct CalibrationSummary: Sendable, Equatable, Codable {
        /// The detector, and the entity type or "all".
        package var detector, type: String
        /// Scores behind it, and how many the far-out rule left out.
        package var count, leftOutCount: Int
        /// Shape and scale of the tail.
        package var shape, scale: Double?

        /// The summary of a detector's calibration for a type.
        package init(
            detector: String, type: String, count: Int, leftOutCount: Int, shape: Double?,
            scale: Double?
        ) {
            self.detector = detector
            self.type = type
            self.count = count
            self.leftOutCount = leftOutCount
            self.shape = shape
            self.scale = scale
        }
    }

    /// What it judges: "entity".
    package var kind = "entity"
    /// The name of this model.
    package var version: String
    /// When it was trained, seconds since 1970.
    package var createdAt: Double
    /// The time as of which the training features were taken, seconds since 1970.
    package var asOf: Double
    /// The seed of all randomness in the training.
    package var seed: UInt64
    /// The feature names, in order.
    package var features = EntityFeature.names
    /// The parameters of the forest and of the training run.
    package var parameters: [String: Double]
    /// Entities in training, and by type.
    package var trainingRowCount: Int
    package var trainingRowsByType: [String: Int]
    /// Entities that the first pass of the forest found strangest and the second left out.
    package var contaminationRowCount: Int
    /// The size of the graph, and the epoch of its global metrics.
    package var nodeCount, relationshipCount: Int
    package var graphEpoch: Int64
    /// A hash of the training features: the same for the same rows.
    package var fingerprint: String
    /// The calibrations, in short.
    package var calibrations: [CalibrationSummary]
    /// Measures of quality, by name, where something was measured.
    package var measures: [String: Double] = [:]

    /// A card of these facts.
    package init(
        version: String, createdAt: Double, asOf: Double, seed: UInt64,
        parameters: [String: Double], trainingRowsByType: [String: Int],
        contaminationRowCount: Int, nodeCount: Int, relationshipCount: Int, graphEpoch: Int64,
        fingerprint: String, calibrations: [CalibrationSummary]
    ) {
        self.version = version
        self.createdAt = createdAt
        self.asOf = asOf
        self.seed = seed
        self.parameters = parameters
        self.trainingRowCount = trainingRowsByType.values.reduce(0, +)
        self.trainingRowsByType = trainingRowsByType
        self.contaminationRowCount = contaminationRowCount
        self.nodeCount = nodeCount
        self.relationshipCount = relationshipCount
        self.graphEpoch = graphEpoch
        self.fingerprint = fingerprint
        self.calibrations = calibrations
    }

    enum CodingKeys: String, CodingKey {
        case kind, version, seed, features, parameters, fingerprint, calibrations, measures
        case createdAt = "created_at"
        case asOf = "as_of"
        case trainingRowCount = "training_row_count"
        case trainingRowsByType = "training_rows_by_type"
        case contaminationRowCount = "contamination_row_count"
        case nodeCount = "node_count"
        case relationshipCount = "relationship_count"
        case graphEpoch = "graph_epoch"
    }
}

extension ModelCard.CalibrationSummary {
    enum CodingKeys: String, CodingKey {
        case detector, type, count, shape, scale
        case leftOutCount = "left_out_count"
    }
}
