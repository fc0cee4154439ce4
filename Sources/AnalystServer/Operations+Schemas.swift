/// Bodies and parameters, and how the OpenAPI document tells them.
extension Operations {
    static let anomalyID = Parameter(
        name: "id", place: .path, kind: .uuid, about: "Id of the anomaly.")
    static let numberedID = Parameter(
        name: "id", place: .path, kind: .integer(1...Int64.max), about: "Its id.")
    static let limit = Parameter(
        name: "limit", kind: .integer(1...1000), about: "The most lines; 50 by default.")

    static let severities = ["low", "medium", "high", "critical"]
    static let types = [
        "behavioral", "relationship", "infrastructure", "data_quality", "temporal", "semantic",
    ]
    static let verdicts = Verdict.allCases.map(\.rawValue)

    static let filterParameters = [
        Parameter(
            name: "severity", kind: .words(severities), about: "One or several, with commas."),
        Parameter(name: "type", kind: .words(types), about: "One or several, with commas."),
        Parameter(
            name: "state", kind: .word(["open", "suppressed", "closed", "all"]),
            about: "open by default."),
        Parameter(
            name: "verdict", kind: .words(verdicts + ["none"]),
            about: "One or several, with commas; none: not reviewed."),
        Parameter(
            name: "entity_id", kind: .integer(1...Int64.max), about: "Only those of this entity."),
        Parameter(
            name: "subject", kind: .text(lengthMax: 200),
            about: "The beginning of the subject's name."),
        Parameter(name: "since", kind: .time, about: "Last detected then or later."),
        Parameter(name: "until", kind: .time, about: "Last detected before."),
        Parameter(name: "score_min", kind: .number(0...1), about: "Score at least this."),
        Parameter(name: "score_max", kind: .number(0...1), about: "Score at most this."),
        Parameter(name: "method", kind: .text(lengthMax: 100), about: "Which detectors found it."),
        Parameter(
            name: "incident_id", kind: .integer(1...Int64.max),
            about: "Only those of this incident."),
        Parameter(name: "assigned_to", kind: .text(lengthMax: 200), about: "Who looks after it."),
        Parameter(
            name: "order", kind: .word(["score", "time"]),
            about: "score: the strangest first, by default; time: those detected last first."),
        Parameter(
            name: "after", kind: .text(lengthMax: 500), about: "The next of the page before."),
        limit,
    ]

    struct DetectBody: Decodable {
        var entity_id: Int64
        var timeout_milliseconds: Int32?
    }

    static let detectSchema = """
        {"type": "object", "required": ["entity_id"], "properties": {
            "entity_id": {"type": "integer", "minimum": 1, "maximum": 9223372036854775807},
            "timeout_milliseconds": {"type": ["integer", "null"], "minimum": 0, "maximum": 9000}}}
        """

    struct DetectBatchBody: Decodable {
        var entity_ids: [Int64]
        var timeout_milliseconds: Int32?
    }

    static let detectBatchSchema = """
        {"type": "object", "required": ["entity_ids"], "properties": {
            "entity_ids": {"type": "array", "minItems": 1, "maxItems": \(batchSizeMax),
                "items": {"type": "integer", "minimum": 1, "maximum": 9223372036854775807}},
            "timeout_milliseconds": {"type": ["integer", "null"], "minimum": 0, "maximum": 9000}}}
        """

    struct ReviewBody: Decodable {
        var verdict: String
        var notes: String?
    }

    private static let verdictEnum =
        "[" + verdicts.map { "\"\($0)\"" }.joined(separator: ", ") + "]"

    static let reviewSchema = """
        {"type": "object", "required": ["verdict"], "properties": {
            "verdict": {"type": "string", "enum": \(verdictEnum)},
            "notes": {"type": ["string", "null"], "maxLength": 10000}}}
        """

    struct BulkReviewBody: Decodable {
        var ids: [String]
        var verdict: String
        var notes: String?
    }

