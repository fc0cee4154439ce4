extension Subgraph {
    /// What a picture says above the graph; absent parts are left out.
    package struct Header: Codable, Sendable, Equatable {
        /// The subject and the anomaly's type.
        package var title: String
        /// The finding in one sentence.
        package var reason: String?
        /// The severity's name.
        package var severity: String?
        /// The anomaly's id.
        package var anomalyID: String?
        /// The time of detection, as text.
        package var detectedAt: String?
        /// The version of the model that judged.
        package var modelVersion: String?

        /// Makes a header.
        package init(
            title: String, reason: String? = nil, severity: String? = nil,
            anomalyID: String? = nil, detectedAt: String? = nil, modelVersion: String? = nil
        ) {
            self.title = title
            self.reason = reason
            self.severity = severity
            self.anomalyID = anomalyID
            self.detectedAt = detectedAt
            self.modelVersion = modelVersion
        }

        enum CodingKeys: String, CodingKey {
            case title, reason, severity
            case anomalyID = "anomaly_id"
            case detectedAt = "detected_at"
            case modelVersion = "model_version"
        }
    }
}
