/// A model as a detector judges by it: laid out by the type codes of the database, with what is kept of the
/// graph for it alone.
struct JudgingModel: Sendable {
    var resolved: ResolvedModel?
    /// What the model knows about tags and numbers; nil where it knows nothing.
    var context: ResolvedContext?
    /// The length of the vector of each node's tags; empty without a context.
    var tagNorms = PagedArray<Float>()
    /// How often entities of a type are neighbours of those of another in training.
    var neighbourTypes: NeighbourTypes = [:]

    /// The types whose rows are followed as a stream.
    var recurringTypeCodes: Set<Int32> { resolved?.recurringTypeCodes ?? [] }

    /// Takes what a model knows about context, and measures the tags of these entities.
    mutating func adopt(context resolved: ResolvedContext?, of states: PagedArray<EntityState?>) {
        context = resolved
        tagNorms = PagedArray()
        guard let resolved else { return }
        for state in states {
            tagNorms.append(state.map { resolved.tagNorm($0.record.tagKeys) } ?? 0)
        }
    }

    /// Keeps the length of the vector of a new or changed entity.
    mutating func noteTags(of record: EntityRecord, at node: Int) {
        guard let context else { return }
        tagNorms.grow(to: node + 1, filledWith: 0)
        tagNorms[node] = context.tagNorm(record.tagKeys)
    }
}

extension AnomalyDetector {
    var resolved: ResolvedModel? { judging.resolved }
    var context: ResolvedContext? { judging.context }
    var tagNorms: PagedArray<Float> { judging.tagNorms }
    var knownNeighbourTypes: NeighbourTypes { judging.neighbourTypes }

    /// A model laid out for this detector's graph.
    func judgingModel(_ model: DetectionModel) -> JudgingModel {
        var judging = JudgingModel()
        judging.resolved = ResolvedModel(model: model, catalog: catalog, indicators: indicators)
        judging.neighbourTypes = model.neighbourTypes
        judging.adopt(
            context: model.context.map { ResolvedContext($0, catalog: catalog) }, of: states)
        return judging
    }

    /// The version of the challenger; nil where there is none.
    package var challengerVersion: String? { challenging?.resolved?.model.version }

    /// This detector with the challenger in the place of the model in use; nil without one.
    ///
    /// It answers as if it had adopted that model from the start, and shares the graph: a copy that is
    /// only asked costs nothing but references. It is not to be kept while this detector changes.
    package var byChallenger: AnomalyDetector? {
        guard let challenging else { return nil }
        var copy = withoutKeptMetrics
        copy.judging = challenging
        copy.challenging = nil
        copy.relationships.challenge()
        return copy
    }

    /// Takes what a model knows about context; nil takes it away.
    package mutating func adopt(context model: ContextModel?) {
        judging.adopt(context: model.map { ResolvedContext($0, catalog: catalog) }, of: states)
    }

    /// Keeps the lengths of the vectors of a new or changed entity.
    mutating func noteTags(of record: EntityRecord, at node: Int) {
        judging.noteTags(of: record, at: node)
        challenging?.noteTags(of: record, at: node)
    }
}
