import Crypto
import Foundation

/// What a call is signed with: Standard Webhooks 1.0.0, `v1` (standardwebhooks.com).
package struct WebhookSignature: Sendable {
    private let key: SymmetricKey

    private static let prefix = "whsec_"

    /// Nil where the secret is not `whsec_` and base64.
    package init?(secret: String) {
        guard secret.hasPrefix(Self.prefix),
            let bytes = Data(base64Encoded: String(secret.dropFirst(Self.prefix.count)))
        else { return nil }
        key = SymmetricKey(data: bytes)
    }

    /// The header `webhook-signature`: HMAC-SHA256 (RFC 2104) of id, time in seconds since 1970 and body.
    package func header(id: String, timestamp: Int64, body: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(id).\(timestamp).\(body)".utf8), using: key)
        return "v1," + Data(code).base64EncodedString()
    }
}
