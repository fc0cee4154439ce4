/// What a model is, where it comes from and what it is good for, as JSON for people and programs.
///
/// One form for every kind of model: what a kind does not have is absent.
package struct ModelCard: Sendable, Equatable, Codable {
    /// What a model judges.
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// Entities, their behaviour and relationships, by all detectors together.
        case ensemble
        /// Entities by their features.
        case entity
        /// Relationships by their features.
        case relationship
        /// Sequences of an entity's time buckets.
        case behavior
        /// Rows of a table that came from a file.
        case table
    }

    /// How a model judges.
    package enum Method: String, Sendable, Codable, CaseIterable {
        case isolationForest = "isolation_forest"
        case extendedIsolationForest = "extended_isolation_forest"
        case autoencoder = "lstm_autoencoder"
    }

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

        enum CodingKeys: String, CodingKey {
            case detector, type, count, shape, scale
            case leftOutCount = "left_out_count"
        }
    }

    /// What it judges.
    package var kind: Kind
    /// How it judges.
    package var method: Method
    /// The name of this model.
    package var version: String
    /// The name of the features' layout: models of another layout are refused.
    package var schema: String
    /// The feature names, in order.
    package var features: [String]
    /// When it was trained, seconds since 1970.
    package var createdAt: Double
    /// The time as of which the training features were taken, seconds since 1970; nil for a table.
    package var asOf: Double?
    /// The seed of all randomness in the training.
    package var seed: UInt64
    /// The parameters of the model and of the training run.
    package var parameters: [String: Double]
    /// Rows (entities, relationships, sequences) in training, and by type.
    package var trainingRowCount: Int
    package var trainingRowsByType: [String: Int]
    /// Rows that the first pass of a forest found strangest and the second left out.
    package var contaminationRowCount: Int
    /// The size of the graph, and the epoch of its global metrics; nil without a graph.
    package var nodeCount, relationshipCount: Int?
    package var graphEpoch: Int64?
    /// A hash of what was trained on: the same for the same data.
    package var fingerprint: String
    /// The snapshot of the database that was read, and the epoch of its feed; nil where none was.
    package var snapshot: String?
    package var feedEpoch: Int64?
    /// The calibrations, in short.
    package var calibrations: [CalibrationSummary]
    /// Measures of quality, by name, where something was measured.
    package var measures: [String: Double]

    /// A card of these facts.
    package init(
        kind: Kind, method: Method, version: String, schema: String, features: [String],
        createdAt: Double, asOf: Double? = nil, seed: UInt64, parameters: [String: Double],
        trainingRowsByType: [String: Int], contaminationRowCount: Int = 0, nodeCount: Int? = nil,
        relationshipCount: Int? = nil, graphEpoch: Int64? = nil, fingerprint: String,
        calibrations: [CalibrationSummary] = [], measures: [String: Double] = [:]
    ) {
        self.kind = kind
        self.method = method
        self.version = version
        self.schema = schema
        self.features = features
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
        self.measures = measures
    }

    enum CodingKeys: String, CodingKey {
        case kind, method, version, schema, seed, features, parameters, fingerprint, calibrations
        case measures
        case createdAt = "created_at"
        case asOf = "as_of"
        case trainingRowCount = "training_row_count"
        case trainingRowsByType = "training_rows_by_type"
        case contaminationRowCount = "contamination_row_count"
        case nodeCount = "node_count"
        case relationshipCount = "relationship_count"
        case graphEpoch = "graph_epoch"
        case snapshot
        case feedEpoch = "feed_epoch"
    }
}

extension ModelCard {
    /// A hash of training rows: FNV-1a over the bits of their values, 16 hexadecimal digits.
    ///
    /// Every NaN counts as the same one.
    package static func fingerprint(of rows: FeatureMatrix) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for value in rows.values {
            var bits = value.isNaN ? Double.nan.bitPattern : value.bitPattern
            for _ in 0..<8 {
                hash = (hash ^ (bits & 0xff)) &* 0x100_0000_01b3
                bits >>= 8
            }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
