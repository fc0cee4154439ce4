import Crypto
import Hummingbird
import NIOCore
import OperationsServer

/// Who asks.
struct Identity: Sendable, Hashable {
    /// The token's name, which reviews and the audit log show.
    let name: String
    /// The database role that the request runs as.
    let role: Role

    /// The roles that a token can have.
    enum Role: String, Sendable, Comparable {
        case reader = "vigil_reader"
        case analyst = "vigil_analyst"
        case admin = "vigil_admin"

        static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .reader: 0
            case .analyst: 1
            case .admin: 2
            }
        }

        /// The role in words.
        var words: String { rawValue.replacing("vigil_", with: "") }
    }
}

/// A request of somebody who is known.
struct AnalystContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    /// Where limits of requests are counted, besides for tokens.
    let address: String
    /// The connection that it came on.
    let channel: any Channel
    /// Who asks; nil until the middleware has found out, and on the way to signing in.
    var identity: Identity?
    /// The same on both sides' logs.
    var requestID = ""

    init(context: ServerContext) {
        coreContext = context.coreContext
        address = Self.address(of: context.remoteAddress)
        channel = context.channel
    }

    static func address(of remote: SocketAddress?) -> String { remote?.ipAddress ?? "local" }
}

/// A token as its holder sends it: `vigil_17_` and 64 hexadecimal digits.
struct BearerToken: Sendable {
    let id: Int64
    private let secret: String

    /// Nil where the text has not the form of a token.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard text.utf8.count <= 128, parts.count == 3, parts[0] == "vigil",
            let id = Int64(parts[1]), id > 0
        else { return nil }
        self.id = id
        secret = String(parts[2])
    }

    /// Whether its secret has this hash; takes as long where the first byte differs as the last.
    func matches(_ hash: [UInt8]) -> Bool {
        let own = SHA256.hash(data: Array(secret.utf8))
        guard hash.count == SHA256.byteCount else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(own, hash) { difference |= left ^ right }
        return difference == 0
    }
}
