import Glibc

/// The datagram socket on which a service manager hears of a service: the protocol of sd_notify(3).
package struct NotifySocket: Sendable {
    private let path: String

    /// The socket at this path; one that begins with `@` is in the abstract namespace.
    ///
    /// Nil for anything else, as the protocol asks.
    package init?(path: String) {
        guard path.hasPrefix("/") || path.hasPrefix("@"), path.utf8.count > 1,
            path.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        else { return nil }
        self.path = path
    }

    /// The socket that the environment names.
    package init?(environment: [String: String]) {
        guard let path = environment["NOTIFY_SOCKET"] else { return nil }
        self.init(path: path)
    }

    /// Sends assignments such as `READY=1`, one a line, in one datagram.
    ///
    /// - Returns: whether it was sent; a manager that has gone is no reason to stop.
    @discardableResult
    package func send(_ assignments: [String]) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let head = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 0
        let length = socklen_t(head + name.count)
        let text = Array(assignments.joined(separator: "\n").utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
        return sent == text.count
    }
}
