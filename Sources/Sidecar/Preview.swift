package import AnomalyDetection
import AnomalyModels
package import PostgresClient
import Storage

/// Judges rows that are not there on a copy of a detector; writes nothing.
package struct Preview: Sendable {
    /// The graph as it is.
    package var detector: AnomalyDetector

    /// A preview on this graph.
    package init(detector: AnomalyDetector) { self.detector = detector }

    /// The result of a task of kind preview, a JSON object.
    package func result(
        of arguments: String, on database: PostgresConnection
    ) async throws -> String {
        let rows = try await PreviewStore.rows(
            of: arguments, types: detector.catalog, on: database)
        let judged = try detector.judgements(supposing: rows.changes, asOf: rows.asOf)
        var json = JSONText()
        json.object { json in
            json.key("as_of")
            json.value(rows.asOf)
            json.key("model_version")
            write(detector.modelVersion, to: &json)
            json.key("graph_epoch")
            json.value(detector.graphEpoch)
            json.key("subjects")
            json.array { json in judged.forEach { write($0, rows, to: &json) } }
        }
        return json.text
    }

    private func write(_ text: String?, to json: inout JSONText) {
        if let text { json.value(text) } else { json.value(Double.nan) }
    }

    private func write(
        _ supposed: SupposedJudgement, _ rows: SupposedRows, to json: inout JSONText
    ) {
        let judgement = supposed.judgement
        let id = judgement.subject.id
        let entityID = judgement.subject.entityID
        let kind = entityID == nil ? "relationship" : "entity"
        let ref = entityID.flatMap { rows.refs[$0] }
        let name = entityID.flatMap { rows.names[$0]?.name }
        let type = entityID.map { rows.names[$0]?.type } ?? rows.relationshipTypes[id]
        let label = name ?? ref ?? "\(type ?? kind) \(id)"
        json.object { json in
            json.key("kind")
            json.value(kind)
            json.key("id")
            json.value(id)
            json.key("ref")
            write(ref, to: &json)
            json.key("name")
            write(name, to: &json)
            json.key("type")
            write(type, to: &json)
            json.key("score_before")
            json.value(supposed.before?.anomalyScore ?? .nan)
            json.key("score")
            json.value(judgement.anomalyScore)
            json.key("severity")
            json.value(judgement.severity.rawValue)
            json.key("p_value")
            json.value(judgement.pValue)
            json.key("confidence")
            json.value(judgement.confidence)
            json.key("detection_method")
            json.value(judgement.detectionMethod)
            guard let finding = judgement.anomaly else { return }
            json.key("anomaly_type")
            json.value(finding.primaryType.rawValue)
            json.key("summary")
            json.value(finding.explanation.summary.replacing("{name}", with: label))
            json.key("recommendations")
            json.array { json in
                finding.recommendations.forEach { json.value($0.replacing("{name}", with: label)) }
            }
            json.key("explanation")
            json.raw(JudgementJSON.explanation(finding.explanation))
        }
    }
}
