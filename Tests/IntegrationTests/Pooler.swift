import Foundation
import LocalCluster

/// PgBouncer in front of a cluster, with transaction pooling and two server sessions.
final class Pooler {
    private static let program = "/usr/sbin/pgbouncer"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: program)

    private let process = Process()
    private let folder: TemporaryFolder
    private static let port = 6543

    init(in cluster: LocalCluster) throws {
        folder = try TemporaryFolder()
        let settings = """
            [databases]
            * = host=\(cluster.socketDirectory)
            [pgbouncer]
            listen_addr =
            listen_port = \(Self.port)
            unix_socket_dir = \(folder.path)
            auth_type = any
            pool_mode = transaction
            default_pool_size = 2
            ignore_startup_parameters = extra_float_digits,options
            """
        // The database's user is in the entry: with auth_type any, everybody is that user.
        let file = folder.path + "/pgbouncer.ini"
        try settings.replacing(
            "* = host=\(cluster.socketDirectory)",
            with: "* = host=\(cluster.socketDirectory) user=\(LocalCluster.superuser)"
        ).write(toFile: file, atomically: true, encoding: .utf8)
        // It refuses to run as root, as PostgreSQL does.
        if geteuid() == 0 {
            for path in [folder.path, file] {
                try FileManager.default.setAttributes(
                    [.ownerAccountName: LocalCluster.superuser], ofItemAtPath: path)
            }
            process.executableURL = URL(filePath: "/usr/sbin/runuser")
            process.arguments = ["-u", LocalCluster.superuser, "--", Self.program, "-q", file]
        } else {
            process.executableURL = URL(filePath: Self.program)
            process.arguments = ["-q", file]
        }
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    func conninfo(database: String) -> String {
        "host=\(folder.path) port=\(Self.port) dbname=\(database) user=\(LocalCluster.superuser)"
    }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }
}
