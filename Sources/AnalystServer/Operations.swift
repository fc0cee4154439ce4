import GraphDrawing
import HTTPTypes
import Hummingbird
import PostgresClient
import Sidecar
import Storage

/// Every operation of the REST API.
struct Operations: Sendable {
    let desk: Desk

    /// What the setting `api_batch_max` may be at most.
    static let batchSizeMax = 10_000

    var all: [Operation] {
        anomalies + decisions + checklists + incidents + subjects + pictures + upkeep
    }

    // MARK: - Detection and anomalies

    private var anomalies: [Operation] {
        [
            Operation(
                method: .post, path: "/api/ai/detect-anomalies", id: "detectEntity",
                summary: "The newest verdict on an entity, waiting for its last changes.",
                body: Self.detectSchema, mayMiss: true
            ) { call in
                let body = try call.body(DetectBody.self)
                try Self.check(timeoutMilliseconds: body.timeout_milliseconds)
                return try await answer(
                    call,
                    AnalystStore.detect(
                        body.entity_id, timeoutMilliseconds: body.timeout_milliseconds))
            },
            Operation(
                method: .post, path: "/api/ai/detect-batch", id: "detectBatch",
                summary: "The newest verdicts on up to api_batch_max (a setting: 100) entities.",
                body: Self.detectBatchSchema, mayMiss: true
            ) { call in
                let body = try call.body(DetectBatchBody.self)
                try Self.check(timeoutMilliseconds: body.timeout_milliseconds)
                let limit = try await desk.text(as: call.identity, AnalystStore.batchSizeMax)
                    .flatMap { Int($0) }
                guard (1...(limit ?? 1)).contains(body.entity_ids.count),
                    body.entity_ids.allSatisfy({ $0 > 0 })
                else {
                    throw Problem(
                        .unprocessableContent,
                        "entity_ids must name 1 to \(limit ?? 1) entities, by numbers from 1 on",
                        hint: "The setting api_batch_max has the limit.")
                }
                return try await answer(
                    call,
                    AnalystStore.detect(
                        body.entity_ids, timeoutMilliseconds: body.timeout_milliseconds))
            },
            Operation(
                method: .get, path: "/api/ai/anomalies", id: "listAnomalies",
                summary: "Anomalies page by page; the header Link leads to the next page.",
                parameters: Self.filterParameters, answer: .init(schema: Self.pageSchema),
                mayMiss: true
            ) { call in
                try await list(call)
            },
            Operation(
                method: .get, path: "/api/ai/anomalies/{id}", id: "entityAnomalies",
                summary: "The anomalies of one entity, closed ones too.",
                parameters: [
                    Parameter(
                        name: "id", place: .path, kind: .integer(1...Int64.max),
                        about: "Id of the entity.")
                ], answer: .init(schema: Self.pageSchema), mayMiss: true
            ) { call in
                var filter = AnalystStore.Filter()
                filter.entity = call.integer("id")
                filter.state = "all"
                filter.limit = 1000
                return try await answer(call, AnalystStore.anomalies(filter))
            },
            Operation(
                method: .get, path: "/api/ai/anomaly/{id}", id: "getAnomaly",
                summary: "One anomaly with its explanation.", parameters: [Self.anomalyID],
                answer: .init(schema: Self.anomalySchema), mayMiss: true
            ) { call in
                try await answer(call, AnalystStore.anomaly(call["id"] ?? ""))
            },
            Operation(
                method: .get, path: "/api/ai/anomaly/{id}/explanation", id: "explainAnomaly",
                summary: "Why it is an anomaly: as text and as JSON.", parameters: [Self.anomalyID],
                mayMiss: true
            ) { call in
                try await answer(call, AnalystStore.explanation(call["id"] ?? ""))
            },
            Operation(
                method: .get, path: "/api/ai/anomaly-stats", id: "anomalyStats",
                summary: "Anomalies by day and by type.",
                parameters: [
                    Parameter(
                        name: "days", kind: .integer(1...3660), about: "Days back; 30 by default.")
                ]
            ) { call in
                try await answer(
                    call, AnalystStore.statistics(days: Int32(call.integer("days") ?? 30)))
            },
        ]
    }

    private static func check(timeoutMilliseconds: Int32?) throws {
        guard let timeoutMilliseconds, !(0...9000).contains(timeoutMilliseconds) else { return }
        throw Problem(
            .unprocessableContent,
            "timeout_milliseconds must be from 0 to 9000, not \(timeoutMilliseconds)")
    }

