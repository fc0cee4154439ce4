import AnomalyModels

/// Plants anomalies in a world that is built, and keeps the ground truth.
///
/// Each case takes an entity or relationship of the normal world that looks ordinary, and changes as
/// little of it as the kind needs. New rows are drawn as the world's own are, so that nothing but the
/// property itself tells them apart.
struct AnomalyPlanter {
    var builder: WorldBuilder
    /// What the histories of planted rows have of their own.
    var plans = HistoryPlans()
    private(set) var truth: [PlantedTruth] = []
    /// Entities that belong to a case already.
    private var used: Set<Int> = []
    private var usedRows: Set<Int> = []
    private var caseCount = 0

    /// The references of each type.
    let byType: [String: [Int]]
    /// Rows that touch each entity, by position, end to end.
    private let incidentRows: [Int32]
    private let incidentStarts: [Int32]
    /// What was counted once and is asked for by many cases.
    private var usualRowCounts: [String: Int] = [:]
    private var leastConfidences: [String: Double] = [:]
    private var knownUsage: TypeUsage?

    init(_ builder: consuming WorldBuilder) {
        byType = Dictionary(grouping: builder.entities, by: \.type).mapValues {
            $0.map(\.reference)
        }
        (incidentStarts, incidentRows) = Self.incidence(of: builder)
        self.builder = builder
    }

    var now: Double { builder.options.now }

    private static func incidence(of builder: borrowing WorldBuilder) -> ([Int32], [Int32]) {
        var starts = [Int32](repeating: 0, count: builder.entities.count + 1)
        for row in builder.relationships {
            starts[row.source] += 1
            starts[row.target] += 1
        }
        for position in 1..<starts.count { starts[position] += starts[position - 1] }
        var ends = starts
        var rows = [Int32](repeating: 0, count: Int(starts[starts.count - 1]))
        for (index, row) in builder.relationships.enumerated() {
            for end in [row.source, row.target] {
                ends[end - 1] += 1
                rows[Int(ends[end - 1]) - 1] = Int32(index)
            }
        }
        return (starts, rows)
    }

    // MARK: Plan

    /// Plants the share that the options ask for.
    mutating func plant() {
        let options = builder.options
        let quota = Int(options.anomalyShare * Double(options.entityCount))
        guard quota > 0 else { return }
        builder.random = SeededRandom(seed: options.seed, stream: 4)
        plant(PlantedKind.ofEntities, quota: quota)
        let rowQuota = min(quota, Int(options.anomalyShare * Double(builder.relationships.count)))
        plant(PlantedKind.ofRelationships, quota: rowQuota)
    }

    /// Splits the quota among the kinds; where it is too small for all, chance says which go without.
    private mutating func plant(_ kinds: [PlantedKind], quota: Int) {
        var left = quota
        let order = builder.random.sample(kinds.count, below: kinds.count)
        for (position, kind) in order.map({ kinds[$0] }).enumerated() {
            let kindsLeft = kinds.count - position
            let count = (left + kindsLeft - 1) / kindsLeft
            var planted = 0
            var attempt = 0
            while planted < count, attempt < 2 * count {
                // Spread evenly, so that each kind has subtle and blatant cases.
                let strength = (Double(planted) + builder.random.uniform()) / Double(count)
                planted += plant(kind, SampleGraph.rounded(min(1, strength)), room: count - planted)
                attempt += 1
            }
            left -= planted
        }
    }

    /// Plants one case; returns how many subjects it has, 0 where the world has no room for it.
    private mutating func plant(_ kind: PlantedKind, _ strength: Double, room: Int) -> Int {
        let plot = Plot(kind: kind, strength: strength, number: caseCount + 1)
        let before = truth.count
        switch kind {
        case .lowMetadataRichness: plantLowMetadata(plot)
        case .missingName: plantMissingName(plot)
        case .lowConfidence: plantLowConfidence(plot)
        case .contradictorySources: plantContradiction(plot)
        case .highUpdateFrequency: plantHighUpdateFrequency(plot)
        case .suddenSpike: plantSpike(plot)
        case .unusualDegree: plantDegree(plot)
        case .unusualSequence: plantBeacon(plot)
        case .distrusted: plantDistrust(plot)
        case .structuring: plantStructuring(plot)
        case .possibleHoneypot: plantHoneypot(plot)
        case .possibleSinkhole: plantSinkhole(plot)
        case .suspiciousService: plantSuspiciousService(plot)
        case .burst: plantBurst(plot)
        case .rapidGrowth: plantRapidGrowth(plot)
        case .dormantReactivation: plantAwakening(plot)
        case .offHours: plantOffHours(plot)
        case .bridgingNode: plantBridge(plot)
        case .riskMismatch: plantRiskMismatch(plot)
        case .denseNeighbourhood: plantDenseNeighbourhood(plot, room: room)
        case .unexpectedNeighbourTypes: plantNeighbourTypes(plot)
        case .tagOutOfContext: plantTags(plot)
        case .typeOutOfContext: plantType(plot)
        case .unusualAmount: plantAmount(plot)
        case .contradictoryRelationship: plantContradictoryRelationship(plot)
        case .doubtedRelationship: plantDoubtedRelationship(plot)
        }
        let subjectCount = truth[before...].count { $0.role == .subject }
        if subjectCount > 0 { caseCount += 1 }
        return subjectCount
    }

