import AnomalyModels
import Foundation
import PostgresClient
import Testing

extension Trait where Self == ConditionTrait {
    /// Skips a test, and says so, where the executable is not beside the test bundle.
    static var requiresProgram: Self {
        .enabled(
            if: VigilProgram.path != nil,
            "the executable `vigil` is not beside the test bundle: run `swift build` first")
    }
}

extension Integration {
    /// The sidecar as a process among others: signals, murder, rivals.
    @Suite("The sidecar's process", .requiresProgram) struct ProcessTests {
        @Test(
            "SIGTERM and SIGINT end it with code 0 at once, and leave no session behind",
            arguments: [SIGTERM, SIGINT])
        func endsOnSignal(signal: Int32) async throws {
            let database = try await VigilDatabase.fresh()
            try await database.addEntities(5)
            let program = try await started(on: database)
            try await database.addEntities(1)
            try await database.waitForChanges(1)
            program.send(signal)
            let outcome = try await program.outcome(within: .seconds(3))
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try await database.text("SELECT state FROM vigil.sidecars") == "stopped")
            try await eventually("sessions of the sidecar", within: .seconds(2), equals: 0) {
                try await database.sidecarSessions()
            }
        }

        @Test("A reader killed at random moments under load loses no change and doubles none")
        func killedReader() async throws {
            let seed: UInt64 = 7
            var random = SeededRandom(seed: seed)
            let database = try await VigilDatabase.fresh()
            try await database.set("anomaly_threshold", "0.2")
            let load = WriterLoad(seed: seed, writerCount: 4, transactionCount: 400)
            try await load.prepare(database)
            // The first life fixes what the feed starts from.
            var program = try await started(on: database)
            async let committed = load.run(on: database)
            for _ in 1...6 {
                let before = try await database.countedChanges()
                // Somewhere in a batch, in a load, or right after a commit.
                let ambition = before + Int64.random(in: 0...60, using: &random)
                _ = try? await eventually("some progress", within: .seconds(2)) {
                    try await database.countedChanges()
                } is: {
                    $0 >= ambition
                }
                program.send(SIGKILL)
                #expect(try await program.outcome().status == 128 + SIGKILL)
                program = try VigilProgram(["run", "--dsn", database.conninfo, "--threads", "1"])
            }
            try await database.waitForChanges(committed)
            try await expectEverything(in: database)
            #expect(try await database.countedChanges() == (try await committed) + 1)
            #expect(try await database.int("SELECT count(*) FROM vigil.sidecars") == 1)
            program.send(SIGTERM)
            #expect(try await program.outcome().status == 0)
        }

        @Test("A second sidecar that may not stand by ends with code 75 and names the leader")
        func secondSidecar() async throws {
            let database = try await VigilDatabase.fresh()
            let first = try await started(on: database)
            let second = try await VigilProgram.run(
                "run", "--no-standby", "--dsn", database.conninfo)
            #expect(second.status == 75, "\(second)")
            #expect(second.errorLines.count == 1, "\(second)")
            #expect(
                second.errorLines.first?.contains("process \(first.processID)") == true, "\(second)"
            )
            #expect(
                try await database.int("SELECT pid FROM vigil.sidecars") == Int64(first.processID))
            let detect = try await VigilProgram.run("detect", "--dsn", database.conninfo)
            #expect(detect.status == 0, "\(detect)")
            #expect(detect.complaints.contains("listing its scores"), "\(detect)")
            first.send(SIGTERM)
            #expect(try await first.outcome().status == 0)
        }

        /// A program that follows the database.
        private func started(on database: VigilDatabase) async throws -> VigilProgram {
            let program = try VigilProgram(["run", "--dsn", database.conninfo, "--threads", "1"])
            try await eventually("the sidecar follows; it says: \(program.complaints)") {
                try await database.int(
                    "SELECT count(*) FROM vigil.sidecars WHERE state = 'following' AND pid = \(program.processID)"
                )
            } is: {
                $0 == 1
            }
            return program
        }
    }
}
