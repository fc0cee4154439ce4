import AnomalyModels
import GraphEngine

/// What the detector keeps of relationships beside the graph.
///
/// Two bytes for every row, and more only for the few that have a history; counts of types, weights by
/// type, and the rows of hubs. Every part is the same for any order of the same changes.
struct RelationshipStates: Sendable {
    /// By position of the row.
    private var marks = PagedArray<RelationshipMark>()
    /// By key of the row; only of those that were observed again.
    private(set) var histories: [Int64: RelationshipHistory] = [:]
    /// Active rows by type and the types of their ends.
    private(set) var types = TypeSurprise()
    /// The sizes of the weights of active rows, by type, and by type and type of the source.
    private(set) var weights: [Int32: LogarithmSketch] = [:]
    private(set) var sentWeights: [SentType: LogarithmSketch] = [:]
    private(set) var hubs: [NodeIndex: HubRows] = [:]
    /// The stream of the types that recur; nil where none does, or no model says so.
    var stream: RelationshipStream?
    /// The stream of a challenger under which other types recur.
    var challengerStream: RelationshipStream?
    /// Whether the same types recur for the challenger, or there is none.
    var isStreamShared = true

    func mark(at row: EdgeIndex) -> RelationshipMark {
        Int(row) < marks.count ? marks[Int(row)] : RelationshipMark()
    }

    mutating func setMark(_ mark: RelationshipMark, at row: EdgeIndex) {
        // Trailing rows without anything to say take no room.
        guard Int(row) < marks.count || mark != RelationshipMark() else { return }
        marks.grow(to: Int(row) + 1, filledWith: RelationshipMark())
        marks[Int(row)] = mark
    }

    mutating func insert(_ observation: ObservationRecord, of key: EdgeKey) {
        histories[key.rawValue, default: RelationshipHistory()].insert(observation)
    }

    /// Forgets a row that is gone.
    mutating func forget(_ key: EdgeKey, at row: EdgeIndex) {
        histories[key.rawValue] = nil
        setMark(RelationshipMark(), at: row)
        stream?.forget(key, at: row)
        challengerStream?.forget(key, at: row)
    }

    /// Takes the challenger's stream for the first.
    mutating func challenge() {
        if !isStreamShared { stream = challengerStream }
        challengerStream = nil
        isStreamShared = true
    }

    /// Forgets the histories of rows that never came.
    mutating func keepHistories(where isKept: (EdgeKey) -> Bool) {
        histories = histories.filter { isKept(EdgeKey($0.key)) }
    }

    /// Counts the type and the weight of an active row in (`change` 1) or out (-1).
    mutating func count(_ edge: Edge, types triple: TypeSurprise.Triple, by change: Int32) {
        guard edge.attributes.isActive else { return }
        let weight = abs(edge.attributes.weight)
        if change > 0 {
            types.add(triple)
            if weight > 0 {
                weights[triple.type, default: LogarithmSketch()].add(weight)
                sentWeights[SentType(triple), default: LogarithmSketch()].add(weight)
            }
        } else {
            types.remove(triple)
            weights[triple.type]?.remove(weight)
            if weights[triple.type]?.count == 0 { weights[triple.type] = nil }
            removeSent(weight, SentType(triple))
        }
    }

    private mutating func removeSent(_ weight: Double, _ type: SentType) {
        sentWeights[type]?.remove(weight)
        if sentWeights[type]?.count == 0 { sentWeights[type] = nil }
    }

    mutating func add(_ triple: TypeSurprise.Triple, count: Int) {
        types.add(triple, count: count)
    }

    mutating func addWeights(_ sketch: LogarithmSketch, of type: SentType) {
        sentWeights[type] = sketch
        weights[type.type, default: LogarithmSketch()].merge(sketch)
    }

    /// Moves a row of an entity from one of its types to another.
    mutating func recount(
        from old: TypeSurprise.Triple, to new: TypeSurprise.Triple, weight: Double
    ) {
        types.remove(old)
        types.add(new)
        guard old.source != new.source, abs(weight) > 0 else { return }
        removeSent(abs(weight), SentType(old))
        sentWeights[SentType(new), default: LogarithmSketch()].add(abs(weight))
    }

    /// Counts an active row for those of its ends that are hubs.
    mutating func countHubs(_ edge: Edge, by change: Int32) {
        guard edge.attributes.isActive, !hubs.isEmpty else { return }
        hubs[edge.source]?.count(edge, of: edge.source, by: change)
        if edge.target != edge.source {
            hubs[edge.target]?.count(edge, of: edge.target, by: change)
        }
    }

    /// Makes a node a hub, or no hub any more, by the rows that it has now.
    mutating func reviewHub(_ node: NodeIndex, in graph: AdjacencyGraph) {
        let rowCount = graph.incidentEdgeCount(of: node)
        if hubs[node] == nil {
            guard rowCount > HubRows.rowCountMin else { return }
            hubs[node] = HubRows(of: node, in: graph)
        } else if rowCount < HubRows.rowCountMin / 2 {
            hubs[node] = nil
        }
    }

    mutating func forgetHub(_ node: NodeIndex) { hubs[node] = nil }

    /// What is to be said of the rows at one end of a relationship.
    /// - Complexity: O(rows of the end), at most ``HubRows/rowCountMin``
    func endRows(_ question: EndQuestion, in graph: AdjacencyGraph) -> EndRows {
        if let hub = hubs[question.node] { return hub.answer(question) }
        return EndRows(question, in: graph)
    }
}

/// A relationship type and the type of those who send it.
struct SentType: Hashable, Sendable {
    var type, source: Int32

    init(_ triple: TypeSurprise.Triple) { (type, source) = (triple.type, triple.source) }
}
