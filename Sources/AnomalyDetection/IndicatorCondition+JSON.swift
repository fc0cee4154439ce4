/// The JSON form of conditions:
///
///     {"feature": "confidence_score", "op": "<", "value": 0.3}
///     {"signal": "burst_count", "op": ">=", "peer_quantile": 0.99, "factor": 2}
///     {"signal": "dormancy_days", "op": ">=", "setting": "dormancy_days"}
///     {"signal": "inbound_count", "relationship_type": "resolves_to", "op": ">=", "value": 20}
///     {"type": ["ip_address"]}   {"all": [...]}   {"any": [...]}   {"not": {...}}
extension IndicatorCondition: Codable {
    package init(from decoder: any Decoder) throws {
        do {
            try self.init(json: JSONValue(from: decoder))
        } catch let error as IndicatorError {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: error.message))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        try json.encode(to: encoder)
    }

    /// Parses a condition; the error names what it did not understand.
    package init(json: JSONValue) throws(IndicatorError) {
        guard case .object(let members) = json else {
            throw IndicatorError("a condition must be a JSON object")
        }
        if let parts = members["all"] {
            try Self.refuseOthers(members, than: ["all"])
            self = .all(try Self.list(parts, of: "all"))
        } else if let parts = members["any"] {
            try Self.refuseOthers(members, than: ["any"])
            self = .any(try Self.list(parts, of: "any"))
        } else if let part = members["not"] {
            try Self.refuseOthers(members, than: ["not"])
            self = .not(try IndicatorCondition(json: part))
        } else if let types = members["type"] {
            try Self.refuseOthers(members, than: ["type"])
            self = .type(try Self.typeNames(types))
        } else if members["feature"] != nil || members["signal"] != nil {
            self = .comparison(try Comparison(members: members))
        } else {
            throw IndicatorError(
                "a condition needs one of the keys all, any, not, type, feature, signal; found "
                    + (members.keys.sorted().joined(separator: ", ").nonEmpty ?? "none"))
        }
    }

    /// The JSON form.
    package var json: JSONValue {
        switch self {
        case .all(let parts): .object(["all": .array(parts.map(\.json))])
        case .any(let parts): .object(["any": .array(parts.map(\.json))])
        case .not(let part): .object(["not": part.json])
        case .type(let names): .object(["type": .array(names.map(JSONValue.string))])
        case .comparison(let comparison): .object(comparison.members)
        }
    }

    private static func list(
        _ json: JSONValue, of key: String
    ) throws(IndicatorError) -> [IndicatorCondition] {
        guard case .array(let elements) = json, !elements.isEmpty else {
            throw IndicatorError("\"\(key)\" needs a list of conditions that is not empty")
        }
        var parts: [IndicatorCondition] = []
        for element in elements { parts.append(try IndicatorCondition(json: element)) }
        return parts
    }

    private static func typeNames(_ json: JSONValue) throws(IndicatorError) -> [String] {
        if let name = json.text { return [name] }
        guard case .array(let elements) = json, !elements.isEmpty else {
            throw IndicatorError("\"type\" needs the name of an entity type, or a list of them")
        }
        let names = elements.compactMap(\.text)
        guard names.count == elements.count else {
            throw IndicatorError("\"type\" needs the names of entity types as strings")
        }
        return names
    }

    fileprivate static func refuseOthers(
        _ members: [String: JSONValue], than known: Set<String>
    ) throws(IndicatorError) {
        if let key = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw IndicatorError(
                "unknown key \"\(key)\" beside \(known.sorted().joined(separator: ", "))")
        }
    }
}

extension IndicatorCondition.Comparison {
    fileprivate init(members: [String: JSONValue]) throws(IndicatorError) {
        try IndicatorCondition.refuseOthers(
            members,
            than: [
                "feature", "signal", "relationship_type", "op", "value", "peer_quantile", "factor",
                "setting",
            ])
        measure = try Self.measure(members)
        guard let sign = members["op"]?.text else {
            throw IndicatorError("the comparison of \(measure.name) needs an \"op\"")
        }
        guard let relation = IndicatorCondition.Relation(rawValue: sign) else {
            let known = IndicatorCondition.Relation.allCases.map(\.rawValue)
            throw IndicatorError(
                "unknown op \"\(sign)\"; use one of \(known.joined(separator: " "))")
        }
        self.relation = relation
        bound = try Self.bound(members, of: measure)
    }

    private static func measure(_ members: [String: JSONValue]) throws(IndicatorError) -> Measure {
        if let json = members["feature"] {
            guard let name = json.text else {
                throw IndicatorError("\"feature\" needs the name of a feature")
            }
            guard let feature = EntityFeature(name: name) else {
                throw IndicatorError(
                    "unknown feature \"\(name)\"; the features are "
                        + EntityFeature.names.joined(separator: ", "))
            }
            return .feature(feature)
        }
        guard let name = members["signal"]?.text else {
            throw IndicatorError("\"signal\" needs the name of a signal")
        }
        if name == "inbound_count" {
            guard let type = members["relationship_type"]?.text else {
                throw IndicatorError("the signal inbound_count needs a \"relationship_type\"")
            }
            return .inboundCount(relationshipType: type)
        }
        if name == EntityFeature.relationshipCount.name { return .feature(.relationshipCount) }
        guard let signal = EntitySignal(rawValue: name) else {
            let known = EntitySignal.allCases.map(\.rawValue) + ["inbound_count"]
            throw IndicatorError(
                "unknown signal \"\(name)\"; the signals are " + known.joined(separator: ", "))
        }
        return .signal(signal)
    }

    private static func bound(
        _ members: [String: JSONValue], of measure: Measure
    ) throws(IndicatorError) -> IndicatorCondition.Bound {
        let given = ["value", "peer_quantile", "setting"].filter { members[$0] != nil }
        guard given.count == 1 else {
            throw IndicatorError(
                "the comparison of \(measure.name) needs exactly one of value, peer_quantile, "
                    + "setting")
        }
        if let json = members["value"] {
            if case .bool(let flag) = json { return .value(flag ? 1 : 0) }
            guard let value = json.double else {
                throw IndicatorError("the value for \(measure.name) must be a number")
            }
            return .value(value)
        }
        if let json = members["peer_quantile"] {
            guard let quantile = json.double, quantile >= 0, quantile <= 1 else {
                throw IndicatorError(
                    "the peer_quantile for \(measure.name) must be a number from 0 to 1")
            }
            guard let factor = (members["factor"] ?? .number(1)).double else {
                throw IndicatorError("the factor for \(measure.name) must be a number")
            }
            return .peerQuantile(quantile, factor: factor)
        }
        let name = members["setting"]?.text ?? ""
        guard DetectionSettings.boundNames.contains(name) else {
            throw IndicatorError(
                "unknown setting \"\(name)\" for \(measure.name); use one of "
                    + DetectionSettings.boundNames.joined(separator: ", "))
        }
        return .setting(name)
    }

    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["op": .string(relation.rawValue)]
        switch measure {
        case .feature(let feature): members["feature"] = .string(feature.name)
        case .signal(let signal): members["signal"] = .string(signal.rawValue)
        case .inboundCount(let type):
            members["signal"] = .string("inbound_count")
            members["relationship_type"] = .string(type)
        }
        switch bound {
        case .value(let value): members["value"] = .number(value)
        case .setting(let name): members["setting"] = .string(name)
        case .peerQuantile(let quantile, let factor):
            members["peer_quantile"] = .number(quantile)
            if factor != 1 { members["factor"] = .number(factor) }
        }
        return members
    }
}

extension String {
    var nonEmpty: String? { isEmpty ? nil : self }
}
