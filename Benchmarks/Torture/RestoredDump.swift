import Foundation
import LocalCluster
import PostgresClient

/// A dump of the tortured database, restored into another one that a sidecar of its own follows.
struct RestoredDump: Sendable {
    let server: TortureServer
    let executable: URL
    let outputFile: URL
    let log: TortureLog
    let patience: Duration

    /// Dumps, restores, has everything judged, and takes the verdict.
    func run() async throws {
        let cluster = server.active
        let file = cluster.folder.path() + "/log/graph.dump"
        try await cluster.run(
            program: "pg_dump",
            ["-Fc", "-Z1", "-f", file, "-d", cluster.conninfo(database: server.database)])
        try await cluster.createDatabase(name: "restored")
        let conninfo = cluster.conninfo(database: "restored")
        try await cluster.run(program: "pg_restore", ["--exit-on-error", "-d", conninfo, file])
        log.say("a dump is restored")
        let keeper = try SidecarKeeper(
            executable: executable, arguments: ["run", "--dsn", conninfo, "--threads", "1"],
            outputFile: outputFile.appendingPathExtension("restored"), log: log)
        let keeping = Task { await keeper.keep() }
        let session = try await PostgresConnection.connect(conninfo, applicationName: "torture")
        try await session.execute(
            """
            INSERT INTO vigil.entities (type, name) VALUES ('domain', 'after the restore');
            INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type)
            SELECT max(id), min(id), 'owns' FROM vigil.entities
            """)
        await session.close()
        do {
            try await Verdict(conninfo: conninfo, log: log, patience: patience).take(ledger: nil)
        } catch {
            log.fail("the verdict on the restored dump could not be taken: \(error)")
        }
        await keeper.retire()
        keeping.cancel()
        SidecarLog.examine(keeper.outputFile, log)
    }
}
