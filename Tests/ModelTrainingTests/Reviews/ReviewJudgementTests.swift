import AnomalyDetection
import AnomalyModels
import Foundation
import Testing

@testable import ModelTraining

/// Judgements of a small world in which reviews are heard.
@Suite("Judgements with reviews")
struct ReviewJudgementTests {
    private static let later = PlantedAnomalyTests.later

    /// The trained world with a mailbox that bursts, and a head that has learnt what it looks like.
    private static func heard(
        _ candidate: ReviewCandidate, confirms: Bool
    ) throws -> (detector: AnomalyDetector, burst: Int64) {
        let trained = try PlantedAnomalyTests.trained.get()
        var (world, detector) = (trained.world, trained.detector)
        let bursts = (0..<12).map { world.pick($0, 3) }
        var rows: [RelationshipRecord] = []
        for id in bursts {
            for place in 0..<40 {
                rows.append(
                    world.relationship(
                        id, world.pick(place % 30, 3), 3, time: later - Double(place) * 60))
            }
        }
        _ = try detector.apply(ChangeBatch(relationships: rows))
        let others = detector.entityIDs.filter { !bursts.contains($0) }.prefix(12)
        func row(_ id: Int64, _ isBurst: Bool) throws -> ReviewedRow {
            ReviewedRow(
                subject: .entity(id),
                inputs: try #require(detector.reviewInputs(of: id, asOf: later)),
                isConfirmed: isBurst == confirms)
        }
        let reviewed =
            try bursts.dropFirst().map { try row($0, true) } + others.map { try row($0, false) }
        let ordinary = OrdinaryRows(
            .entity, of: detector, excluding: Set(reviewed.map(\.subject)), anomalyThreshold: 0.5,
            seed: 1, asOf: later)
        let fitted = try ReviewTable(reviewed, ordinary).fit(candidate, seed: 1)
        let scope = ReviewScope(
            inputNames: fitted.names, model: fitted.model, calibration: fitted.calibration,
            confirmation: LogisticCalibration(slope: 1, intercept: 0), weight: 0.5,
            confirmedCount: 11, rejectedCount: 12, measures: [:])
        detector.adopt(
            reviewHead: ReviewHead(
                version: "r1", ensembleVersion: "test", entities: scope, relationships: nil))
        return (detector, bursts[0])
    }

    @Test("What was confirmed is found all the more, what was rejected no more")
    func direction() throws {
        var (detector, burst) = try Self.heard(.linear, confirms: true)
        let confirmed = try #require(detector.judge(burst, asOf: Self.later))
        let reading = try #require(confirmed.reviews)
        #expect(confirmed.modelVersion == "test+r1")
        detector.adopt(reviewHead: nil)
        let before = try #require(detector.judge(burst, asOf: Self.later))
        #expect(before.modelVersion == "test" && before.reviews == nil)
        #expect(reading.ensemblePValue.bitPattern == before.pValue.bitPattern)
        #expect(before.anomaly != nil && confirmed.anomaly != nil)
        let alone = confirmed.withoutReviews
        #expect(alone.pValue.bitPattern == before.pValue.bitPattern)
        #expect(alone.anomalyScore == before.anomalyScore && alone.severity == before.severity)
        let (other, same) = try Self.heard(.linear, confirms: false)
        let rejected = try #require(other.judge(same, asOf: Self.later))
        #expect(rejected.pValue > 10 * confirmed.pValue)
        #expect(rejected.severity < confirmed.severity)
    }

    @Test("The reasons add up, have the documented form, and replay to the bit")
    func explained() throws {
        for candidate in ReviewCandidate.allCases {
            let (detector, burst) = try Self.heard(candidate, confirms: true)
            let judgement = try #require(detector.judge(burst, asOf: Self.later))
            let explanation = try #require(judgement.anomaly?.explanation)
            let reviews = try #require(explanation.reviews)
            let sum =
                reviews.expectedMargin + reviews.otherContributions
                + reviews.contributions.reduce(0) { $0 + $1.contribution }
            #expect(abs(sum - reviews.margin) < 1e-9, "\(candidate)")
            #expect(!reviews.contributions.isEmpty)
            #expect(
                explanation.sentences.contains {
                    $0.hasPrefix("23 reviews (11 confirmed, 12 rejected) speak for")
                }, "\(explanation.sentences)")
            let document = try JSONEncoder().encode(explanation)
            #expect(try ExplanationTests.schema.get().faults(in: document) == [])
            let stored = try JSONDecoder().decode(Explanation.self, from: document)
            let head = try #require(detector.reviewHead)
            let read = try ReviewHead(
                archive: try ModelArchive(decoding: head.archive().encoded()), version: "r1")
            let model = try #require(detector.model)
            let again = try #require(stored.inputs).replayed(by: model, hearing: read)
            #expect(again.pValue.bitPattern == judgement.pValue.bitPattern)
            #expect(again.anomalyScore.bitPattern == judgement.anomalyScore.bitPattern)
            #expect(again.confidence.bitPattern == judgement.confidence.bitPattern)
            #expect(again.differences(from: stored).isEmpty)
        }
    }

    @Test("A head that stands on another model is not heard")
    func otherModel() throws {
        var (detector, burst) = try Self.heard(.linear, confirms: true)
        var head = try #require(detector.reviewHead)
        head.ensembleVersion = "another"
        detector.adopt(reviewHead: head)
        let judgement = try #require(detector.judge(burst, asOf: Self.later))
        #expect(judgement.reviews == nil && judgement.modelVersion == "test")
    }

    @Test(
        "Ordinary rows are the same for the same seed, and hold nobody who was reviewed or is strange"
    )
    func ordinary() throws {
        let detector = try PlantedAnomalyTests.trained.get().detector
        func rows(_ seed: UInt64) -> [ReviewInputs] {
            OrdinaryRows(
                .entity, of: detector, excluding: [], anomalyThreshold: 0.3, seed: seed,
                asOf: Self.later
            ).inputs
        }
        let first = rows(1)
        #expect(first == rows(1))
        #expect(first.count > 1_000 && first.count <= OrdinaryRows.count)
        #expect(first.allSatisfy { anomalyScore(tailProbability: $0.pValue) < 0.3 })
        let all = Set(detector.entityIDs.map(Subject.entity))
        let none = OrdinaryRows(
            .entity, of: detector, excluding: all, anomalyThreshold: 0.5, seed: 1, asOf: Self.later)
        #expect(none.inputs.isEmpty)
    }
}
