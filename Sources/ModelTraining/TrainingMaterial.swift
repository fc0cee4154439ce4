import AnomalyDetection
import AnomalyModels
import GraphEngine

/// What a training run learns from, computed once whatever is fitted to it.
///
/// The rarities of tags and of neighbours' types, the usual hours and the network of behaviour are
/// part of the features. A network costs too much to be trained for each fold; it says which rows it
/// has learnt from, so that a validation can do without it there.
struct TrainingMaterial {
    /// The detector with its metrics and context, without a model.
    let detector: AnomalyDetector
    let asOf: Double
    let options: ModelTrainer.Options
    let context: ContextModel?
    let neighbourTypes: NeighbourTypes
    let behaviour: TrainingBehaviour
    let tieRanges: [Double]
    /// The entities to learn from, ascending by key.
    let rows: [TrainingRow]
    /// The measures of the entities.
    let columns: TrainingColumns
    /// The relationships to learn from, ascending by key.
    let relationshipRows: [RelationshipTrainingRow]

    init(
        _ detector: AnomalyDetector, asOf: Double, options: ModelTrainer.Options,
        loop: TrainingLoop, progress: (ModelTrainer.Stage, Double) -> Void
    ) throws(TrainingError) {
        let ids = detector.entityIDs.filter { !options.excludedEntityIDs.contains($0) }
        guard ids.count >= ModelTrainer.rowCountMin else {
            throw TrainingError(
                code: .tooFewRows,
                message: "training needs at least \(ModelTrainer.rowCountMin) active entities; "
                    + "there are \(ids.count)",
                hint: "until then rules judge; relationships are learnt from "
                    + "\(ModelTrainer.relationshipCountMin) on, behaviour from "
                    + "\(TrainingBehaviour.windowCountMin) windows on")
        }
        progress(.metrics, 0)
        try loop.check()
        var detector = detector.withGlobalMetrics(
            asOf: asOf, seed: options.seed, threadCount: options.threadCount)
        try loop.check()
        context = detector.contextModel(seed: options.seed, excluded: options.excludedEntityIDs)
        detector.adopt(context: context)
        neighbourTypes = detector.neighbourTypes(excluded: options.excludedEntityIDs)
        detector.adopt(neighbourTypes: neighbourTypes)
        progress(.metrics, 1)

        let source = detector
        let brokerageStride = (ids.count - 1) / ModelTrainer.brokerageSampleCount + 1
        var rows = try loop.map(ids.count, progress: { progress(.features, $0) }) { place in
            var row = source.trainingRow(of: ids[place], asOf: asOf)
            if place % brokerageStride == 0 {
                row?.values[.signal(.bridgedPairs)] = source.bridgedPairCount(of: ids[place])
            }
            return row
        }.compactMap(\.self)
        tieRanges = detector.sampledTieRanges(
            sampleCount: ModelTrainer.tieSampleCount, seed: options.seed)
        progress(.features, 1)

        let sample = detector.relationshipSample(
            sampleCount: ModelTrainer.relationshipSampleCount, seed: options.seed,
            excluded: options.excludedRelationshipIDs)
        relationshipRows = try loop.map(
            sample.count, progress: { progress(.relationships, $0) }
        ) { source.relationshipTrainingRow(sample[$0], asOf: asOf) }
        progress(.relationships, 1)

        behaviour = try TrainingBehaviour(
            detector, rows: &rows, asOf: asOf, options: options, loop: loop
        ) { progress(.behaviour, $0) }
        progress(.behaviour, 1)
        self.detector = detector
        self.asOf = asOf
        self.options = options
        self.rows = rows
        columns = try TrainingColumns(rows, loop: loop)
    }

    /// The same features, with other options for what is fitted to them.
    init(_ material: TrainingMaterial, options: ModelTrainer.Options) {
        detector = material.detector
        asOf = material.asOf
        self.options = options
        context = material.context
        neighbourTypes = material.neighbourTypes
        behaviour = material.behaviour
        tieRanges = material.tieRanges
        rows = material.rows
        columns = material.columns
        relationshipRows = material.relationshipRows
    }