    // MARK: Truth

    /// An entity that should be flagged.
    mutating func tell(_ plot: Plot, _ reference: Int, _ sentence: String) {
        used.insert(reference)
        truth.append(
            PlantedTruth(
                subject: .entity(reference), caseNumber: plot.number, role: .subject,
                kind: plot.kind, strength: plot.strength, sentence: sentence))
    }

    /// A relationship that should be flagged; its ends belong to the case.
    mutating func tellRow(_ plot: Plot, _ reference: Int, _ sentence: String) {
        usedRows.insert(reference)
        let row = builder.relationships[reference - 1]
        truth.append(
            PlantedTruth(
                subject: .relationship(reference), caseNumber: plot.number, role: .subject,
                kind: plot.kind, strength: plot.strength, sentence: sentence))
        for end in [row.source, row.target] where used.insert(end).inserted {
            truth.append(
                PlantedTruth(
                    subject: .entity(end), caseNumber: plot.number, role: .part, kind: plot.kind,
                    strength: plot.strength, sentence: "An end of the relationship."))
        }
    }

    /// Adds a relationship to a case.
    mutating func join(
        _ plot: Plot, _ source: Int, _ target: Int, _ type: String, weight: Double? = nil,
        at time: Double, prompt: Bool = false
    ) {
        let lower = max(
            builder.entities[source - 1].createdAt, builder.entities[target - 1].createdAt)
        guard source != target, lower < now else { return }
        // Nobody meets before both are known.
        let created = min(max(time, lower + 1), now - 1)
        builder.addRelationship(
            source, target, type, weight: weight, created: created, prompt: prompt)
        let reference = builder.relationships.count
        usedRows.insert(reference)
        truth.append(
            PlantedTruth(
                subject: .relationship(reference), caseNumber: plot.number, role: .part,
                kind: plot.kind, strength: plot.strength, sentence: "A row of the case."))
    }

    func isUsed(_ reference: Int) -> Bool { used.contains(reference) }
    func isUsedRow(_ reference: Int) -> Bool { usedRows.contains(reference) }

    // MARK: The world

    func entity(_ reference: Int) -> SampleEntity { builder.entities[reference - 1] }

    /// The rows of the normal world that touch an entity, by position.
    func rows(of reference: Int) -> [Int] {
        let range = Int(incidentStarts[reference - 1])..<Int(incidentStarts[reference])
        return incidentRows[range].map { Int($0) }
    }

    /// The distinct neighbours in the normal world, in the order in which they were met.
    func neighbours(of reference: Int) -> [Int] {
        var seen: Set<Int> = []
        return rows(of: reference).compactMap { index in
            let row = builder.relationships[index]
            let other = row.source == reference ? row.target : row.source
            return seen.insert(other).inserted ? other : nil
        }
    }

    /// Rows that touch it in the normal world.
    func rowCount(of reference: Int) -> Int {
        Int(incidentStarts[reference] - incidentStarts[reference - 1])
    }

    /// The rows that touch all but one in 200 of a type's entities at most.
    mutating func usualRowCount(of type: String) -> Int {
        if let known = usualRowCounts[type] { return known }
        let counts = byType[type, default: []].map { rowCount(of: $0) }.sorted()
        let count = counts.isEmpty ? 0 : counts[counts.count * 995 / 1000]
        usualRowCounts[type] = count
        return count
    }

    /// The confidence that all but one in 200 of a type's entities have at least.
    mutating func leastUsualConfidence(of type: String) -> Double {
        if let known = leastConfidences[type] { return known }
        let values = byType[type, default: []].compactMap { entity($0).confidence }.sorted()
        let least = values.isEmpty ? 1 : values[values.count / 200]
        leastConfidences[type] = least
        return least
    }

    /// What joins what in the normal world.
    mutating func typeUsage() -> TypeUsage {
        if let knownUsage { return knownUsage }
        let usage = TypeUsage(of: builder)
        knownUsage = usage
        return usage
    }
}

/// How often each type joins each pair of entity types.
struct TypeUsage {
    private(set) var pairs: [[String]: [String: Int]] = [:]
    /// What each type of source does at all.
    private(set) var sources: [String: Set<String>] = [:]

    /// Counts the rows of a world, or as many of a large one as say the same.
    init(of builder: borrowing WorldBuilder) {
        let step = max(1, builder.relationships.count / 500_000)
        for index in stride(from: 0, to: builder.relationships.count, by: step) {
            let row = builder.relationships[index]
            let source = builder.entities[row.source - 1].type
            let ends = [source, builder.entities[row.target - 1].type]
            pairs[ends, default: [:]][row.type, default: 0] += 1
            sources[source, default: []].insert(row.type)
        }
    }
}

/// One case that is to be planted.
struct Plot {
    var kind: PlantedKind
    /// From 0, subtle, to 1, blatant.
    var strength: Double
    var number: Int

    /// A number between that of the most subtle and that of the most blatant case.
    func amount(_ subtle: Double, _ blatant: Double) -> Double {
        subtle + strength * (blatant - subtle)
    }

    /// A whole number between those of the most subtle and the most blatant case.
    func count(_ subtle: Int, _ blatant: Int) -> Int {
        Int(amount(Double(subtle), Double(blatant)).rounded())
    }
}
