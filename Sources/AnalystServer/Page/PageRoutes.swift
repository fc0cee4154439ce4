import Foundation
import GraphDrawing
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import PostgresClient
import Sidecar
import Storage

/// The page: HTML made on the server, forms, and a little script that makes it quicker.
struct PageRoutes: Sendable {
    let desk: Desk
    let sessions: SessionBook
    let templates: PageTemplates

    private static let formSizeMax = 1 << 18

    func add(to group: RouterGroup<AnalystContext>) {
        for file in PageTemplates.files {
            group.get(RouterPath(file.path)) { request, _ in
                Response.tagged(file.bytes, headers: [.contentType: file.type], request: request)
            }
        }
        let pages = group.add(middleware: PageProblems(page: self))
        pages.get("/") { _, _ in Response.redirect(to: "/anomalies", type: .normal) }
        pages.get("/sign-in") { request, context in
            signIn(then: request.uri.queryParameters.get("then"), refusal: nil, context)
        }
        pages.post("/sign-in", use: openSession)
        pages.post("/sign-out") { request, _ in
            try IdentityMiddleware.requireSameOrigin(request)
            var response = Response.redirect(to: "/sign-in", type: .normal)
            response.headers[.setCookie] = await sessions.close(request)
            return response
        }
        addAnomalies(to: pages)
        addIncidents(to: pages)
        addOthers(to: pages)
    }

    // MARK: - Signing in

    private func signIn(then: String?, refusal: String?, _ context: AnalystContext) -> Response {
        html(
            "sign_in", title: "Sign in", page: "sign-in", context,
            ["then": PageValue(Self.ownPath(then)), "refusal": PageValue(refusal)],
            status: refusal == nil ? .ok : .forbidden)
    }

