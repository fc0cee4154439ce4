import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Turns every error into problem details, adds the headers of security, and logs one line a request.
struct RequestMiddleware: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: AnalystContext,
        next: (Request, AnalystContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = Self.identifier(request.headers[.requestID])
        var response: Response
        do {
            response = try await next(request, context)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let problem = Problem(error)
            if problem == nil {
                logger.error(
                    "a request failed",
                    metadata: ["id": "\(context.requestID)", "error": "\(error)"])
            }
            response = (problem ?? .fault(requestID: context.requestID))
                .response(from: request, context: context)
        }
        response.headers[.requestID] = context.requestID
        SecurityHeaders.add(to: &response)
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        logger.debug(
            "request",
            metadata: [
                "id": "\(context.requestID)", "method": "\(request.method)",
                "path": "\(PageText.cleaned(String(request.uri.path.prefix(200))))",
                "status": "\(response.status.code)",
                "milliseconds": "\((milliseconds * 10).rounded() / 10)",
            ])
        return response
    }

    /// What the caller calls the request, where that is harmless; else a new name.
    private static func identifier(_ given: String?) -> String {
        if let given, (1...64).contains(given.utf8.count),
            given.utf8.allSatisfy({
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
                    || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 || $0 == UInt8(ascii: "-")
            })
        {
            return given
        }
        return UUID().uuidString.lowercased()
    }
}

/// What a browser may do with an answer.
enum SecurityHeaders {
    /// Everything comes from this server; nothing stands in the page itself but text and pictures.
    static let pagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    static func add(to response: inout Response) {
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.crossOriginResourcePolicy] = "same-origin"
        if response.headers[.contentSecurityPolicy] == nil {
            let isPage = response.headers[.contentType]?.hasPrefix("text/html") == true
            response.headers[.contentSecurityPolicy] =
                isPage ? pagePolicy : "default-src 'none'; frame-ancestors 'none'; sandbox"
        }
        if response.headers[.cacheControl] == nil {
            response.headers[.cacheControl] = "no-store"
        }
    }
}

/// Finds out who asks, and refuses who asks too often.
struct IdentityMiddleware: RouterMiddleware {
    let desk: Desk
    let sessions: SessionBook
    let requests: RateLimiter
    let failures: RateLimiter

    func handle(
        _ request: Request, context: AnalystContext,
        next: (Request, AnalystContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.identity = try await admit(request, address: context.address)
        return try await next(request, context)
    }

    /// Who asks; nil where nobody known does.
    ///
    /// - Throws: ``Problem`` where the token is not valid, or too much is asked.
    func admit(_ request: Request, address: String) async throws -> Identity? {
        let identity = try await identity(of: request, address: address)
        let key = identity.map { "token \($0.name)" } ?? "address \(address)"
        if let seconds = await requests.take(key) {
            throw Self.tooMany(seconds, "too many requests")
        }
        return identity
    }

    private func identity(of request: Request, address: String) async throws -> Identity? {
        if let header = request.headers[.authorization] {
            guard await failures.hasRoom(address) else {
                throw Self.tooMany(60, "too many refused tokens from this address")
            }
            let scheme = "bearer "
            if header.lowercased().hasPrefix(scheme),
                let token = BearerToken(header.dropFirst(scheme.count)),
                let identity = try await desk.identity(of: token)
            {
                return identity
            }
            _ = await failures.take(address)
            throw Problem.unauthorized("the token is not valid", error: "invalid_token")
        }
        guard let identity = try await sessions.identity(of: request, desk: desk) else {
            return nil
        }
        if request.method != .get, request.method != .head {
            try Self.requireSameOrigin(request)
        }
        return identity
    }

    /// A cookie comes along with whatever another site makes the browser send: only our own page may
    /// change anything with it.
    static func requireSameOrigin(_ request: Request) throws {
        let isOwn =
            if let site = request.headers[.fetchSite] {
                site == "same-origin"
            } else if let origin = request.headers[.origin] {
                origin.split(separator: "/").last.map(String.init) == request.head.authority
            } else {
                false
            }
        guard isOwn else {
            throw Problem(.forbidden, "the request comes from another site's page")
        }
    }

    private static func tooMany(_ seconds: Double, _ detail: String) -> Problem {
        Problem(
            .tooManyRequests, detail, hint: "Try again later.",
            headers: [.retryAfter: String(Int(max(1, seconds.rounded(.up))))])
    }
}

extension Problem {
    /// Nobody, or nobody known, asks.
    static func unauthorized(_ detail: String, error: String? = nil) -> Problem {
        Problem(
            .unauthorized, detail,
            hint: "Send Authorization: Bearer TOKEN; vigil token create makes one.",
            headers: [
                .wwwAuthenticate: "Bearer realm=\"vigil\""
                    + (error.map { ", error=\"\($0)\"" } ?? "")
            ])
    }
}

extension AnalystContext {
    /// Who asks; a problem where nobody known does, or where the role is too low.
    func identity(atLeast role: Identity.Role = .reader) throws -> Identity {
        guard let identity else { throw Problem.unauthorized("a token is needed") }
        guard identity.role >= role else {
            throw Problem(
                .forbidden, "this needs the role \(role.words)",
                hint: "Your token has the role \(identity.role.words).")
        }
        return identity
    }
}

extension HTTPField.Name {
    static let requestID = named("X-Request-ID")
    static let fetchSite = named("Sec-Fetch-Site")
    static let referrerPolicy = named("Referrer-Policy")
    static let crossOriginResourcePolicy = named("Cross-Origin-Resource-Policy")
    static let link = named("Link")
    static let lastEventID = named("Last-Event-ID")
    static let accelBuffering = named("X-Accel-Buffering")

    private static func named(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else {
            preconditionFailure("\(name) is no name of a header")
        }
        return field
    }
}
