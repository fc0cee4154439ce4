import AnomalyModels
import Foundation
import Testing

@testable import AnomalyDetection

@Suite("The sequence of behaviour")
struct SequenceTests {
    static let day = Fixtures.day
    /// Noon of a Tuesday.
    static let noon = 19_675 * day + day / 2

    @Test("Two days of one entity give the numbers that were worked out by hand")
    func workedByHand() throws {
        var batch = ChangeBatch(entities: [
            EntityRecord(id: 1, typeCode: 1, riskScore: 0.5),
            EntityRecord(id: 2, typeCode: 1, riskScore: 0.1),
            EntityRecord(id: 3, typeCode: 2, riskScore: 0.8),
        ])
        func met(_ id: Int64, _ source: Int64, _ target: Int64, _ hours: Double, _ type: Int32 = 1)
            -> RelationshipRecord
        {
            RelationshipRecord(
                id: id, sourceEntityID: source, targetEntityID: target, typeCode: type,
                confidence: 0.2 * Double(id), weight: 10 * Double(id),
                firstObserved: Self.noon + 3600 * hours)
        }
        batch.relationships = [
            met(1, 1, 2, -30), met(2, 2, 1, -4), met(3, 1, 3, -3, 2), met(4, 1, 3, -1, 2),
        ]
        batch.observations = [
            ObservationRecord(.entity(1), observedAt: Self.noon - 3600),
            ObservationRecord(.entity(1), observedAt: Self.noon + 60),
        ]
        let detector = try Fixtures.detector(batch)
        let values = try #require(detector.behaviourSequence(of: 1, asOf: Self.noon))
        #expect(values.count == 750)
        let yesterday = Array(values[48 * 15..<49 * 15])
        let today = Array(values[49 * 15..<50 * 15])
        func expect(_ found: [Double], _ wanted: [Double]) {
            for (feature, (value, other)) in zip(BehaviourFeature.allCases, zip(found, wanted)) {
                let isSame = value.isNaN ? other.isNaN : abs(value - other) < 1e-6
                #expect(isSame, "\(feature): \(value), not \(other)")
            }
        }
        expect(
            yesterday,
            [
                log(2), 0, log(2), 0, 0, 0.2, .nan, 0.4, log(11), log(11), log(2), log(2), .nan,
                0.1, .nan,
            ])
        // Gaps of one hour and of two: mean 1.5, deviation 0.5.
        expect(
            today,
            [
                log(3), log(2), log(2), log(3), log(2), 0.6, (0.08 / 3).squareRoot(),
                (0.4 + 0.3 + 0.3) / 3, log(91), log(41), log(3), log(3), .nan, 1.7 / 3, -0.5,
            ])
        expect(
            Array(values[0..<15]),
            [0, 0, 0, 0, 0, .nan, .nan, .nan, 0, 0, 0, 0, 0, .nan, .nan])
    }

    @Test("Buckets before the life of an entity are absent")
    func birth() throws {
        let batch = ChangeBatch(entities: [
            EntityRecord(id: 1, typeCode: 1, firstSeen: Self.noon - 3 * Self.day)
        ])
        let detector = try Fixtures.detector(batch)
        let values = try #require(detector.behaviourSequence(of: 1, asOf: Self.noon))
        let known = (0..<50).filter { !values[$0 * 15].isNaN }
        #expect(known == [46, 47, 48, 49])
    }

    @Test(
        "After random inserts, updates and deletions it is that of the rows, from any time",
        arguments: [1, 2])
    func incrementalEqualsRecomputed(seed: UInt64) throws {
        var world = BusyWorld(seed: seed)
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        for step in 0..<24 {
            _ = try detector.apply(world.nextBatch())
            guard step % 11 == 1 else { continue }
            let rebuilt = try world.rebuilt()
            let loaded = try world.loaded()
            #expect(detector.busyCount == detector.states.count { $0?.history != nil })
            #expect(step < 8 || rebuilt.busyCount > 1)
            for id in detector.entityIDs {
                let asOf = BusyWorld.end - 40 * Self.day * world.random.uniform()
                let found = try #require(detector.behaviourSequence(of: id, asOf: asOf))
                let again = try #require(rebuilt.behaviourSequence(of: id, asOf: asOf))
                let cold = try #require(loaded.behaviourSequence(of: id, asOf: asOf))
                #expect(found.map(\.bitPattern) == again.map(\.bitPattern))
                #expect(found.map(\.bitPattern) == cold.map(\.bitPattern))
                guard id <= 6 else { continue }
                let wanted = world.plain.values(of: id, asOf: asOf)
                let worst = zip(found, wanted).max { difference($0) < difference($1) }
                #expect(
                    worst.map(difference) ?? 1 < 1e-4, "entity \(id): \(String(describing: worst))")
            }
        }
    }

    private func difference(_ pair: (Double, Double)) -> Double {
        pair.0.isNaN && pair.1.isNaN
            ? 0 : (pair.0.isNaN || pair.1.isNaN ? .infinity : abs(pair.0 - pair.1))
    }

    @Test("Another width of the buckets makes the kept ones anew")
    func bucketWidth() throws {
        var world = BusyWorld(seed: 4)
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        for _ in 0..<6 { _ = try detector.apply(world.nextBatch()) }
        var settings = DetectionSettings()
        settings.behaviourBucketSeconds = 6 * 3600
        detector.adopt(settings: settings, indicators: [], catalog: Fixtures.catalog)
        var plain = world.plain
        plain.bucketSeconds = settings.behaviourBucketSeconds
        let found = try #require(detector.behaviourSequence(of: 1, asOf: BusyWorld.end))
        let wanted = plain.values(of: 1, asOf: BusyWorld.end)
        #expect(zip(found, wanted).allSatisfy { difference($0) < 1e-4 })
    }
}

