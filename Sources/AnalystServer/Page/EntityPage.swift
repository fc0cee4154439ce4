import AnomalyDetection

/// One entity: what the database tells of it, made ready for its template.
struct EntityPage {
    /// The document of ``PageStore/entity(_:)``.
    let document: PageValue

    /// What is shown of it.
    func values(features: [FeatureCharts.Feature], peerCount: Int64) -> PageValue {
        let anomalies = document["anomalies"].elements
        let relationships = document["relationships"].elements
        let chart = FeatureCharts.peers(features)
        let words =
            "The grey bars are \(peerCount) entities of the type "
            + "\(document["type"].string ?? "?") as they are now."
        return document.adding([
            "has_anomalies": .bool(!anomalies.isEmpty),
            "relationship_words": .text(
                relationships.isEmpty
                    ? "None." : "The newest 50 in each direction, the strangest first."),
            "facts": .list(lines(document["facts"], order: Self.facts)),
            "metrics": .list(lines(document["metrics"], order: Self.metrics)),
            "peers": chart.map { ["chart": .text($0), "words": .text(words)] } ?? .null,
        ])
    }

    /// The entity's features that stand out most among its peers.
    ///
    /// The quantiles are the peers' values by the feature's number, counted from 1.
    static func standingOut(_ values: [Double?], quantiles: PageValue) -> [FeatureCharts.Feature] {
        let features = EntityFeature.allCases.compactMap { feature -> FeatureCharts.Feature? in
            let steps = quantiles[String(feature.rawValue + 1)].elements.compactMap(\.double)
            guard values.indices.contains(feature.rawValue), let value = values[feature.rawValue],
                value.isFinite, steps.count > 1
            else { return nil }
            // Halves of those that are equal: a value that nearly all have stands in the middle.
            let below =
                (Double(steps.count { $0 < value }) + Double(steps.count { $0 <= value })) / 2
                / Double(steps.count)
            return FeatureCharts.Feature(
                name: feature.name, value: value, contribution: 0,
                peerMedian: steps[steps.count / 2], peerQuantile: below, quantiles: steps)
        }
        return Array(
            features.sorted { distance($0) > distance($1) }.prefix(8))
    }

    /// The number of a feature in the database's arrays, counted from 1; nil where there is none.
    static func number(ofFeature name: String) -> Int? {
        EntityFeature(name: name).map { $0.rawValue + 1 }
    }

    /// The features in which entities are compared: those that differ within a type.
    static let comparedFeatures = EntityFeature.allCases
        .filter { $0 != .entityTypeEncoded && $0 != .isVerified }.map { $0.rawValue + 1 }

    private static func distance(_ feature: FeatureCharts.Feature) -> Double {
        abs((feature.peerQuantile ?? 0.5) - 0.5)
    }

    private static let facts = [
        "value", "risk", "confidence", "verified", "source", "sources", "tags", "description",
        "metadata", "first seen", "last seen", "created", "updated",
    ]

    private static let metrics = [
        "degree", "incoming relationships", "outgoing relationships", "strength",
        "clustering coefficient", "triangles", "core number", "component", "community", "PageRank",
        "betweenness", "closeness", "harmonic centrality", "eigenvector centrality",
        "articulation point",
    ]

    private func lines(_ values: PageValue, order: [String]) -> [PageValue] {
        order.compactMap { name in
            let value = values[name]
            let text: String? =
                switch value {
                case .bool(let flag): flag ? "yes" : "no"
                case .integer, .number: value.double.map(PageText.number)
                default: value.string
                }
            return text.map { ["name": .text(name), "value": .text($0)] }
        }
    }
}
