import Foundation

/// The user that the server runs as: PostgreSQL refuses to run as root.
struct ServerAccount: Sendable {
    /// Nil where the caller's own user will do.
    let name: String?
    private let userID: uid_t
    private let groupID: gid_t

    /// The caller; for root `postgres`, or `nobody` where there is no such user.
    static func current() throws(LocalClusterError) -> ServerAccount {
        guard geteuid() == 0 else {
            return ServerAccount(name: nil, userID: geteuid(), groupID: getegid())
        }
        for name in ["postgres", "nobody"] {
            guard let entry = getpwnam(name) else { continue }
            return ServerAccount(
                name: name, userID: entry.pointee.pw_uid, groupID: entry.pointee.pw_gid)
        }
        throw LocalClusterError(
            code: .folderUnusable,
            message: "PostgreSQL refuses to run as root, and there is neither a user postgres nor"
                + " nobody; run as another user")
    }

    /// The command as that user.
    func command(_ executable: String, _ arguments: [String]) -> ChildProcess {
        guard let name else { return ChildProcess(executable: executable, arguments: arguments) }
        let runuser = ["/usr/sbin/runuser", "/sbin/runuser"].first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
        return ChildProcess(
            executable: runuser ?? "/usr/sbin/runuser",
            arguments: ["-u", name, "--", executable] + arguments)
    }

    /// Gives a file or folder to that user.
    func own(_ path: String) throws(LocalClusterError) {
        guard name == nil || chown(path, userID, groupID) == 0 else {
            throw LocalClusterError(
                code: .folderUnusable, message: "cannot give \(path) to user \(name ?? "")")
        }
    }
}
