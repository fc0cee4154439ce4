import AnomalyDetection
import AnomalyModels
import Foundation
@testable import ModelTraining
import Testing

/// Relationships found by one of two detectors, of which reviewers confirm those of the one.
enum ReviewedWorld {
    /// What the detectors said of one relationship, and 12 features of noise.
    static func inputs(
        amount: Double, types: Double, noise: Double, degree: Double = .nan
    ) -> ReviewInputs {
        func verdict(_ detector: Detector, _ p: Double) -> DetectorVerdict {
            DetectorVerdict(
                detector: detector, score: 0, tailProbability: p, calibrationCount: 1000)
        }
        return ReviewInputs(
            scope: .relationship,
            features: (0..<RelationshipFeature.count).map { noise * Double($0) },
            verdicts: [verdict(.amount, amount), verdict(.typeSurprise, types)],
            measures: ["source.degree": degree])
    }

    /// Half found by their amount, which are confirmed, half by their type, which are rejected.
    static func reviews(_ count: Int, seed: UInt64, confirms: (Int) -> Bool) -> [ReviewedRow] {
        var random = SeededRandom(seed: seed, stream: 7)
        return (0..<count).map { place in
            let strange = pow(10, -3 - random.uniform())
            let isByAmount = place % 2 == 0
            return ReviewedRow(
                subject: .relationship(Int64(place)),
                inputs: inputs(
                    amount: isByAmount ? strange : random.uniform(),
                    types: isByAmount ? random.uniform() : strange, noise: random.uniform(),
                    degree: random.uniform()),
                isConfirmed: confirms(place))
        }
    }

    static func ordinary(seed: UInt64, count: Int = 600) -> OrdinaryRows {
        var random = SeededRandom(seed: seed, stream: 8)
        return OrdinaryRows(
            (0..<count).map { _ in
                inputs(
                    amount: random.uniform(), types: random.uniform(), noise: random.uniform(),
                    degree: random.uniform())
            })
    }
}

@Suite("Learning from reviews")
struct ReviewTrainerTests {
    private static func learnt(_ count: Int, seed: UInt64 = 1) throws -> ReviewTrainer.Outcome {
        try ReviewTrainer(seed: seed).learn(
            from: ReviewedWorld.reviews(count, seed: seed) { $0 % 2 == 0 },
            beside: ReviewedWorld.ordinary(seed: seed))
    }

    @Test(
        "What reviewers confirm becomes rarer, what they reject ordinary", arguments: [10, 50, 120])
    func learns(count: Int) throws {
        let scope = try #require(try Self.learnt(count).scope)
        let confirmed = ReviewedWorld.inputs(amount: 1e-3, types: 0.5, noise: 0.5, degree: 0.5)
        let rejected = ReviewedWorld.inputs(amount: 0.5, types: 1e-3, noise: 0.5, degree: 0.5)
        let before = confirmed.pValue
        #expect(abs(before / rejected.pValue - 1) < 1e-9)
        let first = try #require(scope.reading(of: confirmed, pValue: before))
        let second = try #require(scope.reading(of: rejected, pValue: before))
        #expect(first.pValue < second.pValue / 2)
        #expect(first.margin > second.margin)
        #expect(scope.confirmation.probability(first.margin) > 0.5)
        #expect(scope.confirmation.probability(second.margin) < 0.5)
        // The more reviews there are, the more they count.
        #expect(scope.weight == 0.7 * Double(count) / Double(count + 20))
        #expect(scope.confirmedCount == count / 2 && scope.rejectedCount == count - count / 2)
    }

    @Test("Too few reviews, or too few of a verdict, teach nothing, and the number is told")
    func tooFew() throws {
        let few = try Self.learnt(9)
        #expect(few.scope == nil)
        #expect(few.reason == "9 reviews, 5 confirmed and 4 rejected: 10 are needed, 3 of each")
        let onesided = try ReviewTrainer().learn(
            from: ReviewedWorld.reviews(40, seed: 1) { $0 > 1 },
            beside: ReviewedWorld.ordinary(seed: 1))
        #expect(onesided.scope == nil)
        #expect(onesided.reason.contains("38 confirmed and 2 rejected"))
        let alone = try ReviewTrainer().learn(
            from: ReviewedWorld.reviews(40, seed: 1) { $0 % 2 == 0 },
            beside: ReviewedWorld.ordinary(seed: 1, count: 20))
        #expect(alone.scope == nil)
        #expect(alone.reason == "20 ordinary rows: 100 are needed")
    }

