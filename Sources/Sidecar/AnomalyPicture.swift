import Foundation
package import GraphDrawing
package import PostgresClient
import Storage

/// The picture of an anomaly: its stored subgraph with today's names.
package enum AnomalyPicture {
    /// Nodes gathered from the tables where the stored subgraph does not reach far enough.
    private static let liveNodeLimit = 2000

    /// Reads what is to be drawn, and draws it; redacted, without names and sentences.
    package static func draw(
        _ anomalyID: String, format: DrawingFormat, hops: Int, nodeCountMax: Int,
        redacted: Bool = false, on database: PostgresConnection
    ) async throws -> [UInt8] {
        let anomaly = try await AnomalyStore.anomaly(anomalyID, on: database)
        var subgraph = try await subgraph(of: anomaly, hops: hops, on: database)
        subgraph.header = Subgraph.Header(
            title:
                "\(anomaly.subjectName): \(anomaly.anomalyType.replacing("_", with: " ")) anomaly",
            reason: anomaly.description, severity: anomaly.severity, anomalyID: anomaly.id,
            detectedAt: anomaly.detectedAt, modelVersion: anomaly.modelVersion)
        if anomaly.subjectKind == "relationship" {
            mark(anomaly, in: &subgraph)
        }
        let labels = try await AnomalyStore.labels(of: subgraph.nodes.map(\.id), on: database)
        for index in subgraph.nodes.indices {
            let id = subgraph.nodes[index].id
            let isFocus = anomaly.subjectKind == "entity" && id == anomaly.subjectID
            subgraph.nodes[index].name =
                labels[id]?.name ?? (isFocus ? anomaly.subjectName : nil)
            subgraph.nodes[index].score = isFocus ? anomaly.anomalyScore : labels[id]?.score
            subgraph.nodes[index].severity = isFocus ? anomaly.severity : labels[id]?.severity
        }
        let drawing = SubgraphDrawing(
            options: DrawingOptions(
                shapes: try await CatalogStore.shapes(on: database), nodeCountMax: nodeCountMax))
        return try await drawing.render(
            redacted ? subgraph.redacted() : subgraph, format: format)
    }

    /// The relationship that the anomaly is about is thick, and says why.
    private static func mark(_ anomaly: StoredAnomaly, in subgraph: inout Subgraph) {
        subgraph.focusEntity = nil
        subgraph.focusRelationship = anomaly.subjectID
        for index in subgraph.edges.indices where subgraph.edges[index].id == anomaly.subjectID {
            subgraph.edges[index].isAnomalous = true
            subgraph.edges[index].reason = subgraph.edges[index].reason ?? anomaly.description
        }
    }

    private static func subgraph(
        of anomaly: StoredAnomaly, hops: Int, on database: PostgresConnection
    ) async throws -> Subgraph {
        if let text = try await AnomalyStore.subgraphJSON(of: anomaly.id, on: database) {
            let kept = try Subgraph(json: Data(text.utf8))
            if hops <= kept.hops {
                return within(hops, kept)
            }
        }
        let live = try await AnomalyStore.liveSubgraphJSON(
            of: anomaly.id, hops: hops, nodeLimit: liveNodeLimit, on: database)
        var subgraph = try Subgraph(json: Data(live.utf8))
        let evidence = try await AnomalyStore.evidence(of: anomaly.id, on: database)
        for index in subgraph.edges.indices {
            guard let reason = evidence[subgraph.edges[index].id] else { continue }
            subgraph.edges[index].isAnomalous = true
            subgraph.edges[index].reason = reason
        }
        return subgraph
    }

    /// The part of a kept subgraph that lies within the hops asked for.
    private static func within(_ hops: Int, _ subgraph: Subgraph) -> Subgraph {
        var part = subgraph
        part.hops = hops
        part.nodes.removeAll { $0.hop > hops }
        let ids = Set(part.nodes.map(\.id))
        part.edges.removeAll { !ids.contains($0.source) || !ids.contains($0.target) }
        return part
    }
}
