import GraphEngine

extension AnomalyDetector {
    /// From so many bits on a neighbour's type is evidence by itself: one in 64.
    private static let evidentBitsMin = 6.0

    /// The relationships behind a finding, those that say most first.
    func evidence(
        on subject: EntitySubject, fired: [FiredIndicator], told: [DetectorVerdict]
    ) -> [Explanation.EvidenceRow] {
        var detectors = Set(told.map(\.detector))
        var inboundTypes: Set<String> = []
        for measure in fired.flatMap(\.comparisons).map(\.measure) {
            if let detector = measure.detector { detectors.insert(detector) }
            if case .inboundCount(let type) = measure { inboundTypes.insert(type) }
        }
        var rows = EvidenceRows(limit: settings.evidenceRowsMax)
        if let tie = subject.longestTie, detectors.contains(.tieRange) {
            let apart =
                tie.range > settings.tieRangeMax
                ? "more than \(settings.tieRangeMax)" : "\(tie.range)"
            rows.add(row(tie.row, of: subject, "its ends are otherwise \(apart) steps apart"))
        }
        // Newest first, those of unknown time last.
        let incident = graph.incidentEdges(of: subject.node)
            .map { (row: $0, edge: graph.edge(at: $0)) }
            .filter { $0.edge.attributes.isActive }
            .sorted { ($0.edge.age, $0.edge.key) < ($1.edge.age, $1.edge.key) }
        if detectors.contains(.dormancy), !subject.activity.wokeAt.isNaN {
            let days = NumberText.quantity(subject.activity.dormancyDays, "day")
            let reason = "observed after \(days) of silence"
            for (index, edge) in incident
            where edge.attributes.time >= subject.activity.wokeAt
                && edge.attributes.time <= subject.asOf
            {
                rows.add(row(index, of: subject, reason))
            }
        }
        if let contact = subject.behaviour.contact, detectors.contains(.regularity) {
            let gap = NumberText.number(contact.rhythm.gap / 3600)
            for index in contact.rows.reversed() {
                rows.add(row(index, of: subject, "one of those that come every \(gap) hours"))
            }
        }
        if let brokerage = subject.brokerage, detectors.contains(.brokerage) {
            for (group, name) in [(brokerage.first, "one"), (brokerage.second, "the other")] {
                let members = Set(group)
                let newest = incident.filter {
                    members.contains($0.edge.source) || members.contains($0.edge.target)
                }
                for (index, _) in newest.prefix(settings.evidenceRowsMax / 2) {
                    rows.add(
                        row(index, of: subject, "leads into \(name) of the two groups it joins"))
                }
            }
        }
        if detectors.contains(.burst) {
            let start = subject.asOf - settings.burstWindowSeconds
            let window = NumberText.duration(seconds: settings.burstWindowSeconds)
            let fresh = incident.filter {
                $0.edge.attributes.time > start && $0.edge.attributes.time <= subject.asOf
            }
            for (index, _) in fresh { rows.add(row(index, of: subject, "new within \(window)")) }
        }
        for type in inboundTypes.sorted() {
            let inbound = incident.filter {
                $0.edge.target == subject.node
                    && catalog.relationshipTypeName($0.edge.attributes.typeCode) == type
            }
            for (index, _) in inbound {
                rows.add(row(index, of: subject, "one of those that point at it by \(type)"))
            }
        }
        let isTypeNamed = fired.flatMap(\.comparisons).contains {
            $0.measure == .signal(.unexpectedNeighbourTypes)
        }
        if isTypeNamed || detectors.contains(.neighbourDeviation),
            let least = neighbourTypeSurprise(of: subject.node), least.bits >= Self.evidentBitsMin
        {
            for (index, edge) in incident {
                let other = edge.source == subject.node ? edge.target : edge.source
                guard let code = states[Int(other)]?.record.typeCode,
                    catalog.entityTypeName(code) == least.typeName
                else { continue }
                rows.add(
                    row(index, of: subject, "a \(least.typeName) is unexpected beside its type"))
            }
        }
        if detectors.contains(.trust) {
            let worst = incident.filter {
                $0.edge.target == subject.node && $0.edge.attributes.weight < 0
                    && catalog.ratingTypeCodes.contains($0.edge.attributes.typeCode)
            }.sorted {
                ($0.edge.attributes.weight, $0.edge.key) < ($1.edge.attributes.weight, $1.edge.key)
            }
            for (index, edge) in worst {
                let rating = NumberText.number(edge.attributes.weight)
                rows.add(row(index, of: subject, "rated \(rating)"))
            }
        }
        if rows.rows.isEmpty, detectors.contains(.degree) {
            for (index, _) in incident { rows.add(row(index, of: subject, "among its newest")) }
        }
        return rows.rows
    }

    private func row(
        _ index: EdgeIndex, of subject: EntitySubject, _ reason: String
    ) -> Explanation.EvidenceRow {
        let edge = graph.edge(at: index)
        let other = edge.source == subject.node ? edge.target : edge.source
        return Explanation.EvidenceRow(
            relationshipID: edge.key.rawValue,
            type: catalog.relationshipTypeName(edge.attributes.typeCode),
            otherEntityID: graph.nodeKey(at: other).rawValue, reason: reason)
    }
}

extension Edge {
    /// Sorts the newest first and unknown times last.
    fileprivate var age: Double { attributes.time.isNaN ? .infinity : -attributes.time }
}

/// Rows up to a limit, each relationship once.
struct EvidenceRows {
    private(set) var rows: [Explanation.EvidenceRow] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func add(_ row: Explanation.EvidenceRow) {
        guard rows.count < limit,
            !rows.contains(where: { $0.relationshipID == row.relationshipID })
        else { return }
        rows.append(row)
    }
}
