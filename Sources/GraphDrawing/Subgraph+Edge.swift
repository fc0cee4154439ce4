extension Subgraph {
    /// One relationship, or several that were counted together.
    package struct Edge: Codable, Sendable, Equatable {
        /// The relationship's key.
        package var id: Int64
        /// The key of the entity that it starts from.
        package var source: Int64
        /// The key of the entity that it leads to.
        package var target: Int64
        /// The relationship's type, such as `resolves_to`.
        package var type: String
        /// Whether it belongs to the anomaly.
        package var isAnomalous: Bool
        /// Why it is anomalous, in a few words.
        package var reason: String?
        /// How many relationships it stands for.
        package var count: Int

        /// Makes a relationship.
        package init(
            id: Int64, source: Int64, target: Int64, type: String, isAnomalous: Bool = false,
            reason: String? = nil, count: Int = 1
        ) {
            self.id = id
            self.source = source
            self.target = target
            self.type = type
            self.isAnomalous = isAnomalous
            self.reason = reason
            self.count = Self.bounded(count)
        }

        enum CodingKeys: String, CodingKey {
            case id, source, target, type
            case isAnomalous = "anomalous"
            case reason, count
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            id = try values.decodeIdentifier(forKey: .id)
            source = try values.decodeIdentifier(forKey: .source)
            target = try values.decodeIdentifier(forKey: .target)
            type = try values.decodeIfPresent(String.self, forKey: .type) ?? "related_to"
            isAnomalous = try values.decodeIfPresent(Bool.self, forKey: .isAnomalous) ?? false
            reason = try values.decodeIfPresent(String.self, forKey: .reason)
            count = Self.bounded(try values.decodeIfPresent(Int.self, forKey: .count) ?? 1)
        }

        /// Keeps sums of counts from strangers' data far away from overflow.
        private static func bounded(_ count: Int) -> Int { min(max(count, 1), 1_000_000_000) }
    }
}
