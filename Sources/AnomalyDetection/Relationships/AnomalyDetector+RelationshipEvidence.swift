import AnomalyModels
import GraphEngine

extension AnomalyDetector {
    /// Of a hub only so many rows are looked at for evidence.
    private static let evidenceScanMax = 400

    /// The relationships behind a finding about one: itself, and those that say why.
    func evidence(
        on subject: RelationshipSubject, fired: [FiredIndicator], told: [DetectorVerdict]
    ) -> [Explanation.EvidenceRow] {
        let measures = fired.flatMap(\.comparisons).map(\.measure)
        var detectors = Set(told.map(\.detector))
        detectors.formUnion(measures.compactMap(\.detector))
        var rows = EvidenceRows(limit: settings.evidenceRowsMax)
        rows.add(row(subject.edge, from: subject.edge.source, "the relationship itself"))
        if measures.contains(.relationshipFeature(.bidirectionality)) {
            for edge in newest(at: subject.edge.target, where: { $0.target == subject.edge.source })
            {
                rows.add(row(edge, from: subject.edge.target, "leads back"))
            }
        }
        if detectors.contains(.amount) {
            let typeCode = subject.edge.attributes.typeCode
            let sent = newest(at: subject.edge.source) {
                $0.source == subject.edge.source && $0.attributes.typeCode == typeCode
            }
            for edge in sent {
                let amount = NumberText.number(edge.attributes.weight)
                rows.add(row(edge, from: subject.edge.source, "its sender's \(amount)"))
            }
        }
        if detectors.contains(.stream), let channel = subject.stream?.channel {
            let isSource = channel == .sourceRecords || channel == .sourceFirstPartners
            let node = isSource ? subject.edge.source : subject.edge.target
            let typeCodes = relationships.stream?.typeCodes ?? []
            let time = subject.edge.attributes.time
            let records = newest(at: node) {
                (isSource ? $0.source : $0.target) == node
                    && typeCodes.contains($0.attributes.typeCode)
                    && abs($0.attributes.time - time) <= RelationshipStream.latenessSecondsMax
            }
            for edge in records { rows.add(row(edge, from: node, "came at the same time")) }
        }
        if measures.contains(.relationshipFeature(.temporalClustering))
            || measures.contains(.relationshipSignal(.parallelCount))
        {
            let time = subject.edge.attributes.time
            for node in [subject.edge.source, subject.edge.target] {
                let close = newest(at: node) {
                    abs($0.attributes.time - time) <= settings.burstWindowSeconds
                }
                for edge in close { rows.add(row(edge, from: node, "came at the same time")) }
            }
        }
        return rows.rows
    }

    /// The newest active rows at a node that fit, newest first.
    private func newest(at node: NodeIndex, where isFitting: (Edge) -> Bool) -> [Edge] {
        graph.newestIncidentEdges(of: node, limit: Self.evidenceScanMax).reversed()
            .map(graph.edge(at:)).filter { $0.attributes.isActive && isFitting($0) }
    }

    private func row(
        _ edge: Edge, from node: NodeIndex, _ reason: String
    ) -> Explanation.EvidenceRow {
        let other = edge.source == node ? edge.target : edge.source
        return Explanation.EvidenceRow(
            relationshipID: edge.key.rawValue,
            type: catalog.relationshipTypeName(edge.attributes.typeCode),
            otherEntityID: graph.nodeKey(at: other).rawValue, reason: reason)
    }
}
