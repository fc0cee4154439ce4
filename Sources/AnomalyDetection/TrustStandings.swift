import AnomalyModels
package import GraphEngine

/// What the word of each rater counts, as of one state of the graph; see ``SignedTrust``.
///
/// Frozen between two refreshes of the global metrics. So one rating touches the sums of the rated alone,
/// and the same ratings and the same refresh give the same bits in any order. Who has come since has
/// no standing yet.
package struct TrustStandings: Sendable, Equatable {
    /// c(u) by entity; who is absent has none.
    package var byEntity: [NodeKey: Float]
    /// c₀, the mean standing behind a rating, and w₀, the mean rating.
    package var usualStanding, meanRating: Double

    /// The standings of all raters of a graph; nil where no rating is of the given types.
    ///
    /// Of several ratings of one pair the newest counts.
    /// - Complexity: O(ratings · ``SignedTrust/roundCount``)
    package static func compute(_ graph: AdjacencyGraph, ratingTypes: Set<Int32>) -> Self? {
        guard !ratingTypes.isEmpty else { return nil }
        var rows: [(edge: Edge, source: NodeKey, target: NodeKey)] = []
        for node in 0..<NodeIndex(graph.nodeIndexBound) where graph.isLive(node) {
            graph.withIncidentEdges(of: node) { incident in
                for row in incident {
                    let edge = graph.edge(at: row)
                    guard edge.source == node, edge.attributes.isRating(among: ratingTypes)
                    else { continue }
                    rows.append(
                        (edge, graph.nodeKey(at: edge.source), graph.nodeKey(at: edge.target)))
                }
            }
        }
        // By keys, so that the entities' places in the graph leave no trace.
        let keys = Set(rows.lazy.flatMap { [$0.source, $0.target] }).sorted()
        let numbers = Dictionary(
            uniqueKeysWithValues: keys.enumerated().map { ($1, Int32($0)) })
        rows.sort { ($0.edge.age, $0.edge.key) < ($1.edge.age, $1.edge.key) }
        let ratings = rows.compactMap { row -> SignedTrust.Rated? in
            guard let source = numbers[row.source], let target = numbers[row.target] else {
                return nil
            }
            return SignedTrust.Rated(
                source: source, target: target,
                rating: RatingSum.bounded(Double(row.edge.attributes.weight)))
        }
        guard let most = ratings.map({ abs($0.rating) }).max(), most > 0 else { return nil }
        let trust = SignedTrust(ratings, ratingMax: most)
        var byEntity: [NodeKey: Float] = [:]
        for (number, key) in keys.enumerated() {
            let standing = trust.standing(of: Int32(number))
            if standing > 0 { byEntity[key] = Float(standing) }
        }
        return TrustStandings(
            byEntity: byEntity, usualStanding: trust.meanStanding,
            meanRating: trust.meanRating * most)
    }
}

extension Edge {
    /// Sorts the oldest first, unknown times before all.
    fileprivate var age: Double { attributes.time.isNaN ? -.infinity : attributes.time }
}

extension EdgeAttributes {
    /// Whether it counts as a rating.
    func isRating(among types: Set<Int32>) -> Bool {
        isActive && types.contains(typeCode) && Double(weight).isFinite
    }
}

/// Sums over the ratings that one entity received, each weighted by its rater's standing, in fixed
/// point, so that they do not depend on the order of the changes.
struct TrustSum: Sendable, Equatable {
    /// Standings are logarithms and ratings at most a million: billions of them fit.
    private static let unit = 1024.0

    private var weight: Int64 = 0
    private var standing: Int64 = 0

    mutating func add(_ rating: Double, standing: Float, count: Int) {
        let scaled = Int64((Double(standing) * Self.unit).rounded())
        self.standing += scaled * Int64(count)
        let product = Double(scaled) * RatingSum.bounded(rating)
        weight += Int64(product.rounded()) * Int64(count)
    }

    /// (Σ c w + 2 c₀ w₀) / (Σ c + 2 c₀): what raters say on average, weighted by their standing; NaN
    /// where nobody has any.
    func mean(_ standings: TrustStandings) -> Double {
        let prior = SignedTrust.pseudoCount * standings.usualStanding
        guard prior > 0 else { return .nan }
        return (Double(weight) / Self.unit + prior * standings.meanRating)
            / (Double(standing) / Self.unit + prior)
    }
}

extension AnomalyDetector {
    /// Takes the standings of a refresh; the ratings are weighed anew.
    /// - Complexity: O(ratings)
    package mutating func adopt(standings: TrustStandings?) {
        self.standings = standings
        standingByNode = PagedArray()
        trustSums = PagedArray()
        guard let standings else { return }
        standingByNode.grow(to: states.count, filledWith: 0)
        for (key, standing) in standings.byEntity {
            if let node = graph.nodeIndex(of: key) { standingByNode[Int(node)] = standing }
        }
        for node in states.indices where states[node] != nil {
            for row in graph.incidentEdges(of: NodeIndex(node)) {
                let edge = graph.edge(at: row)
                if Int(edge.target) == node {
                    countTrust(edge.attributes, from: edge.source, to: edge.target, by: 1)
                }
            }
        }
    }

    /// The mean of the ratings that an entity received, weighted by the standing of the raters; NaN
    /// without ratings, and before the first refresh.
    func trustedRating(of node: NodeIndex, _ state: EntityState) -> Double {
        guard let standings, state.ratings.count > 0 else { return .nan }
        let sum = Int(node) < trustSums.count ? trustSums[Int(node)] : TrustSum()
        return sum.mean(standings)
    }

    mutating func countTrust(
        _ attributes: EdgeAttributes, from source: NodeIndex, to target: NodeIndex, by change: Int
    ) {
        guard standings != nil, attributes.isRating(among: catalog.ratingTypeCodes),
            Int(source) < standingByNode.count, standingByNode[Int(source)] > 0
        else { return }
        trustSums.grow(to: Int(target) + 1, filledWith: TrustSum())
        trustSums[Int(target)].add(
            Double(attributes.weight), standing: standingByNode[Int(source)], count: change)
    }

    /// Forgets what a node stood for, before it is given to another entity.
    mutating func forgetTrust(of node: NodeIndex) {
        if Int(node) < standingByNode.count { standingByNode[Int(node)] = 0 }
        if Int(node) < trustSums.count { trustSums[Int(node)] = TrustSum() }
    }
}