    /// Fits everything that is not part of the features to these rows.
    func fit(
        entities places: [Int], relationships relationshipPlaces: [Int], loop: TrainingLoop,
        indicatorRowsMax: Int = AnomalyDetector.indicatorRowsMax,
        progress: (ModelTrainer.Stage, Double) -> Void = { _, _ in }
    ) throws(TrainingError) -> DetectionModel {
        let rows = places.count == self.rows.count ? self.rows : places.map { self.rows[$0] }
        let peers = try TrainingPeers(
            columns, rows: self.rows, at: places, tieRanges: tieRanges, loop: loop
        ).groups
        try loop.check()
        progress(.forest, 0.5)
        let forest = try EntityForest(columns.views, at: places, options: options)
        progress(.forest, 1)
        try loop.check()

        let numbers = try TrainingNumbers(
            rows: rows, keys: detector.watchedNumbers, options: options)
        var tails = MeasureTails()
        let placesByType = Dictionary(grouping: places) { self.rows[$0].typeName }
        for detector in [Detector.peerDeviation, .neighbourDeviation] {
            tails.learn(detector, from: placesByType, value: columns.modelValue)
        }
        progress(.calibrations, 0.3)
        try loop.check()
        var calibrations = TrainingCalibrations(
            rows: rows, peers: peers, tieRanges: tieRanges, numbers: numbers,
            rareMeasures: [.peerDeviation, .neighbourDeviation].reduce(into: [:]) {
                $0[$1] = tails.calibration(
                    of: $1, from: placesByType, value: columns.modelValue)
            },
            behaviour: behaviour.calibrations(of: self.rows, at: places),
            forestScores: zip(rows, forest.scores).map { ($0.typeName, $1) })
        progress(.calibrations, 0.6)
        try loop.check()
        let relationshipRows =
            relationshipPlaces.count == self.relationshipRows.count
            ? self.relationshipRows : relationshipPlaces.map { self.relationshipRows[$0] }
        let relationships = try TrainingRelationships(
            detector, rows: relationshipRows, options: options, tails: &tails, loop: loop)
        calibrations.add(relationships.calibrations)
        progress(.calibrations, 1)
        try loop.check()

        var model = DetectionModel(
            card: emptyCard, forest: forest.forest, calibrations: calibrations.byDetector,
            peers: peers, meanRating: calibrations.meanRating)
        model.card.contaminationRowCount = forest.leftOutCount
        model.card.parameters["relationship_rows_left_out"] = Double(relationships.leftOutCount)
        model.card.calibrations = calibrations.summaries
        model.measureTails = tails
        model.relationships = relationships.model
        model.behaviour = behaviour.model
        model.context = context
        model.numbers = numbers.models
        model.neighbourTypes = neighbourTypes
        try learnIndicators(
            of: &model, rows, relationshipRows, rowsMax: indicatorRowsMax, loop: loop
        ) { progress(.indicators, $0) }
        return model
    }

    /// How rarely the indicators hold, of entities half as of now and half as of their latest change: most
    /// verdicts are passed right after one.
    private func learnIndicators(
        of model: inout DetectionModel, _ rows: [TrainingRow],
        _ relationshipRows: [RelationshipTrainingRow], rowsMax: Int, loop: TrainingLoop,
        progress: (Double) -> Void
    ) throws(TrainingError) {
        model.knownIndicators = Set(detector.indicators.map(IndicatorRarities.key(of:)))
        var judging = detector
        judging.adopt(model: model)
        let (judge, asOf) = (judging, asOf)
        func places(_ count: Int) -> [Int] {
            Array(stride(from: 0, to: count, by: max(1, (count - 1) / rowsMax + 1)))
        }
        let entities = places(rows.count).enumerated().map { place, row in
            (id: rows[row].id, time: place % 2 == 0 ? asOf : min(asOf, rows[row].lastChange))
        }
        model.indicatorRarities = IndicatorRarities(
            try loop.map(entities.count, progress: { progress(0.7 * $0) }) {
                judge.firedIndicatorKeys(of: entities[$0].id, asOf: entities[$0].time)
            }.compactMap(\.self))
        guard model.relationships != nil else { return progress(1) }
        let ids = places(relationshipRows.count).map { relationshipRows[$0].id }
        model.relationshipIndicatorRarities = IndicatorRarities(
            try loop.map(ids.count, progress: { progress(0.7 + 0.3 * $0) }) {
                judge.firedIndicatorKeys(ofRelationship: ids[$0], asOf: asOf)
            }.compactMap(\.self))
        progress(1)
    }
}

