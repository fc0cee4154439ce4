import AnomalyDetection
import AnomalyModels
import Foundation
import ModelTraining
import Testing

/// Rows that come evenly for fifty days, and go on as before or otherwise.
private struct SteadyWorld {
    enum Change: String, CaseIterable { case none, confidence, newType, activity, missing }

    static let now = 1_750_000_000.0
    static let day = 86_400.0
    static let catalog = TypeCatalog(
        entityTypes: [1: "domain", 2: "ip_address", 3: "vessel"], relationshipTypes: [1: "links"])

    private(set) var batch = ChangeBatch()
    private var random: SeededRandom
    private let perDay = 9

    /// What has come up to a time, in days from ``now``; `change` is about what comes after it.
    init(seed: UInt64, through days: Int, change: Change) {
        random = SeededRandom(seed: seed)
        var relationshipID: Int64 = 0
        for day in -50..<days {
            let isNew = day >= 0
            for _ in 0..<perDay + random.index(below: 4) {
                let time = Self.now + Self.day * (Double(day) + random.uniform())
                let id = Int64(batch.entities.count + 1)
                var record = EntityRecord(
                    id: id, typeCode: random.uniform() < 0.7 ? 1 : 2,
                    confidence: 0.5 + 0.4 * random.uniform(), riskScore: 0.4 * random.uniform(),
                    sourceCount: 1 + random.index(below: 4), metadataRichness: random.uniform(),
                    tagCount: random.index(below: 5), firstSeen: time, lastSeen: time,
                    createdAt: time, updatedAt: time)
                let isStrange = random.uniform() < 0.15
                if isNew {
                    switch change {
                    case .confidence: record.confidence -= 0.25
                    case .newType where isStrange: record.typeCode = 3
                    case .missing: record.riskScore = .nan
                    case .none, .newType, .activity: break
                    }
                }
                batch.entities.append(record)
                let count = 1 + random.index(below: 4)
                for _ in 0..<(isNew && change == .activity ? 2 * count : count) {
                    relationshipID += 1
                    batch.relationships.append(
                        RelationshipRecord(
                            id: relationshipID, sourceEntityID: id,
                            targetEntityID: Int64(1 + random.index(below: Int(id))), typeCode: 1,
                            confidence: 0.5 + 0.4 * random.uniform(), weight: random.uniform(),
                            firstObserved: time, createdAt: time))
                }
            }
        }
    }

    func detector(asOf: Double) throws -> AnomalyDetector {
        var detector = AnomalyDetector(catalog: Self.catalog)
        _ = try detector.apply(batch)
        return detector.withGlobalMetrics(asOf: asOf, seed: 1, threadCount: 1)
    }
}

@Suite("Checks for drift")
struct DriftCheckTests {
    /// One model for each seed.
    private static let models = Result {
        try (UInt64(1)...2).map { seed in
            try model(of: SteadyWorld(seed: seed, through: 0, change: .none), seed: seed)
        }
    }

    private static func model(of world: SteadyWorld, seed: UInt64) throws -> DetectionModel {
        var options = ModelTrainer.Options(
            seed: seed, treeCount: 10, sampleSize: 64, version: "test",
            createdAt: SteadyWorld.now, checkCount: 0)
        options.behaviourWindowCountMax = 0
        return try ModelTrainer.train(
            try world.detector(asOf: SteadyWorld.now), asOf: SteadyWorld.now, options: options)
    }

    private func report(
        seed: UInt64, _ change: SteadyWorld.Change, days: Int = 7
    ) throws -> DriftReport {
        let asOf = SteadyWorld.now + Double(days) * SteadyWorld.day
        var detector = try SteadyWorld(seed: seed, through: days, change: change)
            .detector(asOf: asOf)
        detector.adopt(model: try Self.models.get()[Int(seed) - 1])
        return DriftCheck().report(on: detector, asOf: asOf)
    }

    @Test("A week of more of the same raises no alarm", arguments: UInt64(1)...2)
    func calm(seed: UInt64) throws {
        let found = try report(seed: seed, .none)
        #expect(found.verdict == .stable, "\(found.summary)")
        #expect(found.summary.hasPrefix("No drift in "))
        // A week has passed: the ages know.
        let ages = found.findings.filter {
            $0.motion == .clock && $0.group == .population && $0.measure.contains("age")
        }
        #expect(!ages.isEmpty && ages.allSatisfy { $0.verdict != .drift })
    }

    @Test(
        "A planted drift is found, and by its own measure",
        arguments: [
            ("confidence", "confidence_score"), ("newType", "unknown_types"),
            ("activity", "arrivals"), ("missing", "risk_score"),
        ], [UInt64(1)])
    func planted(_ drift: (change: String, measure: String), seed: UInt64) throws {
        let change = try #require(SteadyWorld.Change(rawValue: drift.change))
        let found = try report(seed: seed, change)
        #expect(found.verdict == .drift)
        let named = found.findings.filter { $0.verdict == .drift }.map(\.measure)
        #expect(named.contains(drift.measure), "\(named)")
        for finding in found.findings where finding.verdict == .drift {
            #expect((finding.adjustedP ?? 1) <= 0.01)
        }
    }

    @Test("Rows alone that are few, and a model without a reference, are said and raise no alarm")
    func nothingToCompare() throws {
        let early = try report(seed: 1, .confidence, days: 1)
        let arrivals = early.findings.filter { $0.group == .arrivals && $0.scope == .entities }
        #expect(arrivals.map(\.verdict) == [.tooFew])
        var detector = try SteadyWorld(seed: 1, through: 0, change: .none)
            .detector(asOf: SteadyWorld.now)
        let rules = DriftCheck().report(on: detector, asOf: SteadyWorld.now)
        #expect(rules.verdict == .noReference && rules.summary.contains("rules judge"))
        var model = try Self.models.get()[0]
        model.driftReference = nil
        detector.adopt(model: model)
        let old = DriftCheck().report(on: detector, asOf: SteadyWorld.now)
        #expect(old.verdict == .noReference && old.summary.contains("train a new one"))
    }

    @Test("The reference goes into the archive and comes back; without one the model is read too")
    func archive() throws {
        var model = try Self.models.get()[0]
        let archive = model.archive()
        let text = try #require(archive.metadata["drift_reference"])
        #expect(text.utf8.count < 300_000, "\(text.utf8.count)")
        let read = try DetectionModel(archive: archive)
        #expect(read == model)
        model.driftReference = nil
        #expect(try DetectionModel(archive: model.archive()).driftReference == nil)
        for damaged in ["\"as_of\":1e300", "\"as_of\":null"] {
            var broken = archive
            broken.metadata["drift_reference"] = text.replacing(
                /"asOf":[0-9.]+/, with: damaged.replacing("as_of", with: "asOf"))
            #expect(throws: ModelFileError.self) { try DetectionModel(archive: broken) }
        }
    }

    @Test("The report of the same rows has the same bytes, whoever asks")
    func replay() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let first = try encoder.encode(report(seed: 2, .activity))
        #expect(try encoder.encode(report(seed: 2, .activity)) == first)
        #expect(
            try JSONDecoder().decode(DriftReport.self, from: first)
                == report(seed: 2, .activity))
    }
}
