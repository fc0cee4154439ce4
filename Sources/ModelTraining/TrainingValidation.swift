import AnomalyDetection
import AnomalyModels
import Foundation

/// What a model is worth on rows that it has not seen, by cross-validation.
///
/// The features are computed once; each fold fits forests, tails, peers, calibrations and indicators
/// anew to the other folds and judges its own. So every row of the sample is judged once, by a model
/// that has not seen it. On it are asked: are tail probabilities honest; are planted corruptions of
/// held-back entities told from held-back entities as they are; and does the judgement agree with
/// the reviews. The last one only measures: no review reaches what is fitted.
package struct TrainingValidation {
    /// So many entities and relationships at most are looked at, drawn by type.
    package static let rowsMax = 20_000
    /// So many rows at most stand behind the indicators of a fold.
    static let indicatorRowsMax = 4_000
    /// So many held-back entities at most stand beside the planted ones.
    static let ordinaryMax = 2_000
    /// With fewer entities nothing is held back.
    package static let entityCountMin = 100
    /// With fewer of each verdict, reviews measure nothing.
    package static let reviewCountMin = 5
    /// The measured top of the list.
    package static let topCount = 20
    static let stream: UInt64 = 0xF01D

    /// What one fold found.
    struct Fold {
        /// Tail probabilities of the held-back rows.
        var entities: [Double] = []
        var relationships: [Double] = []
        /// Scores of held-back entities as they are.
        var ordinary: [Double] = []
        /// Scores of planted ones, and the case that each belongs to.
        var planted: [(score: Double, of: Int)] = []
        /// Scores of the reviewed, and their verdicts.
        var reviewed: [(score: Double, isAnomaly: Bool)] = []

        /// The measures of the planted ones among the ordinary ones.
        func plantedMeasures(threshold: Double) -> ClassificationMeasures {
            ClassificationMeasures(
                scores: planted.map(\.score) + ordinary,
                labels: planted.map { _ in true } + ordinary.map { _ in false },
                threshold: threshold, k: TrainingValidation.topCount)
        }
    }

    let material: TrainingMaterial
    /// The folds of entities and of relationships, places in the rows of the material.
    let entityFolds, relationshipFolds: [StratifiedSplit]
    private let threshold: Double

    init(_ material: TrainingMaterial) {
        self.material = material
        threshold = material.detector.settings.anomalyThreshold
        let options = material.options
        let reviewed = Set(options.reviewedEntities.keys)
        entityFolds = Self.folds(
            types: material.rows.map(\.typeName), countMin: Self.entityCountMin, options: options
        ) { reviewed.contains(material.rows[$0].id) }
        let known = Set(options.reviewedRelationships.keys)
        relationshipFolds = Self.folds(
            types: material.relationshipRows.map(\.typeName),
            countMin: 2 * ModelTrainer.relationshipCountMin, options: options
        ) { known.contains(material.relationshipRows[$0].id) }
    }

    /// Whether there is enough to hold something back.
    var isPossible: Bool { entityFolds.count > 1 }

    /// Folds of a sample of the rows, as places among all of them; empty where there are too few.
    private static func folds(
        types: [String], countMin: Int, options: ModelTrainer.Options,
        isNeeded: (Int) -> Bool
    ) -> [StratifiedSplit] {
        guard types.count >= countMin else { return [] }
        var sample = Array(types.indices)
        if types.count > rowsMax {
            let drawn = StratifiedSplit.holdingBack(
                Double(rowsMax) / Double(types.count),
                of: StratifiedSplit.Rows(rowCount: types.count, types: types), seed: options.seed)
            var isDrawn = [Bool](repeating: false, count: types.count)
            for place in drawn.heldBack { isDrawn[place] = true }
            sample = sample.filter { isDrawn[$0] || isNeeded($0) }
        }
        let rows = StratifiedSplit.Rows(
            rowCount: sample.count, types: sample.map { types[$0] })
        return StratifiedSplit.folds(options.foldCount, of: rows, seed: options.seed)
            .map { $0.among(sample) }
    }

    /// All folds, and what they come to.
    func measures(
        loop: TrainingLoop, progress: (Double) -> Void
    ) throws(TrainingError) -> [String: Double] {
        guard isPossible else { return [:] }
        var folds: [Fold] = []
        for place in entityFolds.indices {
            folds.append(
                try fold(place, options: material.options, loop: loop) {
                    progress((Double(place) + $0) / Double(entityFolds.count))
                })
        }
        return ValidationSummary(folds, threshold: threshold, seed: material.options.seed).measures
    }

    /// Fits to the other folds and judges this one; the forests as these options say.
    func fold(
        _ place: Int, options: ModelTrainer.Options, loop: TrainingLoop,
        progress: (Double) -> Void = { _ in }
    ) throws(TrainingError) -> Fold {
        let split = entityFolds[place]
        let relationships = place < relationshipFolds.count ? relationshipFolds[place] : nil
        let model = try TrainingMaterial(material, options: options).fit(
            entities: split.training, relationships: relationships?.training ?? [], loop: loop,
            indicatorRowsMax: Self.indicatorRowsMax)
        progress(0.5)
        let judge = FoldJudge(material, model: model, foldOfEntities: split.heldBack)
        var fold = Fold()
        let held = split.heldBack.map { material.rows[$0].id }
        let asOf = material.asOf
        let own = try loop.map(held.count) { judge.entity(held[$0], asOf: asOf) }
        fold.entities = own.map(\.probability)
        progress(0.8)
        let heldRelationships = (relationships?.heldBack ?? [])
            .map { material.relationshipRows[$0].id }
        fold.relationships = try loop.map(heldRelationships.count) {
            judge.relationship(heldRelationships[$0], asOf: asOf).probability
        }
        progress(0.9)
        var random = SeededRandom(seed: options.seed, stream: Self.stream + UInt64(place))
        let ordinary = random.sample(
            Self.ordinaryMax / entityFolds.count, below: held.count)
        fold.ordinary = ordinary.map { own[$0].score }
        fold.planted = plant(place, held, judge, random: &random)
        try loop.check()
        fold.reviewed = reviewed(place, judge)
        return fold
    }

    /// Plants corruptions into copies of held-back entities; only held-back ones count.
    private func plant(
        _ place: Int, _ held: [Int64], _ judge: FoldJudge, random: inout SeededRandom
    ) -> [(score: Double, of: Int)] {
        var planter = CorruptionPlanter(
            judge.detector, asOf: material.asOf,
            seed: material.options.seed &+ UInt64(1 + place) &* 0x9E37_79B9)
        let isHeld = Set(held)
        let casesPerKind = max(1, material.options.checkCount / entityFolds.count)
        var planted: [(score: Double, of: Int)] = []
        var cases = 0
        for kind in PlantedCorruption.allCases {
            var left = casesPerKind
            // Some entities do not suit a kind: others are tried.
            for _ in 0..<8 * casesPerKind where left > 0 {
                let id = held[random.index(below: held.count)]
                guard let found = planter.plant(kind, id),
                    let corrupted = try? judge.detector.supposing(found.batch)
                else { continue }
                for id in found.ids where isHeld.contains(id) {
                    let score = judge.entity(id, asOf: material.asOf, in: corrupted).score
                    planted.append((score, cases * entityFolds.count + place))
                }
                cases += 1
                left -= 1
            }
        }
        return planted
    }

    /// What this fold's model says of reviewed subjects that it has not seen: those of the fold itself, and a
    /// share of those that no fold has learnt from.
    private func reviewed(
        _ place: Int, _ judge: FoldJudge
    ) -> [(score: Double, isAnomaly: Bool)] {
        func own(
            _ reviewed: [Int64: Bool], _ folds: [StratifiedSplit], _ id: (Int) -> Int64
        ) -> [(id: Int64, isAnomaly: Bool)] {
            var foldOf: [Int64: Int] = [:]
            for (fold, split) in folds.enumerated() {
                for row in split.heldBack { foldOf[id(row)] = fold }
            }
            let sorted = reviewed.sorted { $0.key < $1.key }
            return sorted.enumerated().compactMap { order, entry in
                (foldOf[entry.key] ?? order % entityFolds.count) == place
                    ? (entry.key, entry.value) : nil
            }
        }
        let options = material.options
        let asOf = material.asOf
        let entities = own(options.reviewedEntities, entityFolds) { material.rows[$0].id }
            .map { (judge.entity($0.id, asOf: asOf), $0.isAnomaly) }
        let relationships = own(options.reviewedRelationships, relationshipFolds) {
            material.relationshipRows[$0].id
        }.map { (judge.relationship($0.id, asOf: asOf), $0.isAnomaly) }
        return (entities + relationships).compactMap { judged, isAnomaly in
            judged.isKnown ? (judged.score, isAnomaly) : nil
        }
    }
}

