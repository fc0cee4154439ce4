import Foundation
import LocalCluster
import PostgresClient
import TestSupport
import Testing

@Suite("A local cluster", .tags(.postgres), .requiresPostgres)
struct LocalClusterTests {
    private func newFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "vigil-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    private func rowCount(_ cluster: LocalCluster) async throws -> String {
        try await cluster.run(sql: "SELECT count(*) FROM t").trimmingCharacters(in: .newlines)
    }

    @Test("survives a stop, a crash and a second start on its folder")
    func lifeCycle() async throws {
        let folder = try newFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let cluster = try await LocalCluster.start(in: folder, durable: false)
        #expect(cluster.isRunning)
        try await cluster.run(sql: "CREATE TABLE t AS SELECT 1; CHECKPOINT")
        try cluster.kill9()
        try await cluster.restart()
        #expect(try await rowCount(cluster) == "1")

        let running = await #expect(throws: LocalClusterError.self) {
            _ = try await LocalCluster.start(in: folder, durable: false)
        }
        #expect(running?.code == .alreadyRunning)
        #expect(running?.message.contains(folder.path) == true)
        #expect(cluster.isRunning, "the attempt did no harm")

        try await cluster.stop()
        #expect(!cluster.isRunning)
        try await cluster.stop()
        let again = try await LocalCluster.start(
            in: folder, settings: ["work_mem": "5MB"], durable: false)
        #expect(try await rowCount(again) == "1")
        let setting = try await again.run(sql: "SHOW work_mem")
        #expect(setting == "5MB\n")
        try await again.stop()
        #expect(FileManager.default.fileExists(atPath: folder.path))
    }

    @Test("takes a leftover process id of another program for what it is")
    func staleProcessID() async throws {
        let folder = try newFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let cluster = try await LocalCluster.start(in: folder, durable: false)
        try await cluster.stop()
        let file = folder.appending(path: "data/postmaster.pid")
        try "\(ProcessInfo.processInfo.processIdentifier)\n".write(
            to: file, atomically: false, encoding: .utf8)
        let again = try await LocalCluster.start(in: folder, durable: false)
        #expect(again.isRunning)
        try await again.stop()
    }

    @Test("puts its socket elsewhere when the folder's path is too long for one")
    func longPath() async throws {
        let folder = try newFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let long = folder.appending(path: String(repeating: "long folder name ", count: 8))
        let cluster = try await LocalCluster.start(in: long, durable: false)
        #expect(!cluster.socketDirectory.hasPrefix(folder.path))
        #expect(try await cluster.run(sql: "SELECT 1") == "1\n")
        try await cluster.stop()
        #expect(!FileManager.default.fileExists(atPath: cluster.socketDirectory))
    }

    @Test("without a folder leaves nothing behind")
    func temporaryFolder() async throws {
        let cluster = try await LocalCluster.start(durable: false)
        let folder = cluster.folder.path
        #expect(FileManager.default.fileExists(atPath: folder))
        try await cluster.stop()
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("makes databases and roles with odd names, reachable by its connection string")
    func objects() async throws {
        let cluster = try await TestCluster.shared()
        let name = "odd 'name\" \\"
        try await cluster.createRole(name: name, options: "CREATEDB")
        try await cluster.createDatabase(name: name, owner: name)
        let connection = try await PostgresConnection.connect(
            cluster.conninfo(user: name, database: name), applicationName: "vigil tests")
        let result = try await connection.query("SELECT current_user, current_database()")
        #expect(try result.string(row: 0, column: 0) == name)
        #expect(try result.string(row: 0, column: 1) == name)
        await connection.close()
        try await cluster.run(sql: "DROP DATABASE \"odd 'name\"\" \\\"")
    }

    @Test("passes on what the server says about a wrong setting")
    func wrongSetting() async throws {
        let error = await #expect(throws: LocalClusterError.self) {
            _ = try await LocalCluster.start(settings: ["work_memory": "5MB"], durable: false)
        }
        #expect(error?.code == .commandFailed)
        #expect(error?.message.contains("work_memory") == true)
    }

    @Test("loses its connections when the server is killed")
    func killedServer() async throws {
        let cluster = try await LocalCluster.start(durable: false)
        let waiting = try await PostgresConnection.connect(
            cluster.conninfo, applicationName: "vigil tests")
        let querying = try await PostgresConnection.connect(
            cluster.conninfo, applicationName: "vigil tests")
        let wait = Task { try await waiting.waitForNotification(timeout: .seconds(600)) }
        let query = Task { try await querying.query("SELECT pg_sleep(600)") }
        try cluster.kill9()
        let waitError = await #expect(throws: PostgresError.self) { try await wait.value }
        #expect(waitError?.code == .connectionLost)
        let queryError = await #expect(throws: PostgresError.self) { try await query.value }
        #expect(queryError?.code == .connectionLost)
        try await cluster.restart()
        let fresh = try await PostgresConnection.connect(
            cluster.conninfo, applicationName: "vigil tests")
        #expect(try await fresh.query("SELECT 1").rowCount == 1)
        await fresh.close()
        try await cluster.stop()
    }
}
