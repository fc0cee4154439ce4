/// Where the server listens: a host and a port, or a socket in the file system.
package enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
    case host(String, port: Int)
    case socket(path: String)

    /// Reads `127.0.0.1:8642`, `[::1]:8642`, `unix:/run/vigil/http.sock`, or a port alone, which means
    /// loopback; nil for anything else.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            // What sockaddr_un holds, with its terminating zero.
            guard path.hasPrefix("/"), path.utf8.count < 108 else { return nil }
            self = .socket(path: path)
            return
        }
        let end = text.lastIndex(of: ":")
        let digits = end.map { text[text.index(after: $0)...] } ?? text[...]
        guard let port = UInt16(digits), digits.first?.isNumber == true else { return nil }
        var host = end.map { String(text[..<$0]) } ?? ""
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        self = .host(host.isEmpty ? Self.loopback : host, port: Int(port))
    }

    private static let loopback = "127.0.0.1"

    /// Whether other machines can reach it.
    package var isOpenToOthers: Bool {
        switch self {
        case .socket: false
        case .host(let host, _):
            !(host == "localhost" || host == "::1" || host.hasPrefix("127."))
        }
    }

    /// The form that it is read from.
    package var description: String {
        switch self {
        case .socket(let path): "unix:\(path)"
        case .host(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
