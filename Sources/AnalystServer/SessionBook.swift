import Foundation
import HTTPTypes
import Hummingbird

/// Who has signed in to the page: a cookie with a random name stands for a token.
///
/// Kept in memory alone: a new start signs everybody out. The token is looked up at every request, so
/// a revoked one ends its sessions.
actor SessionBook {
    private struct Entry {
        var token: BearerToken
        var usedAt: ContinuousClock.Instant
    }

    private var entries: [String: Entry] = [:]

    private static let countMax = 10_000
    private static let lifetime = Duration.seconds(12 * 3600)
    private static let cookie = "vigil_session"

    /// Opens a session for a token; what is returned goes into `Set-Cookie`.
    func open(_ token: BearerToken, isSecure: Bool) -> String {
        let now = ContinuousClock.now
        entries = entries.filter { now - $0.value.usedAt < Self.lifetime }
        if entries.count >= Self.countMax,
            let oldest = entries.min(by: { $0.value.usedAt < $1.value.usedAt })
        {
            entries[oldest.key] = nil
        }
        let name = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
        entries[name] = Entry(token: token, usedAt: now)
        return "\(Self.cookie)=\(name); Path=/; HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }

    /// Ends the request's session; what is returned goes into `Set-Cookie`.
    func close(_ request: Request) -> String {
        if let name = Self.name(in: request) { entries[name] = nil }
        return "\(Self.cookie)=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"
    }

    /// Whose session the request belongs to; nil where it has none, or where its token has ended.
    func identity(of request: Request, desk: Desk) async throws -> Identity? {
        guard let name = Self.name(in: request), let entry = entries[name] else { return nil }
        guard ContinuousClock.now - entry.usedAt < Self.lifetime else {
            entries[name] = nil
            return nil
        }
        entries[name]?.usedAt = .now
        guard let identity = try await desk.identity(of: entry.token) else {
            entries[name] = nil
            return nil
        }
        return identity
    }

    private static func name(in request: Request) -> String? {
        for field in request.headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == cookie {
                    return parts[1].trimmingCharacters(in: .whitespaces)
                }
            }
        }
        return nil
    }
}
