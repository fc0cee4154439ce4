import Testing

@testable import SampleGraph

@Suite("Planted anomalies: each has its property")
struct PlantedTests {
    private static let day = 86_400.0
    private var world: PlantedWorld { .shared }

    /// Whether every subject of a kind has a property; there must be some.
    private func expectAll(_ kind: PlantedKind, _ holds: (SampleEntity) -> Bool) {
        let entities = world.subjects(kind).compactMap { world.entity($0) }
        #expect(!entities.isEmpty, "\(kind.rawValue) is not planted")
        let wrong = entities.filter { !holds($0) }
        #expect(wrong.isEmpty, "\(kind.rawValue): \(wrong.map(\.value))")
    }

    @Test("Every kind occurs, subtle and blatant, in a hundredth of the entities")
    func kinds() {
        for kind in PlantedKind.allCases {
            #expect(world.subjects(kind).count >= 2, "\(kind.rawValue)")
        }
        let subjects = world.graph.truth.filter { $0.role == .subject }
        let entities = subjects.filter { !$0.kind.isOfRelationship }
        #expect((85...100).contains(entities.count), "\(entities.count)")
        #expect(subjects.count - entities.count <= world.graph.relationships.count / 100)
        #expect(Set(subjects.map(\.subject)).count == subjects.count)
        #expect(subjects.contains { $0.strength < 0.1 } && subjects.contains { $0.strength > 0.9 })
        #expect(subjects.allSatisfy { (0...1).contains($0.strength) && !$0.sentence.isEmpty })
        let types = Set(subjects.map(\.kind.type))
        #expect(types.count == 6)
    }

    @Test("Subjects are part of the graph, in no more than one case, and active")
    func subjects() {
        var cases: [SampleObservation.Subject: Set<Int>] = [:]
        for row in world.graph.truth where row.role == .subject {
            cases[row.subject, default: []].insert(row.caseNumber)
            #expect(world.entity(row)?.isActive ?? true)
        }
        #expect(cases.values.allSatisfy { $0.count == 1 })
    }

    @Test("Data quality: what is missing, doubted or contradicted is so")
    func dataQuality() {
        expectAll(.lowMetadataRichness) { $0.metadata == "{}" }
        expectAll(.missingName) { $0.name == nil }
        expectAll(.lowConfidence) { ($0.confidence ?? 1) < 0.32 }
        expectAll(.contradictorySources) { entity in
            let values = world.updates[.entity(entity.reference), default: []]
                .compactMap(\.confidence).suffix(8)
            return (values.max() ?? 0) - (values.min() ?? 0) > 0.25
        }
        for row in world.subjects(.doubtedRelationship) {
            #expect((world.relationship(row)?.confidence ?? 1) < 0.27)
        }
        for row in world.subjects(.contradictoryRelationship) {
            let values = world.updates[row.subject, default: []].compactMap(\.confidence).suffix(6)
            #expect((values.max() ?? 0) - (values.min() ?? 0) > 0.25)
        }
    }

    @Test("Behavioral: rates, spikes, clockwork, ratings and payments are beyond the usual")
    func behavioral() {
        expectAll(.highUpdateFrequency) { entity in
            let days = (world.now - entity.createdAt) / Self.day
            return Double(world.updateTimes(entity).count) / days > 2
        }
        expectAll(.suddenSpike) { entity in
            let times = world.updateTimes(entity)
            return times.count { $0 > world.now - 3.1 * Self.day } >= 12
        }
        expectAll(.unusualDegree) { entity in
            world.rows[entity.reference - 1].count > world.usualRowCounts[entity.type, default: 0]
        }
        expectAll(.unusualSequence) { entity in
            let days = world.rows[entity.reference - 1].filter { $0.type == "communicates_with" }
                .map { Int($0.firstObserved / Self.day) }
            return Set(days).count >= 45
        }
        expectAll(.distrusted) { entity in
            let ratings = world.rows[entity.reference - 1].filter {
                $0.type == "rates" && $0.target == entity.reference
            }.compactMap(\.weight)
            return ratings.count >= 5 && ratings.reduce(0, +) < 0
        }
        expectAll(.structuring) { entity in
            let payments = world.payments(entity)
            let structured = payments.count { (9000..<10_000).contains($0) }
            return structured >= 8 && Double(structured) >= 0.28 * Double(payments.count)
        }
        for row in world.subjects(.unusualAmount) {
            guard let payment = world.relationship(row) else { continue }
            let sorted = world.payments(world.graph.entity(payment.source)).sorted()
            #expect(payment.weight == sorted.last)
            #expect((payment.weight ?? 0) > 15 * sorted[sorted.count / 2])
        }
    }

