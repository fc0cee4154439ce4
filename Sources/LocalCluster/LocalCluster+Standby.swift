package import Foundation

/// A second server that follows the first one, and PostgreSQL's other programs.
extension LocalCluster {
    /// Access rules that let a standby stream from this cluster.
    package static let replicatingRules = ["local all all trust", "local replication all trust"]

    /// Copies this running cluster into the folder and starts a standby there that streams from it.
    ///
    /// The cluster must have been started with `replicatingRules`.
    package func startStandby(
        in folder: URL, settings: [String: String] = [:], durable: Bool = true
    ) async throws(LocalClusterError) -> LocalCluster {
        let place = try ClusterFolder.prepare(folder, for: layout.account)
        try await run(
            program: "pg_basebackup",
            [
                "-D", place.data, "-X", "stream", "-c", "fast", "-R", "--no-sync", "-d",
                conninfo + " application_name=standby",
            ])
        return try await LocalCluster.start(
            in: folder, settings: settings, durable: durable, accessRules: Self.replicatingRules)
    }

    /// Makes a standby a server of its own, and waits until it is one.
    package func promote() async throws(LocalClusterError) {
        try await run(program: "pg_ctl", ["-D", layout.data, "-w", "-t", "60", "-s", "promote"])
    }

    /// Runs one of PostgreSQL's programs as the server's user.
    ///
    /// - Returns: what it said.
    @discardableResult
    package func run(
        program: String, _ arguments: [String]
    ) async throws(LocalClusterError) -> String {
        let outcome = try await layout.account.command(binaries.path(program), arguments).run()
        guard outcome.status != 0 else { return outcome.output }
        throw LocalClusterError(
            code: .commandFailed,
            message: "\(program) failed: "
                + outcome.output.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