    private func list(_ call: Call) async throws -> Response {
        var filter = AnalystStore.Filter()
        filter.severity = call["severity"]
        filter.type = call["type"]
        filter.state = call["state"]
        filter.verdict = call["verdict"]
        filter.entity = call.integer("entity_id")
        filter.subject = call["subject"]
        filter.since = call["since"]
        filter.until = call["until"]
        filter.scoreMin = call["score_min"].flatMap(Double.init)
        filter.scoreMax = call["score_max"].flatMap(Double.init)
        filter.method = call["method"]
        filter.incident = call.integer("incident_id")
        filter.assignedTo = call["assigned_to"]
        filter.order = call["order"]
        filter.after = call["after"]
        filter.limit = Int32(call.integer("limit") ?? 50)
        guard let text = try await desk.text(as: call.identity, AnalystStore.anomalies(filter))
        else {
            throw Problem(.notFound)
        }
        let next = try PageValue(json: text)["next"].string
        return .json(text, call: call, link: next.map { link(to: $0, of: call) })
    }

    private func link(to cursor: String, of call: Call) -> String {
        var parts = Self.filterParameters.compactMap { parameter in
            parameter.name == "after"
                ? nil : call[parameter.name].map { "\(parameter.name)=\(PageText.queryValue($0))" }
        }
        parts.append("after=\(PageText.queryValue(cursor))")
        return "</api/ai/anomalies?\(parts.joined(separator: "&"))>; rel=\"next\""
    }

    // MARK: - Decisions

    private var decisions: [Operation] {
        [
            Operation(
                method: .post, path: "/api/ai/anomalies/{id}/review", id: "reviewAnomaly",
                summary: "Records a verdict on an anomaly.", role: .analyst,
                parameters: [Self.anomalyID], body: Self.reviewSchema, mayMiss: true
            ) { call in
                let body = try call.body(ReviewBody.self)
                return try await answer(
                    call,
                    AnalystStore.review(
                        [call["id"] ?? ""], verdict: body.verdict, notes: body.notes))
            },
            Operation(
                method: .delete, path: "/api/ai/anomalies/{id}", id: "dismissAnomaly",
                summary: "Marks an anomaly as reviewed: a false positive. Nothing is deleted.",
                role: .analyst, parameters: [Self.anomalyID], mayMiss: true
            ) { call in
                try await answer(
                    call,
                    AnalystStore.review([call["id"] ?? ""], verdict: "false_positive", notes: nil))
            },
            Operation(
                method: .post, path: "/api/ai/anomalies/{id}/undo-review", id: "undoReview",
                summary: "Takes the last review back.", role: .analyst,
                parameters: [Self.anomalyID],
                mayMiss: true
            ) { call in
                try await answer(call, AnalystStore.undoReview(call["id"] ?? ""))
            },
            Operation(
                method: .post, path: "/api/ai/anomalies/{id}/assign", id: "assignAnomaly",
                summary:
                    "Gives an anomaly to somebody: to yourself without a name, to nobody with an empty one.",
                role: .analyst, parameters: [Self.anomalyID], body: Self.assignSchema, mayMiss: true
            ) { call in
                let body = try call.body(AssignBody.self)
                return try await answer(
                    call, AnalystStore.assign([call["id"] ?? ""], to: body.assignee))
            },
            Operation(
                method: .post, path: "/api/ai/reviews", id: "reviewAnomalies",
                summary: "Records one verdict on several anomalies: on all, or on none.",
                role: .analyst,
                body: Self.bulkReviewSchema, mayMiss: true
            ) { call in
                let body = try call.body(BulkReviewBody.self)
                guard (1...1000).contains(body.ids.count) else {
                    throw Problem(.unprocessableContent, "ids must name 1 to 1000 anomalies")
                }
                return try await answer(
                    call, AnalystStore.review(body.ids, verdict: body.verdict, notes: body.notes))
            },
            Operation(
                method: .get, path: "/api/ai/suppressions", id: "listSuppressions",
                summary: "The suppressions in force."
            ) { call in
                try await answer(call, AnalystStore.suppressions)
            },
            Operation(
                method: .post, path: "/api/ai/suppressions", id: "suppress",
                summary:
                    "Suppresses anomalies that meet every condition given; at least one is needed.",
                role: .analyst, body: Self.suppressSchema, mayMiss: true
            ) { call in
                let body = try call.body(SuppressBody.self)
                return try await answer(
                    call,
                    AnalystStore.suppress(
                        reason: body.reason, entity: body.entity_id,
                        relationship: body.relationship_id,
                        subjectType: body.subject_type, type: body.anomaly_type,
                        indicator: body.indicator, namePattern: body.name_pattern,
                        expiresInDays: body.expires_in_days))
            },
            Operation(
                method: .delete, path: "/api/ai/suppressions/{id}", id: "liftSuppression",
                summary: "Ends a suppression.", role: .analyst, parameters: [Self.numberedID],
                mayMiss: true
            ) { call in
                try await answer(call, AnalystStore.liftSuppression(call.integer("id") ?? 0))
            },
        ]
    }

