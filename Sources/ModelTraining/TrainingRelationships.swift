import AnomalyDetection
import AnomalyModels

/// The model of relationships and the calibrations of their detectors, from a sample of them.
struct TrainingRelationships {
    /// Nil where there are too few relationships.
    private(set) var model: RelationshipModel?
    private(set) var calibrations: [Detector: DetectorCalibration] = [:]
    /// How many of the rows the forest's second pass left out.
    private(set) var leftOutCount = 0

    init(
        _ detector: AnomalyDetector, rows: [RelationshipTrainingRow],
        options: ModelTrainer.Options, tails: inout MeasureTails, loop: TrainingLoop
    ) throws(TrainingError) {
        guard rows.count >= ModelTrainer.relationshipCountMin else { return }
        let forest: IsolationForest
        do throws(ModelError) {
            // Half as they are today, half as they were when they came: most are judged then.
            let keptRows: [Int]
            (forest, keptRows) = try IsolationForest.fitInTwoPasses(
                Self.matrix(rows) { $0 % 2 == 0 ? $1.features : $1.firstFeatures },
                parameters: IsolationForest.Parameters(
                    treeCount: options.treeCount, sampleSize: options.sampleSize,
                    heightLimit: options.heightLimit, seed: options.seed),
                contamination: options.contamination, threadCount: options.threadCount)
            leftOutCount = rows.count - keptRows.count
        } catch {
            throw TrainingError(
                code: .invalidOption, message: "relationship forest: \(error.message)")
        }
        // Places, and not copies of the rows, which hold arrays.
        let byType = Dictionary(grouping: rows.indices) { rows[$0].typeName }
        tails.learn(.relationshipDeviation, from: byType) { rows[$0].modelValue($1) }
        calibrations[.relationshipDeviation] = tails.calibration(
            of: .relationshipDeviation, from: byType
        ) { rows[$0].modelValue($1) }
        try loop.check()
        calibrate(rows, forest, threadCount: options.threadCount)
        let names = detector.catalog.relationshipTypes
        model = RelationshipModel(
            forest: forest, peers: try Self.peers(of: rows, byType, loop: loop),
            recurringTypes: detector.recurringTypes().compactMap { names[$0] })
    }

    private static func matrix(
        _ rows: [RelationshipTrainingRow], _ view: (Int, RelationshipTrainingRow) -> [Double]
    ) -> FeatureMatrix {
        FeatureMatrix(
            columnCount: RelationshipFeature.count,
            rows: rows.enumerated().map { RelationshipFeature.modelValues(view($0, $1)) })
    }

    private mutating func calibrate(
        _ rows: [RelationshipTrainingRow], _ forest: IsolationForest, threadCount: Int
    ) {
        let now = forest.scores(
            Self.matrix(rows) { $1.features }, threadCount: threadCount)
        let first = forest.scores(
            Self.matrix(rows) { $1.firstFeatures }, threadCount: threadCount)
        // A relationship is as strange as it ever looked.
        let scores = zip(now, first).map { max($0, $1) }
        func byType(_ value: (Int) -> Double) -> [String: [Double]] {
            Dictionary(grouping: rows.indices) { rows[$0].typeName }.mapValues { $0.map(value) }
        }
        let unit = ((scores.max() ?? 0) - (scores.min() ?? 0)) / 10
        calibrations[.relationshipForest] = .fit(
            .relationshipForest, scores: byType { scores[$0] }, farOutUnit: unit)
        let judged: [(Detector, (RelationshipTrainingRow) -> Double)] = [
            (.typeSurprise, { $0.signal(.typeSurprise) }), (.amount, { $0.amountScore }),
        ]
        for (detector, score) in judged {
            let values = byType { score(rows[$0]) }
            guard values.values.joined().contains(where: { !$0.isNaN }) else { continue }
            calibrations[detector] = .fit(detector, scores: values)
        }
    }

    /// The peers of every relationship type, and of all types together.
    private static func peers(
        of rows: [RelationshipTrainingRow], _ byType: [String: [Int]], loop: TrainingLoop
    ) throws(TrainingError) -> [String: PeerGroup] {
        let measures =
            RelationshipFeature.allCases.map(Measure.relationshipFeature)
            + RelationshipSignal.allCases.map(Measure.relationshipSignal)
        var byGroup = byType
        byGroup[PeerGroup.everyone] = Array(rows.indices)
        let groups = byGroup.sorted { $0.key < $1.key }
        let distributions = try loop.each(measures.count) { column in
            groups.map { _, places -> PeerDistribution? in
                switch measures[column] {
                case .relationshipFeature(let feature):
                    PeerDistribution(
                        places.map { rows[$0].features[relationship: feature] },
                        modelValue: measures[column].modelValue)
                case .relationshipSignal(let signal):
                    PeerDistribution(places.map { rows[$0].signal(signal) })
                case .feature, .signal, .inboundCount: nil
                }
            }
        }
        var peers: [String: PeerGroup] = [:]
        for (group, (type, places)) in groups.enumerated() {
            var own: [Measure: PeerDistribution] = [:]
            for (measure, byGroup) in zip(measures, distributions) { own[measure] = byGroup[group] }
            peers[type] = PeerGroup(count: places.count, distributions: own)
        }
        return peers
    }
}
