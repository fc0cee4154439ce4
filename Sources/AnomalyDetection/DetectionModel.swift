package import AnomalyModels

/// A trained model of entities: the forest, what each detector's scores are worth, and the peers.
///
/// Types are kept by name, so a model may travel to another database.
package struct DetectionModel: Sendable, Equatable {
    /// What it is and where it comes from.
    package var card: ModelCard
    /// The isolation forest over the features on the scale of the models.
    package var forest: IsolationForest
    /// The calibrations by detector; a detector without one is silent.
    package var calibrations: [Detector: DetectorCalibration]
    /// The peers by type name; those of all types under ``PeerGroup/everyone``.
    package var peers: [String: PeerGroup]
    /// How rare the values of single measures are, by type.
    package var measureTails = MeasureTails()
    /// The mean of all ratings in training; NaN where there were none.
    package var meanRating: Double
    /// What is known about relationships; nil where there were too few to learn from.
    package var relationships: RelationshipModel?
    /// What is known about tags and watched numbers; nil where no type had enough of them.
    package var context: ContextModel?
    /// The watched numbers by type name.
    package var numbers: [String: NumericModel] = [:]
    /// How often entities of a type are neighbours of those of another, by both names.
    package var neighbourTypes: NeighbourTypes = [:]
    /// How rarely the indicators of entities and of relationships hold; nil where nobody looked.
    package var indicatorRarities, relationshipIndicatorRarities: IndicatorRarities?
    /// The indicators that there were in training, by ``IndicatorRarities/key(of:)``.
    package var knownIndicators: Set<String> = []
    /// What it knows about behaviour; nil for nothing.
    package var behaviour: BehaviourModel?
    /// What later data are compared with; nil where the model is older than that.
    package var driftReference: DriftReference?

    /// A model of these parts.
    package init(
        card: ModelCard, forest: IsolationForest, calibrations: [Detector: DetectorCalibration],
        peers: [String: PeerGroup], meanRating: Double, behaviour: BehaviourModel? = nil
    ) {
        self.card = card
        self.forest = forest
        self.calibrations = calibrations
        self.peers = peers
        self.meanRating = meanRating
        self.behaviour = behaviour
    }

    /// The name of this model.
    package var version: String { card.version }

    package static func == (first: DetectionModel, second: DetectionModel) -> Bool {
        // Without ratings the mean is NaN in both.
        first.card == second.card && first.forest == second.forest
            && first.calibrations == second.calibrations && first.peers == second.peers
            && first.measureTails == second.measureTails
            && first.meanRating.bitPattern == second.meanRating.bitPattern
            && first.relationships == second.relationships
            && first.context == second.context && first.numbers == second.numbers
            && first.neighbourTypes == second.neighbourTypes
            && first.indicatorRarities == second.indicatorRarities
            && first.relationshipIndicatorRarities == second.relationshipIndicatorRarities
            && first.knownIndicators == second.knownIndicators
            && first.behaviour == second.behaviour
            && first.driftReference == second.driftReference
    }
}

/// A model with its parts laid out by the type codes of one database.
struct ResolvedModel: Sendable {
    let model: DetectionModel
    private let byCode: [Int32: TypeModel]
    private let other: TypeModel
    /// By relationship type code; empty without a model of relationships.
    private var byRelationshipCode: [Int32: TypeModel] = [:]
    private var otherRelationship: TypeModel?
    /// The codes of the relationship types that are followed as a stream.
    private(set) var recurringTypeCodes: Set<Int32> = []
    /// The rarity of the indicators as they are now.
    let indicatorTails, relationshipIndicatorTails: IndicatorTails

    init(model: DetectionModel, catalog: TypeCatalog, indicators: [Indicator]) {
        self.model = model
        indicatorTails = IndicatorTails(
            model.indicatorRarities, of: indicators, known: model.knownIndicators)
        relationshipIndicatorTails = IndicatorTails(
            model.relationshipIndicatorRarities, of: indicators, known: model.knownIndicators)
        var byCode: [Int32: TypeModel] = [:]
        for (code, name) in catalog.entityTypes {
            byCode[code] = TypeModel(
                model: model, typeName: name, watched: catalog.numericMetadata[code] ?? [])
        }
        self.byCode = byCode
        other = TypeModel(model: model, typeName: PeerGroup.everyone, watched: [])
        guard let relationships = model.relationships else { return }
        byRelationshipCode = catalog.relationshipTypes.mapValues {
            TypeModel(relationships, of: model, typeName: $0)
        }
        otherRelationship = TypeModel(relationships, of: model, typeName: PeerGroup.everyone)
        let recurring = Set(relationships.recurringTypes)
        recurringTypeCodes = Set(
            catalog.relationshipTypes.filter { recurring.contains($0.value) }.keys)
    }