    // MARK: - Checklists

    private var checklists: [Operation] {
        let step = [
            Self.anomalyID,
            Parameter(
                name: "number", place: .path, kind: .integer(1...1000),
                about: "Number of the step in the checklist."),
        ]
        let path = "/api/ai/anomalies/{id}/steps/{number}"
        return [
            Operation(
                method: .get, path: "/api/ai/anomaly/{id}/checklist", id: "getChecklist",
                summary: "The steps of the anomaly's playbook, and how far they were taken.",
                parameters: [Self.anomalyID], mayMiss: true
            ) { call in
                try await answer(call, PageStore.checklist(call["id"] ?? ""))
            },
            Operation(
                method: .post, path: path + "/tick", id: "tickStep",
                summary: "Says that a step is done.", role: .analyst, parameters: step,
                body: Self.tickSchema, mayMiss: true
            ) { call in
                let body = try call.body(TickBody.self)
                return try await answer(
                    call,
                    AnalystStore.tickStep(
                        Int32(call.integer("number") ?? 0), of: call["id"] ?? "", note: body.note))
            },
            Operation(
                method: .post, path: path + "/untick", id: "untickStep",
                summary: "Takes back that a step is done.", role: .analyst, parameters: step,
                mayMiss: true
            ) { call in
                try await answer(
                    call,
                    AnalystStore.untickStep(
                        Int32(call.integer("number") ?? 0), of: call["id"] ?? ""))
            },
            Operation(
                method: .post, path: path + "/start", id: "startStep",
                summary: "Starts the task or webhook that a step names.", role: .analyst,
                parameters: step, mayMiss: true
            ) { call in
                try await answer(
                    call,
                    AnalystStore.startStep(
                        Int32(call.integer("number") ?? 0), of: call["id"] ?? ""))
            },
        ]
    }

    // MARK: - Incidents

    private var incidents: [Operation] {
        [
            Operation(
                method: .get, path: "/api/ai/incidents", id: "listIncidents",
                summary: "Open incidents, the worst first.", parameters: [Self.limit]
            ) { call in
                try await answer(
                    call, AnalystStore.incidents(limit: Int32(call.integer("limit") ?? 50)))
            },
            Operation(
                method: .get, path: "/api/ai/incidents/{id}", id: "getIncident",
                summary: "One incident with its anomalies.", parameters: [Self.numberedID],
                mayMiss: true
            ) { call in
                try await answer(call, PageStore.incident(call.integer("id") ?? 0))
            },
            Operation(
                method: .post, path: "/api/ai/incidents/{id}/review", id: "reviewIncident",
                summary: "Records a verdict on every open anomaly of an incident.", role: .analyst,
                parameters: [Self.numberedID], body: Self.reviewSchema, mayMiss: true
            ) { call in
                let body = try call.body(ReviewBody.self)
                return try await answer(
                    call,
                    AnalystStore.reviewIncident(
                        call.integer("id") ?? 0, verdict: body.verdict, notes: body.notes))
            },
            Operation(
                method: .post, path: "/api/ai/incidents/{id}/assign", id: "assignIncident",
                summary: "Gives an incident with its anomalies to somebody.", role: .analyst,
                parameters: [Self.numberedID], body: Self.assignSchema, mayMiss: true
            ) { call in
                let body = try call.body(AssignBody.self)
                return try await answer(
                    call, AnalystStore.assignIncident(call.integer("id") ?? 0, to: body.assignee))
            },
        ]
    }

    // MARK: - Entities

    private var subjects: [Operation] {
        [
            Operation(
                method: .get, path: "/api/ai/entities", id: "searchEntities",
                summary:
                    "Entities whose name or value begins with the words; without words the strangest.",
                parameters: [
                    Parameter(
                        name: "q", kind: .text(lengthMax: 200), about: "The beginning, or an id."),
                    Self.limit,
                ]
            ) { call in
                try await answer(
                    call,
                    PageStore.entities(call["q"] ?? "", limit: Int(call.integer("limit") ?? 50)))
            },
            Operation(
                method: .get, path: "/api/ai/entities/{id}", id: "getEntity",
                summary: "One entity with its score, metrics, anomalies and newest relationships.",
                parameters: [Self.numberedID], mayMiss: true
            ) { call in
                try await answer(call, PageStore.entity(call.integer("id") ?? 0))
            },
        ]
    }

