package import AnomalyDetection
import AnomalyModels
package import PostgresClient
import Storage

/// How a stored anomaly came out when it was computed again.
package struct ReplayReport: Sendable, Codable {
    /// The anomaly and its subject.
    package var anomaly, subject: String
    /// "ensemble" or "rules".
    package var method: String
    package var modelVersion: String?
    package var graphEpoch: Int64?
    /// The time of the judgement, seconds since 1970.
    package var asOf: Double
    /// The score of the replay.
    package var score: Double
    /// Whether every figure has the same bits.
    package var isSame: Bool
    /// The figures that have not.
    package var differences: [ReplayDifference]

    enum CodingKeys: String, CodingKey {
        case anomaly, subject, method, score, differences
        case modelVersion = "model_version"
        case graphEpoch = "graph_epoch"
        case asOf = "as_of"
        case isSame = "is_same"
    }
}

/// Computes a stored anomaly again from its inputs and its model.
package enum AnomalyReplay {
    /// Replays one anomaly.
    /// - Throws: an error that says what is missing: the anomaly, its inputs, or its model.
    package static func run(
        _ anomalyID: String, on database: PostgresConnection
    ) async throws -> ReplayReport {
        let stored = try await ReplayStore.figures(of: anomalyID, on: database)
        guard let inputs = stored.explanation.inputs else {
            throw StorageError(
                code: .notReplayable,
                message:
                    "the inputs of anomaly \(anomalyID) were not kept: an earlier version found it",
                hint: "it has them once it is detected again: `vigil task run scan_all`")
        }
        guard inputs.schema == JudgementInputs.schema else {
            throw StorageError(
                code: .notReplayable,
                message: "the inputs of anomaly \(anomalyID) are of layout \(inputs.schema), and "
                    + "this version reads \(JudgementInputs.schema)",
                hint: "replay it with the version that wrote it")
        }
        let replayed = try await replay(inputs, stored, anomalyID, on: database)
        var differences = replayed.differences(from: stored.explanation)
        func compare(_ name: String, _ before: Double, _ now: Double) {
            guard before.canonical.bitPattern != now.canonical.bitPattern else { return }
            differences.append(
                ReplayDifference(
                    name, stored: before.isNaN ? nil : "\(before)",
                    replayed: now.isNaN ? nil : "\(now)"))
        }
        compare("score", stored.anomalyScore, replayed.anomalyScore)
        compare("p-value", stored.pValue, replayed.pValue)
        compare("confidence", stored.confidence, replayed.confidence)
        if stored.severity != replayed.severity.rawValue {
            differences.append(
                ReplayDifference(
                    "severity", stored: stored.severity, replayed: replayed.severity.rawValue))
        }
        let names = stored.explanation.indicators.map(\.name)
        if stored.modelVersion == nil, names != replayed.indicators {
            differences.append(
                ReplayDifference(
                    "indicators", stored: names.joined(separator: ", "),
                    replayed: replayed.indicators.joined(separator: ", ")))
        }
        return ReplayReport(
            anomaly: anomalyID,
            subject: "\(stored.subjectKind) \(stored.subjectID) \(stored.subjectName)",
            method: stored.detectionMethod, modelVersion: stored.modelVersion,
            graphEpoch: stored.graphEpoch, asOf: inputs.asOf, score: replayed.anomalyScore,
            isSame: differences.isEmpty, differences: differences)
    }

    private static func replay(
        _ inputs: JudgementInputs, _ stored: StoredFigures, _ anomalyID: String,
        on database: PostgresConnection
    ) async throws -> ReplayedJudgement {
        guard let version = stored.modelVersion else {
            let catalog = try await CatalogStore.load(on: database)
            return inputs.replayed(by: catalog.indicators, settings: catalog.detection)
        }
        do {
            let (ensemble, head) = ReviewHead.versions(of: version)
            let model = try decodedModel(
                try await ModelStore.archive(of: ensemble, on: database), version: ensemble)
            var reviews: ReviewHead?
            if let head {
                reviews = try decodedReviewHead(
                    try await ModelStore.archive(of: head, on: database), version: head)
            }
            return inputs.replayed(by: model, hearing: reviews)
        } catch let error as StorageError where error.code == .unknownModel {
            throw StorageError(
                code: .unknownModel,
                message:
                    "model \(version), which found anomaly \(anomalyID), is not stored any more",
                hint: "import it again (`vigil model import`) if its file was kept")
        }
    }
}
