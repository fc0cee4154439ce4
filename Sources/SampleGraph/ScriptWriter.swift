import AnomalyModels

/// What all scripts need: fresh references, unused values, and a view of who knows whom.
struct ScriptWriter {
    let graph: SampleGraph
    let now: Double
    var random: SeededRandom
    var transactions: [SampleTransaction] = []
    private(set) var nextReference: Int
    private var nextRelationship: Int
    /// Distinct neighbours of each entity of the graph, by position.
    let neighbors: [Set<Int>]
    /// The values of each type that are taken.
    private var taken: Set<String>

    init(_ graph: SampleGraph, seed: UInt64, stream: UInt64, now: Double, firstReference: Int?) {
        self.graph = graph
        self.now = now
        random = SeededRandom(seed: seed, stream: stream)
        nextReference = firstReference ?? graph.entities.count + 1
        precondition(nextReference > graph.entities.count, "references of the graph are taken")
        nextRelationship = graph.relationships.count + 1
        var neighbors = [Set<Int>](repeating: [], count: graph.entities.count)
        for relationship in graph.relationships {
            neighbors[relationship.source - 1].insert(relationship.target)
            neighbors[relationship.target - 1].insert(relationship.source)
        }
        self.neighbors = neighbors
        taken = Set(graph.entities.map { $0.type + " " + $0.value })
    }

    func degree(of reference: Int) -> Int { neighbors[reference - 1].count }

    /// The references of the graph's entities of a type and, where given, a sector.
    func references(_ type: String, in sector: Sector? = nil) -> [Int] {
        graph.entities.lazy.filter { $0.type == type && (sector == nil || $0.sector == sector) }
            .map(\.reference)
    }

    /// A new entity, first seen `secondsAgo` before the script's now.
    mutating func entity(
        _ type: String, name: String?, value: String, secondsAgo: Double,
        confidence: Double?, risk: Double?, sources: [String], tags: [String] = [],
        metadata: [(key: String, value: JSONValue)] = []
    ) -> SampleEntity {
        let seen = (now - secondsAgo).rounded(.down)
        defer { nextReference += 1 }
        return SampleEntity(
            reference: nextReference, type: type, name: name, value: value,
            confidence: confidence, riskScore: risk, sources: sources, tags: tags,
            metadata: JSONValue.object(metadata), isVerified: false, firstSeen: seen,
            lastSeen: seen, createdAt: now, updatedAt: now, sector: nil)
    }

    /// A new relationship, observed `secondsAgo` before the script's now.
    mutating func relationship(
        _ source: Int, _ type: String, _ target: Int, secondsAgo: Double, confidence: Double?,
        weight: Double? = nil, sources: [String]
    ) -> SampleRelationship {
        let seen = (now - secondsAgo).rounded(.down)
        defer { nextRelationship += 1 }
        return SampleRelationship(
            reference: nextRelationship, source: source, target: target, type: type,
            confidence: confidence, weight: weight, sources: sources, isVerified: false,
            firstObserved: seen, lastObserved: seen, createdAt: now, updatedAt: now)
    }

    /// A value that neither the graph nor this script has for the type.
    mutating func unusedValue(_ type: String, _ make: (inout SeededRandom) -> String) -> String {
        while true {
            let value = make(&random)
            if taken.insert(type + " " + value).inserted { return value }
        }
    }

    mutating func probability(_ range: ClosedRange<Double>) -> Double {
        SampleGraph.rounded(random.number(range))
    }

    func script(
        _ scenario: AttackScenario, title: String, summary: String, flagged: Int
    ) -> AttackScript {
        AttackScript(
            scenario: scenario, title: title, summary: summary, flagged: flagged,
            transactions: transactions, nextReference: nextReference)
    }
}

extension SampleGraph {
    /// The transactions of an attack on a graph, all dated within the minutes before `now`.
    ///
    /// - Parameters:
    ///   - scenario: Which attack.
    ///   - graph: The world in which it happens.
    ///   - seed: Where the attack's chance comes from; another seed finds other victims.
    ///   - now: The time of playing, at least the graph's own.
    ///   - firstReference: The reference of the first entity that the script inserts; `nil` for
    ///     the first after the graph's. Scripts that share one table of references pass the
    ///     `nextReference` of the one before.
    /// - Returns: The script, whole.
    package static func steps(
        for scenario: AttackScenario, on graph: SampleGraph, seed: UInt64, now: Double,
        firstReference: Int? = nil
    ) -> AttackScript {
        let stream = 100 + UInt64(AttackScenario.allCases.firstIndex(of: scenario) ?? 0)
        var writer = ScriptWriter(
            graph, seed: seed, stream: stream, now: now, firstReference: firstReference)
        return switch scenario {
        case .registrationBurst: writer.registrationBurst()
        case .sinkhole: writer.sinkhole()
        case .communityBridge: writer.communityBridge()
        case .dormantAwakening: writer.dormantAwakening()
        }
    }
}