    // MARK: - Pictures

    private var pictures: [Operation] {
        [
            (DrawingFormat.svg, "image/svg+xml"), (.png, "image/png"), (.dot, "text/vnd.graphviz"),
            (.json, "application/json"),
        ].map { format, type in
            Operation(
                method: .get, path: "/api/ai/anomaly/{id}/subgraph.\(format.rawValue)",
                id: "subgraph\(format.rawValue.uppercased())",
                summary: "The graph around an anomaly, as it was at detection: \(format.rawValue).",
                parameters: [
                    Self.anomalyID,
                    Parameter(
                        name: "hops", kind: .integer(0...5),
                        about: "Steps from the subject; 1 by default."),
                    Parameter(
                        name: "nodes", kind: .integer(1...500),
                        about: "The most symbols; 60 by default."),
                    Parameter(
                        name: "moment", kind: .word(AnomalyPicture.Moment.allCases.map(\.rawValue)),
                        about: "Which state of the graph; detected by default."),
                ], answer: .init(type: type), mayMiss: true
            ) { call in
                let (hops, nodes) = (
                    Int(call.integer("hops") ?? 1), Int(call.integer("nodes") ?? 60)
                )
                let moment = call["moment"].flatMap(AnomalyPicture.Moment.init) ?? .detected
                let bytes = try await desk.perform(as: call.identity) { session in
                    try await AnomalyPicture.draw(
                        call["id"] ?? "", format: format, hops: hops, nodeCountMax: nodes,
                        moment: moment, on: session)
                }
                return .tagged(bytes, headers: [.contentType: type], request: call.request)
            }
        }
    }

    // MARK: - Models and tasks

    private var upkeep: [Operation] {
        [
            Operation(
                method: .get, path: "/api/ai/model", id: "modelStatus",
                summary: "Models, drift, what reviews taught, sidecars and tasks."
            ) { call in
                try await answer(call, PageStore.model)
            },
            Operation(
                method: .post, path: "/api/ai/retrain", id: "retrain",
                summary: "Files the training of a new model; the task tells how it goes.",
                role: .admin,
                body: Self.retrainSchema, answer: .init(status: 202)
            ) { call in
                let body = try call.body(RetrainBody.self)
                let statement = AnalystStore.retrain(
                    seed: body.seed ?? 1, activate: body.activate ?? true,
                    challenge: body.challenge ?? false)
                guard let text = try await desk.text(as: call.identity, statement) else {
                    throw Problem(.internalServerError)
                }
                return .json(text, status: .accepted)
            },
            Operation(
                method: .get, path: "/api/ai/tasks", id: "listTasks", summary: "The newest tasks.",
                parameters: [
                    Parameter(
                        name: "state",
                        kind: .word(["queued", "running", "done", "failed", "cancelled"]),
                        about: "Only those."), Self.limit,
                ]
            ) { call in
                try await answer(
                    call,
                    AnalystStore.tasks(
                        state: call["state"], limit: Int32(call.integer("limit") ?? 50)))
            },
            Operation(
                method: .get, path: "/api/ai/tasks/{id}", id: "getTask", summary: "One task.",
                parameters: [Self.numberedID], mayMiss: true
            ) { call in
                try await answer(call, AnalystStore.task(call.integer("id") ?? 0))
            },
            Operation(
                method: .post, path: "/api/ai/tasks/{id}/cancel", id: "cancelTask",
                summary: "Cancels a task.", role: .analyst, parameters: [Self.numberedID],
                mayMiss: true
            ) { call in
                try await answer(call, AnalystStore.cancelTask(call.integer("id") ?? 0))
            },
            Operation(
                method: .post, path: "/api/ai/tasks/{id}/retry", id: "retryTask",
                summary: "Files a failed or cancelled task anew.", role: .analyst,
                parameters: [Self.numberedID], mayMiss: true
            ) { call in
                try await answer(call, AnalystStore.retryTask(call.integer("id") ?? 0))
            },
        ]
    }

    private func answer(_ call: Call, _ statement: Statement) async throws -> Response {
        guard let text = try await desk.text(as: call.identity, statement) else {
            throw Problem(.notFound, "there is none of that id")
        }
        return .json(text, call: call)
    }
}
