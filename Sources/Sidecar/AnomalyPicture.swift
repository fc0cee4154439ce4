import Foundation
package import GraphDrawing
package import PostgresClient
import Storage

/// The picture of an anomaly: its stored subgraph with today's names.
package enum AnomalyPicture {
    /// Which state of the graph is drawn.
    package enum Moment: String, CaseIterable, Sendable {
        /// As it was at detection, as far as that was kept.
        case detected
        /// That without the relationships behind the anomaly.
        case before
        /// As it is now.
        case now
    }

    /// Nodes gathered from the tables where the stored subgraph does not reach far enough.
    private static let liveNodeLimit = 2000

    /// Neighbours of an expanded entity that are added to a picture.
    private static let expansionLimit = 40

    /// Reads what is to be drawn, and draws it.
    ///
    /// With a heading the finding stands above the graph. The neighbours of expanded entities are drawn
    /// too, wherever they stand. `linkPrefix` is the beginning of an entity's address, such as
    /// `/entities/`; nil: no links. Redacted, it has no names and no sentences.
    package static func draw(
        _ anomalyID: String, format: DrawingFormat, hops: Int, nodeCountMax: Int,
        moment: Moment = .detected, expanded: [Int64] = [], hasHeading: Bool = true,
        linkPrefix: String? = nil, redacted: Bool = false,
        on database: PostgresConnection
    ) async throws -> [UInt8] {
        let anomaly = try await AnomalyStore.anomaly(anomalyID, on: database)
        var subgraph =
            switch moment {
            case .detected: try await subgraph(of: anomaly, hops: hops, on: database)
            case .before: before(try await subgraph(of: anomaly, hops: hops, on: database))
            case .now: try await liveSubgraph(of: anomaly, hops: hops, on: database)
            }
        for entity in expanded {
            let around = try await AnomalyStore.subgraphJSON(
                around: entity, nodeLimit: expansionLimit, on: database)
            subgraph.add(try Subgraph(json: Data(around.utf8)))
        }
        subgraph.header = hasHeading ? heading(of: anomaly) : nil
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
                shapes: try await CatalogStore.shapes(on: database), nodeCountMax: nodeCountMax,
                linkPrefix: linkPrefix))
        return try await drawing.render(
            redacted ? subgraph.redacted() : subgraph, format: format)
    }

    private static func heading(of anomaly: StoredAnomaly) -> Subgraph.Header {
        Subgraph.Header(
            title:
                "\(anomaly.subjectName): \(anomaly.anomalyType.replacing("_", with: " ")) anomaly",
            reason: anomaly.description, severity: anomaly.severity, anomalyID: anomaly.id,
            detectedAt: anomaly.detectedAt, modelVersion: anomaly.modelVersion)
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
        return try await liveSubgraph(of: anomaly, hops: hops, on: database)
    }

    private static func liveSubgraph(
        of anomaly: StoredAnomaly, hops: Int, on database: PostgresConnection
    ) async throws -> Subgraph {
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

    /// The subgraph without the relationships behind the anomaly, and without whom only they join.
    private static func before(_ subgraph: Subgraph) -> Subgraph {
        var part = subgraph
        part.edges.removeAll { $0.isAnomalous || $0.id == subgraph.focusRelationship }
        guard part.edges.count < subgraph.edges.count else { return part }
        let joined = Set(part.edges.flatMap { [$0.source, $0.target] })
        part.nodes.removeAll { $0.hop > 0 && !joined.contains($0.id) }
        return part
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