    @Test("Infrastructure: honeypots, sinkholes and suspicious services look the part")
    func infrastructure() {
        expectAll(.possibleHoneypot) { entity in
            let inbound = world.rows[entity.reference - 1].count { $0.target == entity.reference }
            return (entity.riskScore ?? 0) > 0.7 && (entity.confidence ?? 1) < 0.4 && inbound >= 12
        }
        expectAll(.possibleSinkhole) { entity in
            let domains = world.rows[entity.reference - 1].filter { $0.type == "resolves_to" }
            let sectors = Set(domains.compactMap { world.graph.entity($0.source).sector })
            return domains.count >= 22 && sectors.count >= 6
        }
        expectAll(.suspiciousService) { entity in
            let types = world.neighbours(entity).map(\.type)
            return (entity.riskScore ?? 0) > 0.5 && types.count { $0 == "vulnerability" } >= 2
                && types.contains("malware")
        }
    }

    @Test("Temporal: bursts, growth, awakenings and night work happen when they should")
    func temporal() {
        expectAll(.burst) { entity in
            let recent = world.rows[entity.reference - 1].count {
                $0.firstObserved > world.now - 7200
            }
            return recent >= 7
        }
        expectAll(.rapidGrowth) { entity in
            entity.firstSeen > world.now - 7 * Self.day
                && world.rows[entity.reference - 1].count >= 12
        }
        expectAll(.dormantReactivation) { entity in
            let times = world.activity(entity)
            guard let before = times.last(where: { $0 < world.now - Self.day }) else {
                return false
            }
            return times.contains { $0 > world.now - Self.day }
                && before < world.now - 70 * Self.day
        }
        expectAll(.offHours) { entity in
            guard let offset = entity.sector?.region.secondsFromUTC else { return false }
            let nights = world.activity(entity).filter { time in
                let local = (time + offset) / 3600
                let hour = local - (local / 24).rounded(.down) * 24
                return time > world.now - 14 * Self.day && (1..<5).contains(hour)
            }
            return nights.count >= 5
        }
    }

    @Test("Relationship: bridges, mismatched risks and dense circles are what they say")
    func relationship() {
        expectAll(.bridgingNode) { entity in
            let recent = world.rows[entity.reference - 1].filter {
                $0.firstObserved > world.now - 7200
            }
            let sectors = Set(recent.compactMap { world.graph.entity($0.target).sector })
            return recent.count >= 3 && sectors.count { $0 != entity.sector } >= 2
        }
        expectAll(.riskMismatch) { entity in
            let risks = world.neighbours(entity).compactMap(\.riskScore)
            return (entity.riskScore ?? 0) - risks.reduce(0, +) / Double(max(1, risks.count)) > 0.4
        }
        let members = Set(
            world.subjects(.denseNeighbourhood).compactMap { world.entity($0)?.reference })
        #expect(members.count >= 6)
        expectAll(.denseNeighbourhood) { entity in
            world.neighbours(entity).count { members.contains($0.reference) } >= 3
        }
    }

    @Test("Semantic: neighbours, tags and types do not belong there")
    func semantic() {
        expectAll(.unexpectedNeighbourTypes) { entity in
            Set(world.neighbours(entity).map(\.type)).count >= 4
        }
        expectAll(.tagOutOfContext) { entity in
            guard let sector = entity.sector else { return false }
            let alike = world.neighbours(entity).count { $0.tags.contains(sector.rawValue) }
            return !entity.tags.contains(sector.rawValue) && alike >= 3
        }
        let planted = Set(world.subjects(.typeOutOfContext).map(\.subject))
        var usage: [[String]: Int] = [:]
        for row in world.graph.relationships
        where !planted.contains(.relationship(row.reference)) {
            let ends = [world.graph.entity(row.source).type, world.graph.entity(row.target).type]
            usage[ends + [row.type], default: 0] += 1
        }
        for subject in world.subjects(.typeOutOfContext) {
            guard let row = world.relationship(subject) else { continue }
            let ends = [world.graph.entity(row.source).type, world.graph.entity(row.target).type]
            #expect(usage[ends + [row.type], default: 0] <= 2, "\(ends) \(row.type)")
        }
    }
}
