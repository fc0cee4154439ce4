extension Subgraph {
    /// One entity.
    package struct Node: Codable, Sendable, Equatable {
        /// The entity's key.
        package var id: Int64
        /// The entity's type, such as `domain`.
        package var type: String
        /// The entity's name; nil where it has none.
        package var name: String?
        /// The anomaly score in 0...1; nil where it was not scored.
        package var score: Double?
        /// The severity's name; nil where nothing is wrong.
        package var severity: String?
        /// Steps from the focus.
        package var hop: Int
        /// Metrics by name, for tooltips and programs.
        package var metrics: [String: Double]?

        /// Makes an entity.
        package init(
            id: Int64, type: String, name: String? = nil, score: Double? = nil,
            severity: String? = nil, hop: Int = 1, metrics: [String: Double]? = nil
        ) {
            self.id = id
            self.type = type
            self.name = name
            self.score = score
            self.severity = severity
            self.hop = hop
            self.metrics = metrics
        }

        package init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            id = try values.decodeIdentifier(forKey: .id)
            type = try values.decodeIfPresent(String.self, forKey: .type) ?? "unknown"
            name = try values.decodeIfPresent(String.self, forKey: .name)
            score = try values.decodeIfPresent(Double.self, forKey: .score)
            severity = try values.decodeIfPresent(String.self, forKey: .severity)
            hop = try values.decodeIfPresent(Int.self, forKey: .hop) ?? 1
            metrics = try values.decodeIfPresent([String: Double?].self, forKey: .metrics)?
                .compactMapValues { $0 }
        }

        /// The score where it is a number, kept within 0...1.
        var boundedScore: Double? { score.flatMap { $0.isNaN ? nil : min(max($0, 0), 1) } }
    }
}

extension KeyedDecodingContainer {
    /// A key that may be written as a number or, by programs that fear for large ones, as text.
    func decodeIdentifier(forKey key: Key) throws -> Int64 {
        if let text = try? decode(String.self, forKey: key), let number = Int64(text) {
            return number
        }
        return try decode(Int64.self, forKey: key)
    }

    /// The same for a key that may be absent or null.
    func decodeIdentifierIfPresent(forKey key: Key) throws -> Int64? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        return try decodeIdentifier(forKey: key)
    }
}
