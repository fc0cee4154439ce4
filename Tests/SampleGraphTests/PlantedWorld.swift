import AnomalyModels

@testable import SampleGraph

/// One world with planted anomalies that the tests look at; generated once.
struct PlantedWorld {
    static let options = SampleGraph.Options(
        seed: 2, now: 1_774_969_200, entityCount: 10_000, anomalyShare: 0.01)
    static let shared = PlantedWorld(SampleGraph.generate(options))

    let graph: SampleGraph
    /// The rows that touch each entity, by position.
    let rows: [[SampleRelationship]]
    /// The updates of each row.
    let updates: [SampleObservation.Subject: [SampleObservation]]
    /// The share of touching rows at or below which 99.5 % of a type's normal entities lie.
    let usualRowCounts: [String: Int]

    init(_ graph: SampleGraph) {
        self.graph = graph
        var rows = [[SampleRelationship]](repeating: [], count: graph.entities.count)
        for row in graph.relationships {
            rows[row.source - 1].append(row)
            rows[row.target - 1].append(row)
        }
        self.rows = rows
        updates = Dictionary(grouping: graph.observations, by: \.subject)
        let planted = Set(graph.truth.map(\.subject))
        usualRowCounts = Dictionary(grouping: graph.entities, by: \.type).mapValues { members in
            let counts = members.filter { !planted.contains(.entity($0.reference)) }
                .map { rows[$0.reference - 1].count }.sorted()
            return counts.isEmpty ? 0 : counts[counts.count * 995 / 1000]
        }
    }

    var now: Double { graph.options.now }

    /// The subjects of a kind.
    func subjects(_ kind: PlantedKind) -> [PlantedTruth] {
        graph.truth.filter { $0.kind == kind && $0.role == .subject }
    }

    func entity(_ row: PlantedTruth) -> SampleEntity? {
        guard case .entity(let reference) = row.subject else { return nil }
        return graph.entity(reference)
    }

    func relationship(_ row: PlantedTruth) -> SampleRelationship? {
        guard case .relationship(let reference) = row.subject else { return nil }
        return graph.relationships[reference - 1]
    }

    /// When an entity acted: its updates and the first observations of its relationships.
    func activity(_ entity: SampleEntity) -> [Double] {
        let updates = updates[.entity(entity.reference), default: []].map(\.observedAt)
        return (updates + rows[entity.reference - 1].map(\.firstObserved)).sorted()
    }

    func updateTimes(_ entity: SampleEntity) -> [Double] {
        updates[.entity(entity.reference), default: []].map(\.observedAt)
    }

    /// The amounts that an entity pays.
    func payments(_ entity: SampleEntity) -> [Double] {
        rows[entity.reference - 1].filter {
            $0.type == "pays" && $0.source == entity.reference
        }.compactMap(\.weight)
    }

    func neighbours(_ entity: SampleEntity) -> [SampleEntity] {
        let others = Set(
            rows[entity.reference - 1].map {
                $0.source == entity.reference ? $0.target : $0.source
            })
        return others.sorted().map { graph.entity($0) }
    }
}

/// The probability that a planted value is larger than a normal one, ties counting half.
func rankSeparation(_ planted: [Double], _ normal: [Double]) -> Double {
    let sorted = normal.sorted()
    func below(_ value: Double, _ isBelow: (Double, Double) -> Bool) -> Double {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if isBelow(sorted[middle], value) { low = middle + 1 } else { high = middle }
        }
        return Double(low)
    }
    let sum = planted.reduce(0) { $0 + below($1, <) + below($1, <=) }
    return sum / 2 / Double(planted.count) / Double(normal.count)
}
