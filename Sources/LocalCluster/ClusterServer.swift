import Foundation

/// PostgreSQL's programs at work on one folder.
struct ClusterServer: Sendable {
    let layout: ClusterFolder
    let binaries: PostgresBinaries

    func refuseIfRunning() throws(LocalClusterError) {
        guard let processID = layout.runningProcessID else { return }
        throw LocalClusterError(
            code: .alreadyRunning,
            message: "a PostgreSQL server (process \(processID)) already runs in"
                + " \(layout.url.path); stop it, or choose another folder")
    }

    func initialize(durable: Bool) async throws(LocalClusterError) {
        try await run(
            "initdb",
            [
                "-D", layout.data, "-U", LocalCluster.superuser, "-A", "trust", "-E", "UTF8",
                "--locale=C", "--no-instructions",
            ] + (durable ? [] : ["--no-sync"]))
        let main = layout.data + "/postgresql.conf"
        let text = (try? String(contentsOfFile: main, encoding: .utf8)) ?? ""
        try layout.write(text + "\ninclude 'vigil.conf'\n", to: main)
    }

    /// Writes settings and access rules anew for each start.
    func configure(
        _ settings: [String: String], durable: Bool, accessRules: [String]
    ) throws(LocalClusterError) {
        var all = [
            "listen_addresses": "", "unix_socket_directories": layout.socketDirectory,
            "port": "5432", "lc_messages": "C",
        ]
        if !durable {
            for name in ["fsync", "synchronous_commit", "full_page_writes"] { all[name] = "off" }
        }
        all.merge(settings) { _, given in given }
        let lines = all.sorted { $0.key < $1.key }.map { name, value in
            "\(name) = '\(value.replacingOccurrences(of: "'", with: "''"))'\n"
        }
        try layout.write(lines.joined(), to: layout.data + "/vigil.conf")
        try layout.write(
            accessRules.map { $0 + "\n" }.joined(), to: layout.data + "/pg_hba.conf")
    }

    /// Starts the server and waits until it answers.
    func start() async throws(LocalClusterError) {
        try refuseIfRunning()
        // What a crash left; the id in these files may belong to another program by now.
        for path in [layout.processIDFile, layout.socketLockFile] { unlink(path) }
        let arguments = ["-D", layout.data, "-l", layout.log, "-w", "-t", "60", "-s", "start"]
        for attempt in 1... {
            let logStart = logByteCount
            let outcome = try await layout.account.command(binaries.path("pg_ctl"), arguments).run()
            if outcome.status == 0 { return }
            let report = logText(from: logStart)
            // After a crash the sessions of the old server take a moment to notice and leave.
            if attempt < startAttemptsMax, report.contains("shared memory block") {
                try? await Task.sleep(for: .milliseconds(200))
                continue
            }
            throw LocalClusterError(
                code: .commandFailed,
                message: "PostgreSQL does not start in \(layout.url.path): "
                    + (report.isEmpty ? outcome.output : report)
                    .trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    /// Ten seconds at 200 ms each.
    private let startAttemptsMax = 50

    /// Stops the server where it runs, ending its sessions.
    func stop() async throws(LocalClusterError) {
        guard layout.runningProcessID != nil else { return }
        let outcome = try await stopCommand("fast").run()
        guard outcome.status != 0, layout.runningProcessID != nil else { return }
        throw LocalClusterError(
            code: .commandFailed,
            message: "PostgreSQL in \(layout.url.path) does not stop: \(outcome.output)")
    }

    func stopCommand(_ mode: String) -> ChildProcess {
        layout.account.command(
            binaries.path("pg_ctl"),
            ["-D", layout.data, "-m", mode, "-w", "-t", "60", "-s", "stop"])
    }

    func kill9() throws(LocalClusterError) {
        guard let processID = layout.runningProcessID, kill(processID, SIGKILL) == 0 else {
            throw LocalClusterError(
                code: .notRunning, message: "no PostgreSQL server runs in \(layout.url.path)")
        }
        // The process is gone within milliseconds, and must be before the next start.
        for _ in 0..<5000 where layout.runningProcessID != nil { usleep(1000) }
    }

    // MARK: - Private parts

    private func run(_ program: String, _ arguments: [String]) async throws(LocalClusterError) {
        let outcome = try await layout.account.command(binaries.path(program), arguments).run()
        guard outcome.status != 0 else { return }
        throw LocalClusterError(
            code: .commandFailed,
            message: "\(program) failed in \(layout.url.path): "
                + outcome.output.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private var logByteCount: Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: layout.log)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }

    private func logText(from byteOffset: Int) -> String {
        let data = FileManager.default.contents(atPath: layout.log) ?? Data()
        return String(decoding: data.dropFirst(byteOffset), as: UTF8.self)
    }
}

extension ClusterFolder {
    /// The version of the cluster in the folder; nil where there is none.
    var majorVersion: Int? {
        guard let text = try? String(contentsOfFile: data + "/PG_VERSION", encoding: .utf8) else {
            return nil
        }
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