/// Judges by the model of one fold, without the network where that has seen the entity.
private struct FoldJudge: Sendable {
    let detector: AnomalyDetector
    private let learntIDs: Set<Int64>

    struct Judged: Sendable {
        var probability = Double.nan
        /// 0 where nobody spoke.
        var score = 0.0
        /// Whether it is there at all.
        var isKnown = false
    }

    init(_ material: TrainingMaterial, model: DetectionModel, foldOfEntities: [Int]) {
        var detector = material.detector.withoutKeptMetrics
        detector.adopt(model: model)
        self.detector = detector
        learntIDs = Set(
            foldOfEntities.filter { material.behaviour.isLearnt[$0] }
                .map { material.rows[$0].id })
    }

    func entity(_ id: Int64, asOf: Double, in corrupted: AnomalyDetector? = nil) -> Judged {
        guard let judgement = (corrupted ?? detector).assess(.entity(id), asOf: asOf)
        else {
            return Judged()
        }
        return judged(
            learntIDs.contains(id) ? judgement.without(.reconstruction) : judgement)
    }

    func relationship(_ id: Int64, asOf: Double) -> Judged {
        detector.assess(.relationship(id), asOf: asOf).map(judged) ?? Judged()
    }

    private func judged(_ judgement: Judgement) -> Judged {
        Judged(
            probability: judgement.pValue, score: judgement.anomalyScore, isKnown: true)
    }
}

extension StratifiedSplit {
    /// The same split, of the rows that these places are a sample of.
    fileprivate func among(_ sample: [Int]) -> StratifiedSplit {
        StratifiedSplit(
            training: training.map { sample[$0] }, heldBack: heldBack.map { sample[$0] })
    }
}