    static let bulkReviewSchema = """
        {"type": "object", "required": ["ids", "verdict"], "properties": {
            "ids": {"type": "array", "minItems": 1, "maxItems": 1000,
                "items": {"type": "string", "format": "uuid"}},
            "verdict": {"type": "string", "enum": \(verdictEnum)},
            "notes": {"type": ["string", "null"], "maxLength": 10000}}}
        """

    struct AssignBody: Decodable {
        var assignee: String?
    }

    static let assignSchema = """
        {"type": "object", "properties": {
            "assignee": {"type": ["string", "null"], "maxLength": 200}}}
        """

    struct TickBody: Decodable {
        var note: String?
    }

    static let tickSchema = """
        {"type": "object", "properties": {
            "note": {"type": ["string", "null"], "maxLength": 2000}}}
        """

    struct RetrainBody: Decodable {
        var seed: Int64?
        var activate: Bool?
        var challenge: Bool?
    }

    static let retrainSchema = """
        {"type": "object", "properties": {
            "seed": {"type": ["integer", "null"], "minimum": 0, "maximum": 9007199254740991},
            "activate": {"type": ["boolean", "null"]},
            "challenge": {"type": ["boolean", "null"]}}}
        """

    struct SuppressBody: Decodable {
        var reason: String
        var entity_id, relationship_id: Int64?
        var subject_type, anomaly_type, indicator, name_pattern: String?
        var expires_in_days: Double?
    }

    /// One condition at least, and not both a relationship and an entity.
    static let suppressSchema = """
        {"type": "object", "required": ["reason"], "properties": {
            "reason": {"type": "string", "minLength": 1, "maxLength": 2000, "pattern": "[A-Za-z0-9]"},
            "entity_id": {"type": ["integer", "null"], "minimum": 1, "maximum": 9223372036854775807},
            "relationship_id": {"type": ["integer", "null"], "minimum": 1, "maximum": 9223372036854775807},
            "subject_type": {"type": ["string", "null"], "maxLength": 200},
            "anomaly_type": {"type": ["string", "null"], "enum": [\(types.map { "\"\($0)\"" }.joined(separator: ", ")), null]},
            "indicator": {"type": ["string", "null"], "maxLength": 200},
            "name_pattern": {"type": ["string", "null"], "pattern": "^[A-Za-z0-9%_. -]+$", "maxLength": 200},
            "expires_in_days": {"type": ["number", "null"], "minimum": 0.01, "maximum": 36500}},
         "anyOf": [\(conditions.map { "{\"required\": [\"\($0)\"], \"properties\": {\"\($0)\": {\"not\": {\"type\": \"null\"}}}}" }.joined(separator: ", "))],
         "not": {"required": ["entity_id", "relationship_id"], "properties": {
            "entity_id": {"type": "integer"}, "relationship_id": {"type": "integer"}}}}
        """

    private static let conditions = [
        "entity_id", "relationship_id", "subject_type", "anomaly_type", "indicator", "name_pattern",
    ]

    static let pageSchema = """
        {"type": "object", "required": ["anomalies", "next"], "properties": {
            "anomalies": {"type": "array", "items": \(lineSchema)}, "next": {"type": ["string", "null"]}}}
        """

    static let anomalySchema = lineSchema

    private static let lineSchema = """
        {"type": "object", "required": ["id", "severity", "score", "type", "state"], "properties": {
            "id": {"type": "string", "format": "uuid"},
            "severity": {"type": "string", "enum": ["low", "medium", "high", "critical"]},
            "score": {"type": "number", "minimum": 0, "maximum": 1},
            "type": {"type": "string"}, "state": {"type": "string"},
            "subject_kind": {"type": "string", "enum": ["entity", "relationship"]},
            "subject_id": {"type": "integer"}, "description": {"type": "string"},
            "verdict": {"type": ["string", "null"]}}}
        """
}