    private func openSession(_ request: Request, _ context: AnalystContext) async throws -> Response
    {
        try IdentityMiddleware.requireSameOrigin(request)
        let form = try await form(of: request)
        let text = (form["token"] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard let token = BearerToken(text), try await desk.identity(of: token) != nil else {
            return signIn(
                then: form["then"], refusal: "This token is not valid, or not any more.", context)
        }
        var response = Response.redirect(
            to: Self.ownPath(form["then"]) ?? "/anomalies", type: .normal)
        response.headers[.setCookie] = await sessions.open(
            token, isSecure: request.head.scheme == "https")
        return response
    }

    /// An address of this page; nil for any other.
    private static func ownPath(_ text: String?) -> String? {
        guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), !text.contains("\\"),
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F })
        else { return nil }
        return text
    }

    // MARK: - Anomalies

    private func addAnomalies(to pages: RouterGroup<AnalystContext>) {
        pages.get("/anomalies", use: anomalies)
        pages.get("/anomalies.csv", use: anomaliesAsCSV)
        pages.get("/anomalies/:id", use: anomaly)
        pages.get("/anomalies/:id/picture", use: picture)
        pages.post("/anomalies/review") { request, context in
            let identity = try context.identity(atLeast: .analyst)
            let fields = try await fields(of: request)
            let ids = fields.filter { $0.name == "id" }.map(\.value)
            guard !ids.isEmpty, ids.allSatisfy({ UUID(uuidString: $0) != nil }) else {
                throw Problem(
                    .unprocessableContent, "no anomaly is chosen",
                    hint: "Choose lines of the list first.")
            }
            let form = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
            try await run(
                AnalystStore.review(
                    ids, verdict: form["verdict"] ?? "", notes: form["notes"].flatMap(Self.given)),
                as: identity)
            let back = Self.ownPath(form["back"]) ?? "/anomalies"
            let undo = ids.count == 1 ? "&undo=\(ids[0])" : ""
            return Response.redirect(
                to: back + (back.contains("?") ? "&" : "?")
                    + "done=reviewed&count=\(ids.count)\(undo)",
                type: .normal)
        }
        post("/anomalies/:id/review", to: pages) { form, id in
            (
                AnalystStore.review(
                    [id], verdict: form["verdict"] ?? "", notes: form["notes"].flatMap(Self.given)),
                "done=reviewed&count=1&undo=\(id)"
            )
        }
        post("/anomalies/:id/undo", to: pages) { _, id in
            (AnalystStore.undoReview(id), "done=undone")
        }
        post("/anomalies/:id/step", to: pages) { form, id in
            let number = form["number"].flatMap { Int32($0) } ?? 0
            switch form["do"] {
            case "start": return (AnalystStore.startStep(number, of: id), "done=started")
            case "untick": return (AnalystStore.untickStep(number, of: id), "done=unticked")
            default: return (AnalystStore.tickStep(number, of: id, note: nil), "done=ticked")
            }
        }
        post("/anomalies/:id/assign", to: pages) { form, id in
            (
                AnalystStore.assign([id], to: form["mine"] == nil ? form["assignee"] ?? "" : nil),
                "done=assigned"
            )
        }
    }

    private static func given(_ text: String) -> String? { text.isEmpty ? nil : text }

    /// A form about one anomaly, after which the anomaly is shown again.
    private func post(
        _ path: RouterPath, to pages: RouterGroup<AnalystContext>,
        _ statement: @escaping @Sendable ([String: String], String) -> (Statement, String)
    ) {
        pages.post(path) { request, context in
            let identity = try context.identity(atLeast: .analyst)
            let id = try anomalyID(context)
            let (statement, query) = statement(try await form(of: request), id)
            try await run(statement, as: identity)
            return Response.redirect(to: "/anomalies/\(id)?\(query)", type: .normal)
        }
    }

    private func anomalyID(_ context: AnalystContext) throws -> String {
        guard let id = context.parameters.get("id"), UUID(uuidString: id) != nil else {
            throw Problem(.notFound, "there is no such anomaly")
        }
        return id.lowercased()
    }

    private func anomalies(_ request: Request, _ context: AnalystContext) async throws -> Response {
        let identity = try context.identity()
        let query = request.uri.queryParameters
        let filter = AnomalyFilter { query.get($0) }
        let document = try await read(PageStore.anomalies(filter.filter), as: identity)
        let address = filter.address(after: filter.filter.after)
        return html(
            "anomalies", title: "Anomalies", page: "anomalies", context,
            document.adding([
                "subject": .text(PageText.cleaned(filter.filter.subject)),
                "choices": filter.choices,
                "order_words": .text(filter.orderWords), "address": .text(address),
                "has_lines": .bool(!document["lines"].elements.isEmpty),
                "can_review": .bool(identity.role >= .analyst), "verdicts": Verdict.buttons,
                "csv": .text(filter.address(path: "/anomalies.csv")),
                "first": filter.filter.after.isEmpty ? .null : .text(filter.address()),
                "next": document["next"].string.map { .text(filter.address(after: $0)) } ?? .null,
            ]), notice: notice(query))
    }

    /// All anomalies of the filter; read page by page as the client takes them.
    private func anomaliesAsCSV(
        _ request: Request, _ context: AnalystContext
    ) async throws -> Response {
        let identity = try context.identity()
        let query = request.uri.queryParameters
        let filter = AnomalyFilter { query.get($0) }.stored
        let size = AnomalyStore.pageSizeMax
        let first = try await desk.perform(as: identity) { session in
            try await AnomalyStore.page(filter, size: size, after: nil, on: session)
        }
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: AnomalyCSV.header))
            var page = first
            while true {
                let text = try page.rows.map(AnomalyCSV.record).joined()
                try await writer.write(ByteBuffer(string: text))
                guard let next = page.next else { break }
                page = try await desk.perform(as: identity) { session in
                    try await AnomalyStore.page(filter, size: size, after: next, on: session)
                }
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8; header=present",
                .contentDisposition: "attachment; filename=\"anomalies.csv\"",
            ], body: body)
    }

    private func anomaly(_ request: Request, _ context: AnalystContext) async throws -> Response {
        let identity = try context.identity()
        let id = try anomalyID(context)
        let query = request.uri.queryParameters
        let document = try await read(PageStore.anomaly(id), as: identity)
        var features = FeatureCharts.strongest(of: document["explanation"])
        var peerCount: Int64?
        if document["subject_kind"].string == "entity", let type = document["subject_type"].string {
            let numbers = features.compactMap { EntityPage.number(ofFeature: $0.name) }
            let peers = try await read(
                PageStore.peers(ofType: type, features: numbers), as: identity)
            peerCount = peers["count"].integer
            for place in features.indices {
                guard let number = EntityPage.number(ofFeature: features[place].name) else {
                    continue
                }
                features[place].quantiles =
                    peers["features"][String(number)].elements.compactMap(\.double)
            }
        }
        let checklist = try await read(PageStore.checklist(id), as: identity).elements
        let shown = AnomalyPage(
            document: document, canReview: identity.role >= .analyst,
            moment: query.get("moment").flatMap(AnomalyPicture.Moment.init) ?? .detected,
            hops: query.get("hops").flatMap { Int($0) }.map { min(max($0, 1), 3) } ?? 1)
        return html(
            "anomaly", title: document["subject_name"].string ?? "Anomaly", page: "anomaly",
            context,
            shown.values(
                features: features, peerCount: peerCount, checklist: checklist, list: "/anomalies"),
            notice: notice(query))
    }

    private func picture(_ request: Request, _ context: AnalystContext) async throws -> Response {
        let identity = try context.identity()
        let id = try anomalyID(context)
        let query = request.uri.queryParameters
        let hops = query.get("hops").flatMap { Int($0) }.map { min(max($0, 0), 3) } ?? 1
        let moment = query.get("moment").flatMap(AnomalyPicture.Moment.init) ?? .detected
        let expanded = (query.get("expand") ?? "").split(separator: ",").prefix(20)
            .compactMap { Int64(String($0)) }
        let bytes = try await desk.perform(as: identity) { session in
            try await AnomalyPicture.draw(
                id, format: .svg, hops: hops, nodeCountMax: expanded.isEmpty ? 60 : 200,
                moment: moment, expanded: expanded, hasHeading: false,
                linkPrefix: "/entities/", on: session)
        }
        return .tagged(bytes, headers: [.contentType: "image/svg+xml"], request: request)
    }

    // MARK: - Incidents

    private func addIncidents(to pages: RouterGroup<AnalystContext>) {
        let pageSize = 50
        pages.get("/incidents") { request, context in
            let identity = try context.identity()
            let start = max(0, request.uri.queryParameters.get("from").flatMap { Int($0) } ?? 0)
            let lines = try await read(
                PageStore.incidents(limit: pageSize + 1, offset: start), as: identity
            ).elements
            return html(
                "incidents", title: "Incidents", page: "incidents", context,
                [
                    "has_lines": .bool(!lines.isEmpty),
                    "lines": .list(Array(lines.prefix(pageSize))),
                    "next": lines.count > pageSize
                        ? .text("/incidents?from=\(start + pageSize)") : .null,
                ])
        }
        pages.get("/incidents/:id") { request, context in
            let identity = try context.identity()
            let document = try await read(PageStore.incident(try number(context)), as: identity)
            let shown = document["lines"].elements.count
            return html(
                "incident", title: "Incident", page: "incident", context,
                document.adding([
                    "can_review": .bool(identity.role >= .analyst), "verdicts": Verdict.buttons,
                    "shown": .integer(Int64(shown)),
                    "truncated": .bool(Int64(shown) < document["count"].integer ?? 0),
                ]), notice: notice(request.uri.queryParameters))
        }
        pages.post("/incidents/:id/review") { request, context in
            let identity = try context.identity(atLeast: .analyst)
            let (id, form) = (try number(context), try await form(of: request))
            let done = try await read(
                AnalystStore.reviewIncident(
                    id, verdict: form["verdict"] ?? "", notes: form["notes"].flatMap(Self.given)),
                as: identity)
            return Response.redirect(
                to: "/incidents/\(id)?done=reviewed&count=\(done["reviewed"].integer ?? 0)",
                type: .normal)
        }
        pages.post("/incidents/:id/assign") { request, context in
            let identity = try context.identity(atLeast: .analyst)
            let (id, form) = (try number(context), try await form(of: request))
            try await run(
                AnalystStore.assignIncident(
                    id, to: form["mine"] == nil ? form["assignee"] ?? "" : nil), as: identity)
            return Response.redirect(to: "/incidents/\(id)?done=assigned", type: .normal)
        }
    }

    private func number(_ context: AnalystContext) throws -> Int64 {
        guard let id = context.parameters.get("id").flatMap({ Int64($0) }) else {
            throw Problem(.notFound, "there is none of that id")
        }
        return id
    }

    // MARK: - Entities, statistics, model

    private func addOthers(to pages: RouterGroup<AnalystContext>) {
        pages.get("/entities") { request, context in
            let identity = try context.identity()
            let words = String((request.uri.queryParameters.get("q") ?? "").prefix(200))
            let lines = try await read(PageStore.entities(words, limit: 50), as: identity).elements
            return html(
                "entities", title: "Entities", page: "entities", context,
                [
                    "q": .text(PageText.cleaned(words)), "has_lines": .bool(!lines.isEmpty),
                    "lines": .list(lines),
                    "words": words.isEmpty
                        ? "The strangest of all." : "At most 50, the strangest first.",
                ])
        }
        pages.get("/entities/:id", use: entity)
        pages.get("/statistics") { _, context in
            let document = try await read(PageStore.statistics, as: try context.identity())
            return html(
                "statistics", title: "Statistics", page: "statistics", context,
                document.adding([
                    "days_chart": .text(TimeCharts.days(document["days"].elements))
                ]))
        }
        pages.get("/model") { request, context in
            let identity = try context.identity()
            let document = try await read(PageStore.model, as: identity)
            return html(
                "model", title: "Model and drift", page: "model", context,
                document.adding([
                    "can_train": .bool(identity.role >= .admin),
                    "has_findings": .bool(!document["findings"].elements.isEmpty),
                ]), notice: notice(request.uri.queryParameters))
        }
        pages.post("/model/retrain") { request, context in
            let identity = try context.identity(atLeast: .admin)
            let text = try await form(of: request)["seed"] ?? "1"
            guard let seed = Int64(text), seed >= 0 else {
                throw Problem(.unprocessableContent, "the seed must be a whole number from 0 on")
            }
            try await run(
                AnalystStore.retrain(seed: seed, activate: true, challenge: false), as: identity)
            return Response.redirect(to: "/model?done=training", type: .normal)
        }
    }

    private func entity(_ request: Request, _ context: AnalystContext) async throws -> Response {
        let identity = try context.identity()
        let document = try await read(PageStore.entity(try number(context)), as: identity)
        let peers = try await read(
            PageStore.peers(
                ofType: document["type"].string ?? "", features: EntityPage.comparedFeatures),
            as: identity)
        let values = EntityPage.standingOut(
            document["features"].elements.map(\.double), quantiles: peers["features"])
        return html(
            "entity", title: document["name"].string ?? "Entity", page: "entity", context,
            EntityPage(document: document).values(
                features: values, peerCount: peers["count"].integer ?? 0))
    }

    // MARK: - Parts

    private func read(_ statement: Statement, as identity: Identity) async throws -> PageValue {
        guard let text = try await desk.text(as: identity, statement) else {
            throw Problem(.notFound, "there is none of that id")
        }
        return try PageValue(json: text)
    }

    private func run(_ statement: Statement, as identity: Identity) async throws {
        _ = try await desk.text(as: identity, statement)
    }

    private func form(of request: Request) async throws -> [String: String] {
        Dictionary(try await fields(of: request).map { ($0.name, $0.value) }) { first, _ in first }
    }

    private func fields(of request: Request) async throws -> [(name: String, value: String)] {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.formSizeMax)
        } catch {
            throw Problem(.contentTooLarge, "the form is larger than \(Self.formSizeMax) bytes")
        }
        return String(buffer: body).split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    private static func decoded(_ text: Substring) -> String {
        (text.replacing("+", with: " ").removingPercentEncoding ?? "")
            .replacing("\0", with: "\u{FFFD}").replacing("\r\n", with: "\n")
    }

    /// What was done, as the address after a form tells it.
    private func notice(_ query: FlatDictionary<Substring, Substring>) -> PageValue {
        let count = query.get("count").flatMap { Int($0) } ?? 1
        let text: PageValue
        switch query.get("done") {
        case "reviewed": text = .text(count == 1 ? "Reviewed." : "\(count) anomalies reviewed.")
        case "undone": text = "The review is undone."
        case "assigned": text = "Assigned."
        case "ticked": text = "The step is done."
        case "unticked": text = "The step is open again."
        case "started": text = "The step is started."
        case "training": text = "The training is filed; it shows among the tasks below."
        default: return .null
        }
        let undo = query.get("undo").flatMap { UUID(uuidString: $0) == nil ? nil : $0 }
        return [
            "text": text,
            "undo": undo.map { .text("/anomalies/\($0.lowercased())/undo") } ?? .null,
        ]
    }

    private static let pages = [
        ("anomalies", "Anomalies"), ("incidents", "Incidents"), ("entities", "Entities"),
        ("statistics", "Statistics"), ("model", "Model"),
    ]

    /// A whole page.
    func html(
        _ template: String, title: String, page: String, _ context: AnalystContext,
        _ values: PageValue, status: HTTPResponse.Status = .ok, notice: PageValue = .null
    ) -> Response {
        let section =
            ["anomaly": "anomalies", "incident": "incidents", "entity": "entities"][page] ?? page
        let person: PageValue =
            context.identity.map { identity in
                [
                    "name": .text(PageText.cleaned(identity.name)),
                    "role": .text(identity.role.words),
                    "pages": .list(
                        Self.pages.map {
                            [
                                "path": .text("/" + $0.0), "name": .text($0.1),
                                "current": .bool($0.0 == section),
                            ]
                        }),
                ]
            } ?? .null
        let text = templates.render(
            "layout",
            [
                "title": .text(title), "page": .text(page), "person": person, "notice": notice,
                "content": .text(templates.render(template, values)),
            ])
        return Response(
            status: status, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

/// Problems as pages: who is not known signs in first.
private struct PageProblems: RouterMiddleware {
    let page: PageRoutes

    func handle(
        _ request: Request, context: AnalystContext,
        next: (Request, AnalystContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            guard let problem = Problem(error) else { throw error }
            if problem.status == .unauthorized, request.headers[.authorization] == nil {
                let then = request.method == .get ? request.uri.string : "/anomalies"
                return Response.redirect(
                    to: "/sign-in?then=\(PageText.queryValue(then))", type: .normal)
            }
            var response = page.html(
                "problem", title: problem.title, page: "problem", context,
                [
                    "heading": .text(problem.title),
                    "detail": PageValue(problem.detail.map(PageText.cleaned)),
                    "hint": PageValue(problem.hint.map(PageText.cleaned)),
                ], status: problem.status)
            for field in problem.headers { response.headers.append(field) }
            return response
        }
    }
}
