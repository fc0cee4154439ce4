import AnomalyDetection
import Foundation
import TestSupport
import Testing

/// Each case is a few rows in a small world, read by the real detector with a trained model; the near
/// miss differs in one property.
@Suite("Default indicators in a small world")
struct IndicatorWorldTests {
    static let later = SmallWorld.now + 3600
    static let day = SmallWorld.day
    static let subject: Int64 = 90_000

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// The rows of the case; its subject is ``subject``.
        var rows: @Sendable (inout SmallWorld, Bool) -> ChangeBatch
        var testDescription: String { name }
    }

    /// An ordinary entity of a type.
    static func ordinary(_ type: Int32, ageDays: Double = 200) -> EntityRecord {
        let born = later - ageDays * day
        return EntityRecord(
            id: subject, typeCode: type, confidence: 0.8, riskScore: 0.1, sourceCount: 3,
            metadataRichness: 0.6, tagCount: 2, firstSeen: born, lastSeen: later - day,
            createdAt: born, updatedAt: later - day)
    }

    static func ordinary(_ type: Int32, _ change: (inout EntityRecord) -> Void) -> EntityRecord {
        var record = ordinary(type)
        change(&record)
        return record
    }

    /// Relationships of the subject with members of all communities, one each, at these ages in days.
    static func joined(
        _ world: inout SmallWorld, _ type: Int32, to other: Int32, ages: [Double],
        isInbound: Bool = false
    ) -> [RelationshipRecord] {
        ages.enumerated().map { place, age in
            let list = world.members[place % world.members.count][other] ?? []
            let partner = list[place / world.members.count % list.count]
            return world.relationship(
                isInbound ? partner : subject, isInbound ? subject : partner, type,
                time: later - age * day)
        }
    }

    static func updates(_ ages: [Double], confidences: [Double] = []) -> [ObservationRecord] {
        ages.enumerated().map { place, age in
            ObservationRecord(
                .entity(subject), observedAt: later - age * day,
                confidence: confidences.isEmpty ? .nan : confidences[place % confidences.count])
        }
    }

    static func spread(_ count: Int, over days: Double, from first: Double = 0) -> [Double] {
        (0..<count).map { first + days * (Double($0) + 0.5) / Double(count) }
    }

    static let examples: [Case] = [
        Case(name: "missing_name") { _, isPositive in
            ChangeBatch(entities: [ordinary(1) { $0.hasName = !isPositive }])
        },
        Case(name: "low_confidence") { _, isPositive in
            ChangeBatch(entities: [ordinary(1) { $0.confidence = isPositive ? 0.29 : 0.3 }])
        },
        Case(name: "low_metadata_richness") { _, isPositive in
            ChangeBatch(entities: [ordinary(1) { $0.metadataRichness = isPositive ? 0.1 : 0.25 }])
        },
        Case(name: "contradictory_sources") { _, isPositive in
            ChangeBatch(
                entities: [ordinary(1)],
                observations: updates(
                    spread(6, over: 20), confidences: isPositive ? [0.2, 0.8] : [0.5, 0.55]))
        },
        Case(name: "high_update_frequency") { _, isPositive in
            ChangeBatch(
                entities: [ordinary(1)],
                observations: updates(spread(isPositive ? 400 : 30, over: 190)))
        },
        Case(name: "sudden_spike") { _, isPositive in
            ChangeBatch(
                entities: [ordinary(1)],
                observations: updates(spread(60, over: 120, from: 3))
                    + updates(spread(isPositive ? 30 : 1, over: 0.5)))
        },
        Case(name: "unusual_degree") { world, isPositive in
            let ages = spread(isPositive ? 80 : 3, over: 150, from: 5)
            return ChangeBatch(
                entities: [ordinary(1)],
                relationships: joined(&world, 5, to: 1, ages: ages))
        },
        Case(name: "possible_honeypot") { world, isPositive in
            ChangeBatch(
                entities: [
                    ordinary(2) {
                        $0.riskScore = 0.9
                        $0.confidence = isPositive ? 0.2 : 0.8
                    }
                ],
                relationships: joined(
                    &world, 5, to: 3, ages: spread(40, over: 100, from: 2), isInbound: true))
        },
        Case(name: "possible_sinkhole") { world, isPositive in
            ChangeBatch(
                entities: [ordinary(2)],
                relationships: joined(
                    &world, isPositive ? 1 : 5, to: 1, ages: spread(110, over: 100, from: 2),
                    isInbound: true))
        },
        Case(name: "burst") { world, isPositive in
            ChangeBatch(
                entities: [ordinary(3)],
                relationships: joined(
                    &world, 3, to: 3, ages: spread(60, over: isPositive ? 0.04 : 60)))
        },
        Case(name: "rapid_growth") { world, isPositive in
            var record = ordinary(1, ageDays: isPositive ? 3 : 20)
            record.lastSeen = later
            return ChangeBatch(
                entities: [record],
                relationships: joined(&world, 5, to: 1, ages: spread(30, over: 2.5)))
        },
        Case(name: "dormant_reactivation") { world, isPositive in
            var record = ordinary(3)
            record.lastSeen = later
            let silence = isPositive ? 80.0 : 40
            return ChangeBatch(
                entities: [record],
                relationships: joined(
                    &world, 3, to: 3, ages: spread(12, over: 60, from: silence) + [0.1]))
        },
        Case(name: "risk_mismatch") { world, isPositive in
            ChangeBatch(
                entities: [ordinary(3) { $0.riskScore = isPositive ? 0.95 : 0.35 }],
                relationships: joined(&world, 3, to: 3, ages: spread(6, over: 60, from: 2)))
        },
        Case(name: "dense_neighbourhood") { world, isPositive in
            let others = (0..<9).map { world.members[$0 * 3][4]?[0] ?? 0 }
            let members = [subject] + others
            var rows: [RelationshipRecord] = []
            for (place, first) in members.enumerated() {
                for second in members.dropFirst(place + 1)
                where isPositive || first == subject {
                    rows.append(world.relationship(first, second, 5, time: later - 40 * day))
                }
            }
            return ChangeBatch(entities: [ordinary(4)], relationships: rows)
        },
        Case(name: "unexpected_neighbour_types") { world, isPositive in
            let types: [Int32] = isPositive ? [1, 2, 3, 4, 5] : [2, 5]
            return ChangeBatch(
                entities: [ordinary(1)],
                relationships: types.flatMap { joined(&world, 5, to: $0, ages: [30]) })
        },
    ]

    private func fired(_ example: Case, isPositive: Bool) throws -> [String] {
        let trained = try PlantedAnomalyTests.trained.get()
        var (world, detector) = (trained.world, trained.detector)
        _ = try detector.apply(example.rows(&world, isPositive))
        return detector.indicatorNames(of: Self.subject, asOf: Self.later)
    }

    @Test("A default indicator fires on its case and not on the near miss", arguments: examples)
    func fires(_ example: Case) throws {
        #expect(try fired(example, isPositive: true).contains(example.name))
        let others = try fired(example, isPositive: false)
        #expect(!others.contains(example.name), "\(others)")
    }

    @Test("A burst is temporal, and the other types that hold carry less")
    func typesOfBurst() throws {
        let example = try #require(Self.examples.first { $0.name == "burst" })
        let trained = try PlantedAnomalyTests.trained.get()
        var (world, detector) = (trained.world, trained.detector)
        _ = try detector.apply(example.rows(&world, true))
        let finding = try #require(detector.judge(Self.subject, asOf: Self.later)?.anomaly)
        let types = finding.explanation.types
        #expect(types.map(\.type) == finding.allTypes)
        #expect(types.first?.type == finding.primaryType)
        #expect(zip(types, types.dropFirst()).allSatisfy { $0.confidence >= $1.confidence })
        #expect(types.allSatisfy { $0.confidence > 0 && $0.confidence <= 1 })
        let temporal = try #require(types.first { $0.type == .temporal })
        #expect(temporal.evidence.first == "burst")
        let affected = finding.explanation.affectedEntityIDs
        #expect(affected.first == Self.subject)
        #expect(Set(affected).count == affected.count && affected.count > 5)
    }
}
