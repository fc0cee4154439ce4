import Foundation
import Testing

extension Integration {
    /// `vigil generate`, and `vigil import` of what it wrote.
    @Suite("Generated sets", .requiresProgram) struct GenerateTests {
        private struct About: Decodable {
            struct File: Decodable {
                var rows: Int
                var crc32: UInt32
            }
            var files: [String: File]
        }

        @Test(
            "A generated set is imported whole, its history as observations, its truth not at all")
        func importsWhole() async throws {
            let folder = try TemporaryFolder()
            let path = folder.path + "/set"
            let generated = try await VigilProgram.run(
                "generate", path, "--entities", "1000", "--months", "7", "--json")
            try #require(generated.status == 0, "\(generated)")
            let text = try Data(contentsOf: URL(filePath: path + "/set.json"))
            let about = try JSONDecoder().decode(About.self, from: text)
            let database = try await VigilDatabase.fresh()
            let outcome = try await VigilProgram.run("import", path, "--dsn", database.conninfo)
            try #require(outcome.status == 0, "\(outcome)")
            for (file, query) in [
                ("entities", "vigil.entities WHERE tags IS NOT NULL"),
                ("relationships", "vigil.relationships WHERE updated_at >= created_at"),
                ("history", "vigil.observation_history WHERE operation = 'H'"),
            ] {
                let count = try await database.int("SELECT count(*) FROM \(query)")
                #expect(Int(count) == about.files[file + ".csv.gz"]?.rows, "\(file)")
            }
            let filled = try await database.text(
                """
                SELECT concat_ws(' ', (SELECT count(*) > 0 FROM vigil.entities WHERE NOT is_active),
                    (SELECT count(*) > 0 FROM vigil.entities WHERE cardinality(tags) > 1),
                    (SELECT count(*) > 0 FROM vigil.entities WHERE cardinality(sources) > 1),
                    (SELECT count(*) > 0 FROM vigil.entities WHERE description <> ''),
                    (SELECT count(*) > 0 FROM vigil.entities WHERE metadata <> '{}'),
                    (SELECT count(*) > 0 FROM vigil.entities WHERE risk_score IS NULL),
                    (SELECT count(*) > 0 FROM vigil.relationships WHERE verified),
                    (SELECT count(*) > 0 FROM vigil.relationships WHERE jsonb_array_length(evidence) > 1),
                    (SELECT count(*) > 0 FROM vigil.relationships WHERE type = 'pays'),
                    (SELECT bool_and(is_rating) FROM vigil.relationship_types WHERE type = 'rates'))
                """)
            #expect(filled == "t t t t t t t t t t")
        }

        @Test("What is in the way, and what cannot be, is told in one line")
        func refusals() async throws {
            let folder = try TemporaryFolder()
            try folder.write("x", to: "file")
            let full = try await VigilProgram.run("generate", folder.path)
            expect(full, 73, "not empty")
            let absent = try await VigilProgram.run("generate", folder.path + "/none/set")
            expect(absent, 73, "does not exist")
            for arguments in [
                ["--entities", "10"], ["--months", "2"], ["--anomalies", "0.5"],
                ["--as-of", "1969-01-01"],
            ] {
                let outcome = try await VigilProgram.run(
                    "generate", folder.path + "/set", arguments[0], arguments[1])
                #expect(outcome.status == 64, "\(arguments) \(outcome)")
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left == ["file"])
        }
    }
}
