import Foundation
import HTTPTypes
package import Hummingbird
package import Logging
package import NIOCore
package import OperationsServer

/// The REST API, live events and the page: the analysts' part of the sidecar's server.
package struct AnalystRoutes: ServerPart {
    private let events: EventRoutes
    private let gate: IdentityMiddleware
    private let operations: [Operation]
    private let document: String
    private let page: PageRoutes
    private let logger: Logger

    /// Requests a second of one token or address, and how many at once; refused tokens of one address.
    private static let requestsPerSecond = 200.0
    private static let requestBurst = 400.0
    private static let failuresPerSecond = 0.2
    private static let failureBurst = 20.0

    /// The routes for one database.
    ///
    /// - Throws: where a template or schema of the program itself is faulty.
    package init(desk: Desk, events: EventFeed, version: String, logger: Logger) throws {
        self.events = EventRoutes(feed: events)
        self.logger = logger
        let sessions = SessionBook()
        gate = IdentityMiddleware(
            desk: desk, sessions: sessions,
            requests: RateLimiter(perSecond: Self.requestsPerSecond, burst: Self.requestBurst),
            failures: RateLimiter(perSecond: Self.failuresPerSecond, burst: Self.failureBurst))
        operations = Operations(desk: desk).all
        document = try OpenAPIDocument.json(of: operations, version: version)
        page = PageRoutes(desk: desk, sessions: sessions, templates: try PageTemplates())
    }

    package func addRoutes(to router: Router<ServerContext>) {
        let group = router.group(context: AnalystContext.self)
            .add(middleware: RequestMiddleware(logger: logger))
            .add(middleware: gate)
        for operation in operations {
            group.on(RouterPath(operation.path), method: operation.method) { request, context in
                let call = try await Call(operation, request: request, context: context)
                return try await operation.handle(call)
            }
        }
        addOtherMethods(to: group)
        group.get("/openapi.json") { request, _ in
            Response.tagged(
                Array(document.utf8), headers: [.contentType: "application/json"], request: request)
        }
        events.add(to: group)
        page.add(to: group)
    }

    package func webSocketHandler(
        for request: Request, from address: SocketAddress?
    ) -> WebSocketHandler? {
        guard request.method == .get, request.uri.path == EventRoutes.socketPath else { return nil }
        return events.webSocketHandler(for: request) {
            let identity = try await gate.admit(
                request, address: AnalystContext.address(of: address))
            guard let identity, identity.role >= .reader else {
                throw Problem.unauthorized("a token is needed")
            }
        }
    }

    /// What is known under another method is no secret: 405 with the methods that there are.
    private func addOtherMethods(to group: RouterGroup<AnalystContext>) {
        let methods: [HTTPRequest.Method] = [.get, .post, .put, .delete, .patch]
        for (path, known) in Dictionary(grouping: operations, by: \.path) {
            let allowed = known.map(\.method.rawValue).sorted()
            for method in methods where !allowed.contains(method.rawValue) {
                group.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw Problem(
                        .methodNotAllowed, "\(method.rawValue) is not possible here",
                        headers: [.allow: allowed.joined(separator: ", ")])
                }
            }
        }
    }
}