/// Random changes around two entities that meet all others all the time.
struct BusyWorld {
    static let end = 19_700 * Fixtures.day + 40_000

    var random: SeededRandom
    private var entities: [Int64: EntityRecord] = [:]
    private var relationships: [Int64: RelationshipRecord] = [:]
    private var observations: [ObservationRecord] = []

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    var plain: PlainSequence {
        var updates: [Int64: [Double]] = [:]
        for observation in observations {
            updates[observation.subject.id, default: []].append(observation.observedAt)
        }
        return PlainSequence(
            entities: entities, relationships: Array(relationships.values), updates: updates)
    }

    mutating func rebuilt() throws -> AnomalyDetector {
        var detector = AnomalyDetector(catalog: Fixtures.catalog)
        _ = try detector.apply(
            ChangeBatch(
                entities: entities.values.shuffled(using: &random),
                relationships: relationships.values.shuffled(using: &random),
                observations: observations.shuffled(using: &random)))
        return detector
    }

    mutating func loaded() throws -> AnomalyDetector {
        var loader = AnomalyDetector.Loader(catalog: Fixtures.catalog)
        for record in entities.values.shuffled(using: &random) { loader.insert(record) }
        for record in relationships.values.shuffled(using: &random) { try loader.insert(record) }
        for observation in observations.shuffled(using: &random) { loader.insert(observation) }
        return try loader.finish(threadCount: 2)
    }

    mutating func nextBatch() -> ChangeBatch {
        var batch = ChangeBatch()
        if entities.count > 30, random.uniform() < 0.3 {
            remove(2 + Int64(random.index(below: 30)), &batch)
        }
        for id in Int64(1)...40 where entities[id] == nil || random.uniform() < 0.05 {
            let record = EntityRecord(
                id: id, typeCode: Int32(1 + random.index(below: 3)),
                riskScore: random.uniform() < 0.2 ? .nan : random.uniform(),
                createdAt: random.uniform() < 0.5
                    ? .nan : Self.end - 80 * Fixtures.day * random.uniform())
            entities[id] = record
            batch.entities.append(record)
        }
        let ids = entities.keys.sorted()
        for _ in 0..<15 where !relationships.isEmpty {
            let keys = relationships.keys.sorted()
            let id = keys[random.index(below: keys.count)]
            relationships[id] = nil
            batch.deletedRelationshipIDs.append(id)
        }
        var rows: [Int64: RelationshipRecord] = [:]
        for _ in 0..<120 {
            let hub = random.uniform() < 0.5 ? ids[0] : ids[1]
            // One pair meets so often that it knows each other all along.
            let other =
                random.uniform() < 0.42 ? ids[2] : ids[random.index(below: ids.count)]
            let isSmall = random.uniform() < 0.2
            let id = Int64(1 + random.index(below: 1_600))
            let busyDay = random.uniform() < 0.4
            let age = busyDay ? 3 + 0.1 * random.uniform() : 90 * random.uniform()
            rows[id] = RelationshipRecord(
                id: id, sourceEntityID: isSmall ? ids[random.index(below: ids.count)] : hub,
                targetEntityID: other, typeCode: Int32(1 + random.index(below: 3)),
                confidence: random.uniform() < 0.2 ? .nan : random.uniform(),
                weight: random.uniform() < 0.5 ? .nan : 100 * random.uniform(),
                firstObserved: random.uniform() < 0.05
                    ? .nan : Self.end - Fixtures.day * (age * 8).rounded() / 8,
                isActive: random.uniform() < 0.9)
        }
        for (id, row) in rows { relationships[id] = row }
        batch.relationships = rows.values.sorted { $0.id < $1.id }
        for _ in 0..<20 {
            let observation = ObservationRecord(
                .entity(ids[random.index(below: min(10, ids.count))]),
                observedAt: Self.end - 60 * Fixtures.day * random.uniform())
            observations.append(observation)
            batch.observations.append(observation)
        }
        return batch
    }

    private mutating func remove(_ id: Int64, _ batch: inout ChangeBatch) {
        guard entities.removeValue(forKey: id) != nil else { return }
        observations.removeAll { $0.subject == .entity(id) }
        relationships = relationships.filter {
            $0.value.sourceEntityID != id && $0.value.targetEntityID != id
        }
        batch.deletedEntityIDs.append(id)
    }
}
