import ArgumentParser
import Foundation
import PostgresClient
import Storage
import Synchronization

/// Writers and faults at random, and a verdict after each round: nothing lost, nothing doubled, nobody harmed.
///
/// PostgreSQL and the sidecar are real: a private cluster and `vigil run` as a process of its own.
/// The plan of what is done when follows from the seed; what it meets depends on the machine.
@main
struct Torture: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vigil-torture",
        abstract: "Torture the sidecar and PostgreSQL, and prove that nothing is lost.")

    @Option(help: "Seconds of torture, the verdicts not counted.")
    var seconds = 60

    @Option(help: "Seconds of a round; a verdict follows each.")
    var round = 60

    @Option(help: "Seed of the plan and of the writers.")
    var seed: UInt64 = 1

    @Option(
        help: "Where to write the log as well; beside it the sidecars' own as FILE.sidecar0 ...")
    var log: String?

    @Option(help: "The `vigil` executable; by default the one beside this.")
    var vigil: String?

    @Option(help: "Sidecars: one leads, the others stand by.")
    var sidecars = 1

    @Option(help: "Writers at a time.")
    var writers = 6

    @Option(help: "The longest pause of a writer between two transactions, in milliseconds.")
    var pace = 60

    @Option(
        help: "Kinds of acts, separated by commas, or all; fail-over is done once, at half time.")
    var acts = "all"

    @Option(help: "Longest time that a transaction stays open, in seconds.")
    var transaction = 45

    @Option(help: "Megabytes of the small file system that can be full; 0: none.")
    var disk = 0

    @Option(help: "Longest time until the feed rests after a round, in seconds.")
    var patience = 180

    func validate() throws {
        let known = Set(TorturePlan.weights.map(\.kind) + ["fail-over", "fill-queue", "all"])
        for kind in kinds where !known.contains(kind) {
            throw ValidationError("--acts: there is no \(kind); there are \(known.sorted())")
        }
        guard seconds > 0, round > 0, writers > 0, sidecars > 0, pace >= 0, transaction > 0 else {
            throw ValidationError("numbers must be positive")
        }
    }

    private var kinds: Set<String> {
        let named = Set(acts.split(separator: ",").map(String.init))
        guard named.contains("all") else { return named }
        let all = named.union(TorturePlan.weights.map(\.kind)).union(["fail-over"])
        return disk > 0 ? all : all.subtracting(["fill-disk"])
    }

    func run() async throws {
        if disk > 0, !SmallDisk.isInOwnNamespace { SmallDisk.enterOwnNamespace() }
        let log = try TortureLog(file: self.log.map { URL(filePath: $0) })
        // Short, for sockets, and where every user may pass.
        let folder = URL(filePath: "/tmp/vigil-torture-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var smallDisk: SmallDisk?
        if disk > 0 {
            smallDisk =
                SmallDisk.isInOwnNamespace
                ? SmallDisk(over: folder, megabytes: disk) : nil
            if smallDisk == nil { log.say("no small disk: mounting is not permitted here") }
        }
        defer { smallDisk?.unmount() }
        try await torture(in: folder, smallDisk, log)
        log.say("counts")
        for line in log.summary { log.say("  " + line) }
        guard log.failures.isEmpty else {
            log.say("verdict: \(log.failures.count) failures")
            for failure in log.failures { log.say("  " + failure) }
            throw ExitCode.failure
        }
        log.say("verdict: nothing lost, nothing doubled, nobody harmed")
    }

    private func torture(in folder: URL, _ disk: SmallDisk?, _ log: TortureLog) async throws {
        log.say(
            "seed \(seed), \(seconds) s in rounds of \(round) s, \(writers) writers, \(sidecars) sidecars"
        )
        let server = try await TortureServer.start(in: folder)
        do {
            try await World.create(on: server)
            let keepers = try (0..<sidecars).map { number in
                try SidecarKeeper(
                    executable: executable,
                    arguments: ["run", "--dsn", server.conninfo, "--threads", "1"],
                    outputFile: URL(
                        filePath: (self.log ?? folder.path() + "/torture.log")
                            + ".sidecar\(number)"), log: log)
            }
            let keeping = keepers.map { keeper in Task { await keeper.keep() } }
            do {
                try await rounds(server, keepers, disk, log)
            } catch {
                log.fail("the torture itself ended: \(error)")
            }
            for keeper in keepers { await keeper.retire() }
            for task in keeping { task.cancel() }
            ServerLog.examine(server, log)
            for keeper in keepers { SidecarLog.examine(keeper.outputFile, log) }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func rounds(
        _ server: TortureServer, _ keepers: [SidecarKeeper], _ disk: SmallDisk?, _ log: TortureLog
    ) async throws {
        let ledger = Ledger()
        ledger.base.store(try await World.waitUntilFollowed(server), ordering: .relaxed)
        log.say("the sidecar follows")
        let gate = Gate()
        let conductor = Conductor(
            server: server, keepers: keepers, gate: gate, log: log, disk: disk, ledger: ledger)
        let verdict = Verdict(
            conninfo: server.conninfo, log: log, patience: .seconds(patience))
        let watching = Task { await Watch(server: server, keepers: keepers, log: log).run() }
        let writing = (0..<writers).map { number in
            let writer = Writer(
                number: number, count: writers, seed: seed, conninfo: server.conninfo, log: log,
                gate: gate, paceMilliseconds: pace)
            return Task { await writer.run() }
        }
        let analyst = Analyst(seed: seed, conninfo: server.conninfo, log: log, gate: gate)
        let reviewing = Task { await analyst.run() }
        defer {
            watching.cancel()
            reviewing.cancel()
            for task in writing { task.cancel() }
        }
        var plan = TorturePlan(
            seed: seed, kinds: kinds, transactionSecondsMax: min(transaction, round))
        var done = 0
        while done < seconds {
            let length = min(round, seconds - done)
            log.say("round of \(length) s")
            if kinds.contains("fail-over"), !server.hasStandby, done == 0 {
                try await server.startStandby()
                log.say("a standby follows")
            }
            for step in plan.nextRound(seconds: Double(length)) {
                try await Task.sleep(for: .milliseconds(step.pauseMilliseconds))
                await conductor.perform(step.act)
            }
            if kinds.contains("fail-over"), server.hasStandby, 2 * (done + length) >= seconds {
                await conductor.perform(.failOver)
                try await Task.sleep(for: .seconds(5))
            }
            if kinds.contains("fill-queue"), done + length >= seconds {
                await conductor.perform(.fillQueue(seconds: 20))
            }
            done += length
            await conductor.calm()
            try await gate.close()
            do {
                try await verdict.take(ledger: ledger)
            } catch {
                log.fail("the verdict could not be taken: \(error)")
            }
            gate.open()
        }
        try await end(server, keepers, gate, verdict, log)
    }

    /// A calm minute at the end: memory that has lived through changes beside that of a new process,
    /// and a dump that is restored.
    private func end(
        _ server: TortureServer, _ keepers: [SidecarKeeper], _ gate: Gate, _ verdict: Verdict,
        _ log: TortureLog
    ) async throws {
        log.say("writers alone for \(calmSeconds) s")
        try await Task.sleep(for: .seconds(calmSeconds))
        try await gate.close()
        let comparison = MemoryComparison(
            server: server, keepers: keepers, verdict: verdict, log: log)
        try await comparison.run()
        let restored = RestoredDump(
            server: server, executable: executable, outputFile: keepers[0].outputFile, log: log,
            patience: .seconds(patience))
        try await restored.run()
    }

    private var calmSeconds: Int { min(20, round / 3) }

    private var executable: URL {
        if let vigil { return URL(filePath: vigil) }
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: own ?? CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "vigil")
    }
}
