import Foundation
import PostgresClient
import Testing

/// The folder of the public data sets: `$VIGIL_DATA`, or `../shared/data` beside the repository.
private let dataFolder: URL? = {
    let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    let folder =
        ProcessInfo.processInfo.environment["VIGIL_DATA"].map { URL(filePath: $0) }
        ?? repository.deletingLastPathComponent().appending(path: "shared/data")
    return FileManager.default.fileExists(atPath: folder.path()) ? folder : nil
}()

extension Integration {
    /// From files to pictures, and the demonstration.
    @Suite("The whole way", .requiresProgram) struct WholeWayTests {
        @Test(
            "A public set is imported, trained on, detected in, explained and drawn",
            .enabled(
                if: dataFolder != nil,
                "there are no data sets in ../shared/data; VIGIL_DATA can name another folder"),
            arguments: [("bitcoin-otc", 5_881, 35_592), ("spyware-infrastructure", 0, 0)])
        func publicSet(name: String, entities: Int64, relationships: Int64) async throws {
            let data = try #require(dataFolder).appending(path: name).path()
            let folder = try TemporaryFolder()
            let database = try await VigilDatabase.fresh()
            let dsn = ["--dsn", database.conninfo]
            var listed: VigilProgram.Outcome?
            for arguments in [
                ["import", data], ["train", "--output", folder.path],
                ["detect", "--limit", "3", "--json"],
            ] {
                let outcome = try await VigilProgram(arguments + dsn).outcome(within: .seconds(120))
                try #require(outcome.status == 0, "\(arguments) \(outcome)")
                listed = outcome
            }
            let anomalies = try JSONSerialization.jsonObject(
                with: Data((listed?.output ?? "").utf8))
            #expect((anomalies as? [[String: Any]])?.count == 3)
            if entities > 0 {
                #expect(try await database.int("SELECT count(*) FROM vigil.entities") == entities)
                #expect(
                    try await database.int("SELECT count(*) FROM vigil.relationships")
                        == relationships)
            }
            let differences = try await database.differences()
            #expect(differences == [])
            let id = try await database.text(
                "SELECT id::text FROM vigil.anomalies WHERE is_active ORDER BY anomaly_score DESC, id LIMIT 1"
            )
            let why = try await database.text("SELECT vigil.explain_anomaly('\(id)')::text")
            #expect(why.count > 40, "\(why)")
            for (format, start) in [
                ("svg", "<svg"), ("png", "\u{89}PNG"), ("dot", "digraph"), ("json", "{"),
            ] {
                let file = "picture.\(format)"
                let outcome = try await VigilProgram(
                    ["export", id, "--format", format, "--output", folder.path + "/" + file] + dsn
                ).outcome()
                try #require(outcome.status == 0, "\(outcome)")
                let bytes = try folder.bytes(of: file)
                let expected = start.unicodeScalars.map { UInt8($0.value) }
                #expect(Array(bytes.prefix(expected.count)) == expected, "\(format)")
                #expect(bytes.count > 200)
            }
        }

        @Test("The demonstration ends by itself, and leaves neither a process nor a folder behind")
        func demonstration() async throws {
            let place = try TemporaryFolder()
            let pictures = place.path + "/pictures"
            let mark = UUID().uuidString
            let outcome = try await VigilProgram.run(
                "demo", "--exit", "--entities", "1500", "--pictures", pictures,
                environment: ["VIGIL_TEST_MARK": mark], folder: place.url, within: .seconds(300))
            #expect(outcome.status == 0, "\(outcome)")
            #expect(
                outcome.output.contains("Everything that the demo started is stopped"), "\(outcome)"
            )
            let drawn = try FileManager.default.contentsOfDirectory(atPath: pictures)
            #expect(
                drawn.contains { $0.hasSuffix(".svg") } && drawn.contains { $0.hasSuffix(".png") })
            let socket = try #require(
                outcome.output.split(separator: "\n").first { $0.contains("socket ") }?
                    .split(separator: " ").dropFirst().first?.dropLast().description)
            try await eventually("processes left behind", within: .seconds(10), equals: []) {
                processes(marked: mark)
            }
            #expect(!FileManager.default.fileExists(atPath: socket), "\(socket)")
        }

        @Test("The demonstration interrupted by Ctrl-C stops what it started, with code 0")
        func interruptedDemonstration() async throws {
            let place = try TemporaryFolder()
            let mark = UUID().uuidString
            let program = try VigilProgram(
                ["demo", "--entities", "1500", "--pictures", place.path + "/pictures"],
                environment: ["VIGIL_TEST_MARK": mark], folder: place.url)
            // A durable cluster is synchronised to the disk, which other programs may keep busy.
            try await eventually("it has begun to train", within: .seconds(120)) {
                program.complaints
            } is: {
                $0.contains("forest")
            }
            #expect(processes(marked: mark).count > 1, "its server runs")
            program.send(SIGINT)
            let outcome = try await program.outcome(within: .seconds(60))
            #expect(outcome.status == 0, "\(outcome)")
            try await eventually("processes left behind", within: .seconds(10), equals: []) {
                processes(marked: mark)
            }
        }

        /// The processes that carry the mark in their environment: the program, and all that it started.
        private func processes(marked mark: String) -> [String] {
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            let bytes = Data("VIGIL_TEST_MARK=\(mark)".utf8)
            return entries.filter { entry in
                Int(entry) != nil
                    && FileManager.default.contents(atPath: "/proc/\(entry)/environ")?
                        .range(of: bytes) != nil
            }
        }
    }
}