    func typeModel(_ code: Int32) -> TypeModel { byCode[code] ?? other }

    /// Nil without a model of relationships.
    func relationshipTypeModel(_ code: Int32) -> TypeModel? {
        byRelationshipCode[code] ?? otherRelationship
    }
}

extension IsolationForest {
    /// Whether any tree splits by a feature that is not the place in the graph.
    fileprivate var seesAttributes: Bool {
        let places = Set(EntityFeature.placesInGraph.map { Int32($0.rawValue) })
        return nodes.feature.contains { $0 >= 0 && !places.contains($0) }
    }
}

/// What a model knows about one entity type.
struct TypeModel: Sendable {
    let comparison: PeerComparison
    /// One or two for each detector; see ``DetectorCalibration/calibrations(for:)``.
    let calibrations: [Detector: [TailCalibration]]
    /// How rare the values of single measures are.
    let tails: TypeTails
    /// How many entities of any type the detectors of amounts judged in training.
    let amountPeerCounts: [Detector: Int]

    /// Nil where none are watched, or training had too few.
    let numbers: ResolvedNumbers?

    /// False where the forest found nothing to split by but the place in the graph.
    ///
    /// So it is in a graph of bare nodes. The structure family judges that already, and the same
    /// evidence must not vote twice.
    let isForestHeard: Bool

    init(model: DetectionModel, typeName: String, watched: [String]) {
        isForestHeard = model.forest.seesAttributes
        numbers = model.numbers[typeName].map { ResolvedNumbers($0, watched: watched) }
        comparison = PeerComparison(typeName: typeName, peers: model.peers)
        calibrations = Self.calibrations(of: model, typeName, scope: .entity)
        tails = model.measureTails.tails(for: typeName)
        let everyone = model.peers[PeerGroup.everyone]?.distributions
        amountPeerCounts = [
            .benford: everyone?[.signal(.benfordDeviation)]?.count ?? 0,
            .structuring: everyone?[.signal(.structuringCount)]?.count ?? 0,
        ]
    }

    /// What a model knows about one relationship type.
    init(_ relationships: RelationshipModel, of model: DetectionModel, typeName: String) {
        isForestHeard = true
        numbers = nil
        comparison = PeerComparison(
            typeName: typeName, peers: relationships.peers,
            features: RelationshipFeature.allCases.map(Measure.relationshipFeature))
        calibrations = Self.calibrations(of: model, typeName, scope: .relationship)
        tails = model.measureTails.tails(for: typeName)
        amountPeerCounts = [:]
    }

    private static func calibrations(
        of model: DetectionModel, _ typeName: String, scope: Indicator.Scope
    ) -> [Detector: [TailCalibration]] {
        var calibrations: [Detector: [TailCalibration]] = [:]
        for (detector, calibration) in model.calibrations where detector.scope == scope {
            calibrations[detector] = calibration.calibrations(for: typeName)
        }
        return calibrations
    }

    /// What the calibrations say about a raw score; nil where the detector is silent about it.
    func verdict(_ detector: Detector, _ score: Double, looks: Int = 1) -> DetectorVerdict? {
        guard !score.isNaN, let calibrations = calibrations[detector] else { return nil }
        let scaled = detector.calibrationScale(score)
        // Where two speak it must be strange for both.
        guard let p = calibrations.map({ $0.tailProbability(scaled) }).max(),
            let count = calibrations.map(\.count).min()
        else { return nil }
        return DetectorVerdict(
            detector: detector, score: score, tailProbability: min(1, p * Double(looks)),
            calibrationCount: count, looks: looks)
    }

    /// What a detector of rare measures says; nil where nothing is rare.
    func rareVerdict(_ detector: Detector, value: (Measure) -> Double) -> DetectorVerdict? {
        let verdict = verdict(detector, tails.score(detector, value: value))
        guard let verdict, verdict.tailProbability < detector.heardProbabilityMax else {
            return nil
        }
        return verdict
    }

    var peerTypeName: String { comparison.peerTypeName }
    var peers: PeerGroup { comparison.peers }
    var featurePeers: [PeerDistribution?] { comparison.featurePeers }
}