    @Test("Shuffled verdicts rank like chance, and are hardly ever heard")
    func shuffled() throws {
        var heard = 0
        var area = 0.0
        let seeds = UInt64(1)...24
        for seed in seeds {
            var random = SeededRandom(seed: seed, stream: 9)
            let verdicts = random.sample(50, below: 50).map { $0 % 2 == 0 }
            let outcome = try ReviewTrainer(seed: seed).learn(
                from: ReviewedWorld.reviews(50, seed: seed) { verdicts[$0] },
                beside: ReviewedWorld.ordinary(seed: seed, count: 300))
            heard += outcome.scope == nil ? 0 : 1
            area += (outcome.measures["roc_auc"] ?? 0) / Double(seeds.count)
        }
        // The better of two candidates is chosen, so chance is a little above a half.
        #expect(abs(area - 0.5) < 0.08, "mean ROC AUC \(area)")
        #expect(heard <= 4, "\(heard) of \(seeds.count)")
    }

    @Test("The same reviews, rows and seed give the same bytes; another seed may not")
    func reproducible() throws {
        func bytes(_ seed: UInt64) throws -> [UInt8] {
            let head = ReviewHead(
                version: "r1", ensembleVersion: "v1.0.0", entities: nil,
                relationships: try Self.learnt(60, seed: seed).scope)
            return head.archive().encoded()
        }
        #expect(try bytes(3) == bytes(3))
    }

    @Test("A head comes back from its archive to the bit; a broken archive is refused")
    func archive() throws {
        for count in [20, 120] {
            let head = ReviewHead(
                version: "r4", ensembleVersion: "v1.2.0", entities: nil,
                relationships: try Self.learnt(count).scope)
            let bytes = head.archive().encoded()
            let read = try ReviewHead(
                archive: try ModelArchive(decoding: bytes), version: "r4")
            #expect(read == head)
            var archive = head.archive()
            archive.metadata["format"] = "vigil-model-4"
            #expect(throws: ModelFileError.self) {
                try ReviewHead(archive: archive, version: "r4")
            }
            for name in head.archive().tensors.keys {
                var archive = head.archive()
                archive.tensors[name] = nil
                #expect(throws: ModelFileError.self) {
                    try ReviewHead(archive: archive, version: "r4")
                }
            }
            var heavy = head.archive()
            heavy.metadata["relationships"] = heavy.metadata["relationships"]?
                .replacingOccurrences(of: "\"weight\":0.", with: "\"weight\":1.")
            #expect(throws: ModelFileError.self) { try ReviewHead(archive: heavy, version: "r4") }
        }
    }

    @Test("Confirmed rows weigh at least a fifth, and ordinary rows half as much as the reviews")
    func weights() {
        // 2 confirmed of 20: (18 + 10) / 4 = 7 for both.
        let labels = (0..<20).map { $0 < 2 }
        let weights = ReviewTable.weights(labels, ordinaryCount: 100)
        #expect(weights.count == 120)
        #expect(weights[0] == 3.5 && weights[1] == 3.5 && weights[2] == 1)
        #expect(abs(weights[20] - 0.1) < 1e-15)
        let confirmed = weights[0] + weights[1]
        #expect(abs(confirmed / weights.reduce(0, +) - 0.2) < 1e-12)
        // Where they are many already, all reviews weigh the same.
        #expect(ReviewTable.weights([true, true, false], ordinaryCount: 1) == [1, 1, 1, 1.5])
    }

    @Test("Pooling lies between both opinions and keeps what both agree on")
    func pooling() {
        #expect(abs(ReviewScope.pooled(1e-4, 1e-2, weight: 0.5) - 1e-3) < 1e-15)
        #expect(abs(ReviewScope.pooled(1e-3, 1e-3, weight: 0.3) - 1e-3) < 1e-15)
        #expect(abs(ReviewScope.pooled(1e-4, 1, weight: 0.25) - 1e-3) < 1e-15)
    }

    @Test("Versions name the model and the head")
    func versions() {
        #expect(ReviewHead.versions(of: "v1.3.0") == ("v1.3.0", nil))
        #expect(ReviewHead.versions(of: "v1.3.0+r7") == ("v1.3.0", "r7"))
        let head = ReviewHead(
            version: "r7", ensembleVersion: "v1.3.0", entities: nil, relationships: nil)
        #expect(head.judgementVersion == "v1.3.0+r7")
    }
}
