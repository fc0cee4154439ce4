import AnomalyModels
package import GraphEngine
package import GraphMetrics

/// The graph, the entities and their activity, and the judgement over them.
///
/// A value with one writer: ``apply(_:)`` costs in the size of the change, ``judge(_:asOf:)`` in the
/// relationships of the entity. There is no clock in it: every question names its time. A copy shares
/// its memory and costs what it changes: a question beginning with "what if" is asked of one.
package struct AnomalyDetector: Sendable {
    /// The type names behind the codes.
    package private(set) var catalog: TypeCatalog
    /// What an administrator has set.
    package internal(set) var settings: DetectionSettings
    /// The indicators that classify and explain.
    package private(set) var indicators: [Indicator]
    /// The graph as the changes have made it.
    package internal(set) var graph = AdjacencyGraph()

    /// By node index; nil where no entity is.
    var states = PagedArray<EntityState?>()
    /// What is kept of relationships beside the graph.
    var relationships = RelationshipStates()
    /// Live entities by type code, for the rarity of a type.
    var typeCounts: [Int32: Int] = [:]
    var liveCount = 0
    /// Sums over the nodes of the graph: exact, whatever the order of the changes.
    var degreeSum = 0
    var degreeSquareSum = 0
    /// The last adopted global metrics; nil before the first.
    package internal(set) var epoch: GlobalEpoch?
    /// Core numbers, components and PageRank, kept under changes; nil where nobody asked for them.
    package internal(set) var kept: IncrementalMetrics?
    /// Whether the nodes touched since the last epoch are not all known.
    var hasLostTouched = true
    /// How many entities have a history that is kept.
    var busyCount = 0
    /// Nodes whose history has stale buckets.
    var staleHistories: Set<NodeIndex> = []
    /// The model in use, and what is kept of the graph for it.
    var judging = JudgingModel()
    /// The same for a model that judges in the shadow of that one; nil where there is none.
    var challenging: JudgingModel?
    /// What reviews have taught; heard as long as it stands on the model in use.
    package private(set) var reviewHead: ReviewHead?
    var neighbourSamples = NeighbourSamples()
    /// What the word of each rater counts as of the last refresh; nil before it, and without ratings.
    var standings: TrustStandings?
    /// By node index; empty without ratings.
    var standingByNode = PagedArray<Float>()
    var trustSums = PagedArray<TrustSum>()
    var amounts: AmountBook

    /// A detector without entities.
    package init(
        catalog: TypeCatalog, settings: DetectionSettings = DetectionSettings(),
        indicators: [Indicator] = []
    ) {
        self.catalog = catalog
        self.settings = settings
        self.indicators = indicators
        amounts = AmountBook(thresholds: settings.structuringThresholds)
    }

    /// Judges by this model from now on; nil goes back to rules alone.
    package mutating func adopt(model: DetectionModel?) {
        judging = model.map(judgingModel) ?? JudgingModel()
        followStreams()
        computeStandings(for: model)
    }

    /// Judges by this model in the shadow of the one in use; nil ends that.
    ///
    /// See ``byChallenger``. Only what a model keeps of the graph is kept twice: the length of each
    /// entity's vector of tags, and the stream where other types recur.
    package mutating func adopt(challenger model: DetectionModel?) {
        challenging = model.map(judgingModel)
        followStreams()
        computeStandings(for: model)
    }

    /// Until the first refresh the raters have the standing of now.
    private mutating func computeStandings(for model: DetectionModel?) {
        guard standings == nil, model?.calibrations[.trust] != nil else { return }
        adopt(standings: TrustStandings.compute(graph, ratingTypes: catalog.ratingTypeCodes))
    }

    /// Hears these reviews from now on; nil hears none.
    package mutating func adopt(reviewHead: ReviewHead?) { self.reviewHead = reviewHead }

    /// What reviews have taught about subjects of a kind; nil where nothing is heard.
    func heardReviews(of scope: Indicator.Scope) -> ReviewScope? {
        guard let head = reviewHead, head.ensembleVersion == resolved?.model.version else {
            return nil
        }
        return head[scope]
    }

    /// Takes the counts that make a type among the neighbours unexpected.
    package mutating func adopt(neighbourTypes: NeighbourTypes) {
        judging.neighbourTypes = neighbourTypes
    }

    /// Takes the global metrics of a frozen snapshot, computed beside the changes.
    package mutating func adopt(globalMetrics: GlobalMetrics, epoch: Int64, asOf: Double) {
        adopt(epoch: GlobalEpoch(metrics: globalMetrics, epoch: epoch, asOf: asOf))
    }

    /// The same, for what was prepared beside the changes.
    package mutating func adopt(epoch: GlobalEpoch) { self.epoch = epoch }

    /// Takes changed settings, indicators and types; ratings are counted again where the rating
    /// types changed.
    package mutating func adopt(
        settings: DetectionSettings, indicators: [Indicator], catalog: TypeCatalog
    ) {
        let areBucketsSame =
            settings.behaviourBucketSeconds == self.settings.behaviourBucketSeconds
        let areRatingsSame = catalog.ratingTypeCodes == self.catalog.ratingTypeCodes
        // A model is laid out by all of these but the threshold, which moves often.
        var lastSettings = self.settings
        lastSettings.anomalyThreshold = settings.anomalyThreshold
        let isLayoutSame =
            lastSettings == settings && indicators == self.indicators && catalog == self.catalog
        self.settings = settings
        self.indicators = indicators
        self.catalog = catalog
        if !areRatingsSame { countRatingsAgain() }
        if !areBucketsSame { beginHistories() }
        if !areRatingsSame || amounts.thresholds != settings.structuringThresholds {
            countAmountsAgain()
        }
        guard !isLayoutSame else { return }
        if let model = resolved?.model { adopt(model: model) }
        if let model = challenging?.resolved?.model { adopt(challenger: model) }
    }

    /// How many live entities there are; only active ones are judged.
    package var entityCount: Int { liveCount }
    /// How many relationship rows there are, active or not.
    package var relationshipCount: Int { graph.edgeCount }
    /// The version of the model in use; nil while rules decide alone.
    package var modelVersion: String? { resolved?.model.version }
    /// The version that judgements name: of the model, and of the head where reviews are heard.
    package var judgementVersion: String? {
        guard let head = reviewHead, head.ensembleVersion == modelVersion else {
            return modelVersion
        }
        return head.judgementVersion
    }
    /// The model in use.
    package var model: DetectionModel? { resolved?.model }
    /// The number of the last adopted global metrics; 0 before the first.
    package var graphEpoch: Int64 { epoch?.epoch ?? 0 }

    /// The keys of the live entities, ascending.
    /// - Complexity: O(n log n)
    package var entityIDs: [Int64] {
        states.compactMap { state in
            guard let state, state.record.isActive else { return nil }
            return state.record.id
        }.sorted()
    }

    /// The record of an entity, active or not; nil where there is none.
    package func record(of entityID: Int64) -> EntityRecord? {
        guard let node = graph.nodeIndex(of: NodeKey(entityID)) else { return nil }
        return states[Int(node)]?.record
    }

    /// A frozen copy of the graph's active part.
    package func makeSnapshot() -> GraphSnapshot { graph.makeSnapshot() }

    /// The node and state of a live entity; nil where there is none or it is not active.
    func live(_ entityID: Int64) -> (node: NodeIndex, state: EntityState)? {
        guard let node = graph.nodeIndex(of: NodeKey(entityID)),
            let state = states[Int(node)], state.record.isActive
        else { return nil }
        return (node, state)
    }
}

