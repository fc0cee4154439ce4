/// The JSON form of conditions:
///
///     {"feature": "confidence_score", "op": "<", "value": 0.3}
///     {"signal": "burst_count", "op": ">=", "peer_quantile": 0.99, "factor": 2}
///     {"signal": "dormancy_days", "op": ">=", "setting": "dormancy_days"}
///     {"signal": "inbound_count", "relationship_type": "resolves_to", "op": ">=", "value": 20}
///     {"signal": "degree", "op": ">=", "value": 3, "evidence": false}
///     {"type": ["ip_address"]}   {"source_type": "person"}   {"target_type": "domain"}
///     {"all": [...]}   {"any": [...]}   {"not": {...}}
///
/// The database holds the same rules, in `vigil.find_condition_fault`.
extension IndicatorCondition: Codable {
    /// So deep conditions may be nested.
    static let depthMax = 8

    /// Decodes a condition of entities; ``init(json:scope:)`` reads those of relationships.
    package init(from decoder: any Decoder) throws {
        do {
            try self.init(json: JSONValue(from: decoder), scope: .entity)
        } catch let error as IndicatorError {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: error.message))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        try json.encode(to: encoder)
    }

    /// Parses a condition; the error names what it did not understand.
    package init(json: JSONValue, scope: Indicator.Scope) throws(IndicatorError) {
        try self.init(json: json, scope: scope, depth: 1)
    }

    private init(
        json: JSONValue, scope: Indicator.Scope, depth: Int
    ) throws(IndicatorError) {
        guard case .object(let members) = json else {
            throw IndicatorError("a condition must be a JSON object")
        }
        guard depth <= Self.depthMax else {
            throw IndicatorError("conditions may be nested \(Self.depthMax) deep at most")
        }
        guard let form = Self.forms(of: scope).first(where: { members[$0] != nil }),
            let body = members[form]
        else {
            throw IndicatorError(
                "a condition needs one of the keys "
                    + "\(Self.forms(of: scope).joined(separator: ", ")); found "
                    + (members.keys.sorted().joined(separator: ", ").nonEmpty ?? "none"))
        }
        if form == "feature" || form == "signal" {
            self = .comparison(try Comparison(members: members, scope: scope))
            return
        }
        try Self.refuseOthers(members, than: [form])
        switch form {
        case "all": self = .all(try Self.list(body, of: form, scope: scope, depth: depth))
        case "any": self = .any(try Self.list(body, of: form, scope: scope, depth: depth))
        case "not":
            self = .not(try IndicatorCondition(json: body, scope: scope, depth: depth + 1))
        case "source_type": self = .sourceType(try Self.typeNames(body, of: form))
        case "target_type": self = .targetType(try Self.typeNames(body, of: form))
        default: self = .type(try Self.typeNames(body, of: form))
        }
    }

    /// The keys by which a condition says what it is.
    private static func forms(of scope: Indicator.Scope) -> [String] {
        switch scope {
        case .entity: ["all", "any", "not", "type", "feature", "signal"]
        case .relationship:
            ["all", "any", "not", "type", "source_type", "target_type", "feature", "signal"]
        }
    }

    /// The JSON form.
    package var json: JSONValue {
        switch self {
        case .all(let parts): .object(["all": .array(parts.map(\.json))])
        case .any(let parts): .object(["any": .array(parts.map(\.json))])
        case .not(let part): .object(["not": part.json])
        case .type(let names): .object(["type": .array(names.map(JSONValue.string))])
        case .sourceType(let names):
            .object(["source_type": .array(names.map(JSONValue.string))])
        case .targetType(let names):
            .object(["target_type": .array(names.map(JSONValue.string))])
        case .comparison(let comparison): .object(comparison.members)
        }
    }

    private static func list(
        _ json: JSONValue, of key: String, scope: Indicator.Scope, depth: Int
    ) throws(IndicatorError) -> [IndicatorCondition] {
        guard case .array(let elements) = json, !elements.isEmpty else {
            throw IndicatorError("\"\(key)\" needs a list of conditions that is not empty")
        }
        var parts: [IndicatorCondition] = []
        for element in elements {
            parts.append(try IndicatorCondition(json: element, scope: scope, depth: depth + 1))
        }
        return parts
    }

    private static func typeNames(
        _ json: JSONValue, of key: String
    ) throws(IndicatorError) -> [String] {
        if let name = json.text { return [name] }
        guard case .array(let elements) = json, !elements.isEmpty,
            elements.allSatisfy({ $0.text != nil })
        else {
            throw IndicatorError("\"\(key)\" needs the name of a type, or a list of them")
        }
        return elements.compactMap(\.text)
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
    fileprivate init(
        members: [String: JSONValue], scope: Indicator.Scope
    ) throws(IndicatorError) {
        try IndicatorCondition.refuseOthers(
            members,
            than: [
                "feature", "signal", "relationship_type", "op", "value", "peer_quantile", "factor",
                "setting", "evidence",
            ])
        let described: MeasureDescription
        (measure, described) = try Self.measure(members, scope: scope)
        let name = described.name
        guard let sign = members["op"]?.text else {
            throw IndicatorError("the comparison of \(name) needs an \"op\"")
        }
        guard let relation = IndicatorCondition.Relation(rawValue: sign) else {
            let known = IndicatorCondition.Relation.allCases.map(\.rawValue)
            throw IndicatorError(
                "unknown op \"\(sign)\"; use one of \(known.joined(separator: " "))")
        }
        self.relation = relation
        bound = try Self.bound(members, of: described)
        switch members["evidence"] {
        case nil: isEvidence = true
        case .bool(let flag)?: isEvidence = flag
        default: throw IndicatorError("the evidence for \(name) is true or false")
        }
    }

    private static func measure(
        _ members: [String: JSONValue], scope: Indicator.Scope
    ) throws(IndicatorError) -> (Measure, MeasureDescription) {
        if members["feature"] != nil, members["signal"] != nil {
            throw IndicatorError("a comparison names a feature or a signal, not both")
        }
        let kind: MeasureDescription.Kind = members["feature"] == nil ? .signal : .feature
        guard let name = members[kind.rawValue]?.text else {
            throw IndicatorError("\"\(kind.rawValue)\" needs the name of a \(kind.rawValue)")
        }
        guard let found = MeasureDescription.named(name, scope: scope, kind: kind) else {
            let question = NameSuggestion.question(
                name, known: MeasureDescription.names(of: scope))
            throw IndicatorError(
                "unknown \(kind.rawValue) \"\(name)\""
                    + (question
                        ?? "; vigil.indicator_measures lists those of \(scope.plural)"))
        }
        guard found.scope == scope else {
            throw IndicatorError(
                "\(name) is a \(found.kind.rawValue) of \(found.scope.plural), "
                    + "and the indicator looks at \(scope.plural)")
        }
        guard found.kind == kind else {
            throw IndicatorError("\(name) is a \(found.kind.rawValue), not a \(kind.rawValue)")
        }
        let type = members["relationship_type"]
        if name == Measure.inboundCountName {
            guard let type = type?.text else {
                throw IndicatorError("the signal inbound_count needs a \"relationship_type\"")
            }
            return (.inboundCount(relationshipType: type), found)
        }
        guard type == nil else {
            throw IndicatorError("\(name) takes no \"relationship_type\"")
        }
        guard let measure = Measure(name: name, scope: scope) else {
            throw IndicatorError("unknown \(kind.rawValue) \"\(name)\"")
        }
        return (measure, found)
    }

    private static func bound(
        _ members: [String: JSONValue], of measure: MeasureDescription
    ) throws(IndicatorError) -> IndicatorCondition.Bound {
        let given = ["value", "peer_quantile", "setting"].filter { members[$0] != nil }
        guard given.count == 1, let kind = given.first else {
            throw IndicatorError(
                "the comparison of \(measure.name) needs exactly one of value, peer_quantile, "
                    + "setting")
        }
        if members["factor"] != nil, kind != "peer_quantile" {
            throw IndicatorError(
                "a factor belongs to a peer_quantile, not to the \(kind) for \(measure.name)")
        }
        switch kind {
        case "value": return .value(try value(members["value"], of: measure))
        case "peer_quantile":
            guard let quantile = members["peer_quantile"]?.double, quantile >= 0, quantile <= 1
            else {
                throw IndicatorError(
                    "the peer_quantile for \(measure.name) must be a number from 0 to 1")
            }
            guard let factor = (members["factor"] ?? .number(1)).double, factor.isFinite else {
                throw IndicatorError("the factor for \(measure.name) must be a number")
            }
            guard measure.hasPeers else {
                throw IndicatorError("\(measure.name) is not compared with peers")
            }
            return .peerQuantile(quantile, factor: factor)
        default:
            let name = members["setting"]?.text ?? ""
            guard DetectionSettings.boundNames.contains(name) else {
                throw IndicatorError(
                    "unknown setting \"\(name)\" for \(measure.name); use one of "
                        + DetectionSettings.boundNames.joined(separator: ", "))
            }
            return .setting(name)
        }
    }

    private static func value(
        _ json: JSONValue?, of measure: MeasureDescription
    ) throws(IndicatorError) -> Double {
        if case .bool(let flag)? = json { return flag ? 1 : 0 }
        guard let value = json?.double, value.isFinite else {
            throw IndicatorError("the value for \(measure.name) must be a number")
        }
        if ["share", "flag"].contains(measure.unit), !(0...1).contains(value) {
            throw IndicatorError(
                "\(measure.name) runs from 0 to 1, and \(NumberText.number(value)) lies outside")
        }
        return value
    }

    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = ["op": .string(relation.rawValue)]
        switch measure {
        case .feature(let feature): members["feature"] = .string(feature.name)
        case .signal(let signal): members["signal"] = .string(signal.rawValue)
        case .relationshipFeature(let feature): members["feature"] = .string(feature.name)
        case .relationshipSignal(let signal): members["signal"] = .string(signal.rawValue)
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
        if !isEvidence { members["evidence"] = .bool(false) }
        return members
    }
}

extension String {
    var nonEmpty: String? { isEmpty ? nil : self }
}
