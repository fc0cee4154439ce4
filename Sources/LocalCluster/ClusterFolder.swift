import Foundation

/// The folder of a cluster: `data`, `log`, and `socket` where the path is short enough for one.
struct ClusterFolder: Sendable {
    let url: URL
    let account: ServerAccount
    /// Whether the folder is ours to remove at the end.
    let isTemporary: Bool
    let socketDirectory: String
    /// The socket's own folder where it lies outside; removed at the end.
    let outsideSocketDirectory: String?

    var data: String { url.path + "/data" }
    var log: String { url.path + "/log/server.log" }
    var processIDFile: String { data + "/postmaster.pid" }
    var socketLockFile: String { socketDirectory + Self.socketName + ".lock" }
    var hasCluster: Bool { FileManager.default.fileExists(atPath: data + "/PG_VERSION") }

    /// The longest path of a Unix socket, without its closing zero (`sun_path` of `sockaddr_un`).
    private static let socketPathByteCountMax = 107
    private static let socketName = "/.s.PGSQL.5432"

    /// Makes the folder and what belongs into it, for the server's user.
    static func prepare(
        _ folder: URL?, for account: ServerAccount
    ) throws(LocalClusterError) -> ClusterFolder {
        let path = if let folder { folder.path } else { try temporaryFolder() }
        let url = URL(fileURLWithPath: path)
        try makeFolder(url.path)
        // The server's user must pass through; what lies inside is its own.
        let mode = (try? attributes(url.path)) ?? 0o755
        if account.name != nil { chmod(url.path, mode_t(mode | 0o111)) }
        for name in ["data", "log"] { try makeFolder(url.path + "/" + name, ownedBy: account) }
        let inside = url.path + "/socket"
        if inside.utf8.count + socketName.utf8.count <= socketPathByteCountMax {
            try makeFolder(inside, ownedBy: account)
            return ClusterFolder(
                url: url, account: account, isTemporary: folder == nil, socketDirectory: inside,
                outsideSocketDirectory: nil)
        }
        let outside = try temporaryFolder()
        try account.own(outside)
        return ClusterFolder(
            url: url, account: account, isTemporary: folder == nil, socketDirectory: outside,
            outsideSocketDirectory: outside)
    }

    /// Checks that the server's user can reach its data through all folders above.
    func checkAccess() async throws(LocalClusterError) {
        guard let name = account.name else { return }
        let outcome = try await account.command("/usr/bin/test", ["-w", data]).run()
        guard outcome.status != 0 else { return }
        throw LocalClusterError(
            code: .folderUnusable,
            message: "user \(name), which runs the server for root, cannot enter \(url.path);"
                + " choose a folder that every user can pass through, such as one in /var/tmp")
    }

    /// The id of the server that runs on the data now; nil where none does.
    var runningProcessID: pid_t? {
        guard let text = try? String(contentsOfFile: processIDFile, encoding: .utf8),
            let line = text.split(separator: "\n").first, let processID = pid_t(line),
            processID > 1, kill(processID, 0) == 0 || errno == EPERM
        else { return nil }
        // The id may have gone to another program since; a server works in its data folder.
        let link = "/proc/\(processID)/cwd"
        guard let place = try? FileManager.default.destinationOfSymbolicLink(atPath: link) else {
            return FileManager.default.fileExists(atPath: "/proc/self") ? nil : processID
        }
        let canonical = URL(fileURLWithPath: data).resolvingSymlinksInPath().path
        return place == canonical ? processID : nil
    }

    /// Writes a file that the server reads.
    func write(_ text: String, to path: String) throws(LocalClusterError) {
        do {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
        } catch {
            throw LocalClusterError(
                code: .folderUnusable, message: "cannot write \(path): \(error)")
        }
        chmod(path, 0o600)
        try account.own(path)
    }

    func removeTemporaries() {
        if let outsideSocketDirectory {
            try? FileManager.default.removeItem(atPath: outsideSocketDirectory)
        }
        if isTemporary { try? FileManager.default.removeItem(at: url) }
    }

    // MARK: - Private parts

    /// Always directly in /tmp: the path must stay short.
    private static func temporaryFolder() throws(LocalClusterError) -> String {
        var template = Array("/tmp/vigil-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw LocalClusterError(
                code: .folderUnusable, message: "cannot create a temporary folder in /tmp")
        }
        return template.withUnsafeBufferPointer { characters in
            String(decoding: characters.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    private static func attributes(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0o755
    }

    private static func makeFolder(_ path: String) throws(LocalClusterError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            throw LocalClusterError(
                code: .folderUnusable, message: "cannot make the folder \(path): \(error)")
        }
    }

    /// Makes a folder that only the server's user, and root, can enter: its doors are unlocked.
    private static func makeFolder(
        _ path: String, ownedBy account: ServerAccount
    ) throws(LocalClusterError) {
        guard !FileManager.default.fileExists(atPath: path) else { return }
        try makeFolder(path)
        chmod(path, 0o700)
        try account.own(path)
    }
}
