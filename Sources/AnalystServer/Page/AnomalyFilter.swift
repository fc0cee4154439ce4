import Storage

/// The filter of the list of anomalies: out of an address, into one, and as a form.
struct AnomalyFilter {
    var filter = PageStore.Filter()

    /// What a query of an address says; unknown parts are left out.
    init(_ query: (String) -> String?) {
        filter.subject = query("subject") ?? ""
        filter.severity = query("severity") ?? ""
        filter.type = query("type") ?? ""
        filter.state = query("state").flatMap { $0.isEmpty ? nil : $0 } ?? "open"
        filter.verdict = query("verdict") ?? ""
        filter.assignedTo = query("assigned_to") ?? ""
        filter.order = query("order").flatMap { $0.isEmpty ? nil : $0 } ?? "score"
        filter.after = query("after") ?? ""
    }

    /// The address that shows the same; another page of it after a cursor.
    func address(after cursor: String? = nil, path: String = "/anomalies") -> String {
        let parts = [
            ("subject", filter.subject), ("severity", filter.severity), ("type", filter.type),
            ("state", filter.state == "open" ? "" : filter.state), ("verdict", filter.verdict),
            ("assigned_to", filter.assignedTo),
            ("order", filter.order == "score" ? "" : filter.order), ("after", cursor ?? ""),
        ]
        let query = parts.filter { !$0.1.isEmpty }.map { "\($0.0)=\(PageText.queryValue($0.1))" }
        return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
    }

    /// The same for a list of all its pages.
    var stored: Storage.AnomalyFilter {
        var stored = Storage.AnomalyFilter()
        stored.subject = Self.given(filter.subject)
        stored.severity = Self.given(filter.severity)
        stored.type = Self.given(filter.type)
        stored.state = filter.state
        stored.verdict = Self.given(filter.verdict)
        stored.assignedTo = Self.given(filter.assignedTo)
        stored.order = filter.order
        return stored
    }

    private static func given(_ text: String) -> String? { text.isEmpty ? nil : text }

    /// The order in words.
    var orderWords: String { filter.order == "time" ? "the newest first" : "the strangest first" }

    /// The choices of the form.
    var choices: PageValue {
        let severities = ["critical", "high", "medium", "low"].map { ($0, $0) }
        let types = [
            "behavioral", "relationship", "infrastructure", "data_quality", "temporal", "semantic",
        ]
        .map { ($0, PageText.words($0)) }
        let verdicts = Verdict.allCases.map { ($0.rawValue, PageText.words($0.rawValue)) }
        return [
            Self.choice(
                "severity", "Severity",
                [("", "any"), ("critical,high", "high and above")] + severities,
                filter.severity),
            Self.choice("type", "Type", [("", "any")] + types, filter.type),
            Self.choice(
                "state", "State",
                [
                    ("open", "open"), ("suppressed", "suppressed"), ("closed", "closed"),
                    ("all", "all"),
                ],
                filter.state),
            Self.choice(
                "verdict", "Verdict", [("", "any"), ("none", "not reviewed")] + verdicts,
                filter.verdict),
            Self.choice(
                "order", "Order", [("score", "strangest first"), ("time", "newest first")],
                filter.order),
        ]
    }

    private static func choice(
        _ name: String, _ label: String, _ options: [(value: String, text: String)],
        _ chosen: String
    ) -> PageValue {
        [
            "name": .text(name), "label": .text(label),
            "options": .list(
                options.map {
                    [
                        "value": .text($0.value), "text": .text($0.text),
                        "chosen": .bool($0.value == chosen),
                    ]
                }),
        ]
    }
}