/// What the detector keeps of one entity beside its place in the graph.
struct EntityState: Sendable {
    var record: EntityRecord
    var updates = ActivityTimes()
    var ratings = RatingSum()
    /// Distinct neighbours, counted from the changes of the simple graph.
    var degree = 0
    /// The buckets of an entity with many relationships; nil where its rows are scanned.
    var history: BusyHistory?
    /// Its newest observed confidences and risks.
    var recent = RecentValues()
}

/// A sum of ratings in fixed point, so that it does not depend on the order of the changes.
struct RatingSum: Sendable, Equatable {
    /// Ratings beyond a million are cut; the sum of a billion of them still fits.
    static let limit = 1e6
    static let unit = 4096.0

    private(set) var count = 0
    private var scaled: Int64 = 0

    var sum: Double { Double(scaled) / Self.unit }

    mutating func add(_ rating: Double, count change: Int) {
        guard rating.isFinite else { return }
        scaled += Int64((Self.bounded(rating) * Self.unit).rounded()) * Int64(change)
        count += change
    }

    /// A rating within the limit.
    static func bounded(_ rating: Double) -> Double { min(max(rating, -limit), limit) }

    /// The mean as if two more ratings of `globalMean` had been received; NaN without ratings.
    func shrunkMean(globalMean: Double) -> Double {
        guard count > 0, !globalMean.isNaN else { return .nan }
        return (sum + 2 * globalMean) / Double(count + 2)
    }
}