// MARK: - The card

extension TrainingMaterial {
    private var emptyCard: ModelCard {
        ModelCard(
            kind: .ensemble, method: .isolationForest, version: options.version,
            schema: EntityFeature.schema, features: EntityFeature.names,
            createdAt: options.createdAt, asOf: asOf, seed: options.seed, parameters: [:],
            trainingRowsByType: [:], nodeCount: detector.entityCount,
            relationshipCount: detector.relationshipCount, graphEpoch: detector.graphEpoch,
            fingerprint: "")
    }

    /// The card of the model that was fitted to all rows.
    func card(of model: DetectionModel, fingerprint: String) -> ModelCard {
        var card = emptyCard
        card.fingerprint = fingerprint
        card.trainingRowsByType = Dictionary(grouping: rows, by: \.typeName).mapValues(\.count)
        card.trainingRowCount = rows.count
        card.contaminationRowCount = model.card.contaminationRowCount
        card.calibrations = model.card.calibrations
        card.parameters = model.card.parameters
        let facts: [String: Double] = [
            "tree_count": Double(options.treeCount), "sample_size": Double(options.sampleSize),
            "contamination": options.contamination,
            "burst_window_seconds": detector.settings.burstWindowSeconds,
            "entity_rows_needed": Double(ModelTrainer.rowCountMin),
            "relationship_rows": Double(relationshipRows.count),
            "relationship_rows_needed": Double(ModelTrainer.relationshipCountMin),
            "behaviour_bucket_seconds": detector.settings.behaviourBucketSeconds,
            "behaviour_window_count": Double(behaviour.history?.trainingCount ?? 0),
            "behaviour_windows": Double(behaviour.windowCount),
            "behaviour_windows_needed": Double(TrainingBehaviour.windowCountMin),
            // The model itself is fitted to all rows, whatever the validation held back.
            "fitted_on_all_rows": 1,
        ]
        card.parameters.merge(facts) { _, new in new }
        if let height = options.heightLimit { card.parameters["height_limit"] = Double(height) }
        return card
    }
}

/// The forest of entities, and how strange it finds the rows.
private struct EntityForest {
    let forest: IsolationForest
    let leftOutCount: Int
    /// The largest score of each row's views: an entity is as strange as it ever looked.
    let scores: [Double]

    init(
        _ all: [FeatureMatrix], at places: [Int], options: ModelTrainer.Options
    ) throws(TrainingError) {
        let isWhole = places.count == all[0].rowCount
        let views = isWhole ? all : all.map { $0.selecting(rows: places) }
        // A third as they are today, a third as at their birth, a third as at their latest change:
        // most verdicts are passed right after a change, which must not be strange in itself.
        var mixed = FeatureMatrix(columnCount: EntityFeature.count)
        mixed.values.reserveCapacity(places.count * EntityFeature.count)
        for place in places.indices { mixed.append(row: views[place % 3].row(place)) }
        do throws(ModelError) {
            let keptRows: [Int]
            (forest, keptRows) = try IsolationForest.fitInTwoPasses(
                mixed,
                parameters: IsolationForest.Parameters(
                    treeCount: options.treeCount, sampleSize: options.sampleSize,
                    heightLimit: options.heightLimit, seed: options.seed),
                contamination: options.contamination, threadCount: options.threadCount)
            leftOutCount = places.count - keptRows.count
        } catch {
            throw TrainingError(code: .invalidOption, message: "entity forest: \(error.message)")
        }
        let byView = views.map { [forest] in
            forest.scores($0, threadCount: options.threadCount)
        }
        scores = places.indices.map { row in byView.map { $0[row] }.max() ?? .nan }
    }
}
