import Foundation
import PostgresClient
import Testing

@testable import VigilCLI

extension Integration {
    /// What an analyst does at a terminal, from the list to the verdict.
    @Suite("Commands of the desk", .requiresProgram) struct DeskTests {
        private static let first = "aaaa0000-0000-4000-8000-000000000001"
        private static let second = "aaaa0000-0000-4000-8000-000000000002"
        private static let third = "bbbb0000-0000-4000-8000-000000000003"
        /// Names that must not steer a terminal or be a formula.
        private static let hostile = "\u{1B}[2J\u{202E}gpj\u{7}\r=cmd()"

        /// Three anomalies: two of one beginning, one with a hostile name of a megabyte.
        private func desk() async throws -> VigilDatabase {
            let database = try await VigilDatabase.fresh()
            try await database.addEntities(3)
            let long = Self.hostile + String(repeating: "x", count: 1 << 20)
            _ = try await database.session.query(
                """
                INSERT INTO vigil.anomalies (id, subject_kind, subject_id, entity_id, subject_type,
                    subject_name, anomaly_type, anomaly_score, peak_score, confidence, severity,
                    description, detection_method)
                SELECT key::uuid, 'entity', position, position, 'domain', name, 'behavioral',
                    1 - position / 10.0, 1, 0.5, severity, name, 'ensemble'
                FROM unnest($1::text[], $2::text[], '{critical,high,low}'::text[])
                    WITH ORDINALITY AS given (key, name, severity, position)
                """,
                [
                    .textArray([Self.first, Self.second, Self.third]),
                    .textArray(["=1+1", "plain, \"quoted\"", long]),
                ])
            try await database.execute("UPDATE vigil.entities SET name = NULL, value = NULL")
            return database
        }

        private func run(_ arguments: [String], on database: VigilDatabase) async throws -> String {
            let outcome = try await VigilProgram(arguments + ["--dsn", database.conninfo])
                .outcome()
            #expect(outcome.status == 0, "\(outcome.complaints.prefix(500))")
            return outcome.output
        }

        private func expectHarmless(_ text: String) {
            #expect(!text.unicodeScalars.contains(where: Terminal.isHostile))
        }

        @Test("Anomalies are listed the strangest first, filtered, and page by page without a gap")
        func list() async throws {
            let database = try await desk()
            let table = try await run(["anomalies"], on: database)
            expectHarmless(table)
            #expect(table.utf8.count < 4000)
            let ids = table.split(separator: "\n").dropFirst(2).map { $0.prefix(8) }
            #expect(ids == ["aaaa0000", "aaaa0000", "bbbb0000"])
            #expect(
                try await run(["anomalies", "--severity", "low"], on: database)
                    .contains("bbbb0000"))
            #expect(
                try await run(["anomalies", "--state", "closed"], on: database)
                    == "No anomaly fits.\n")
            let page = try await VigilProgram.run(
                "anomalies", "--limit", "2", "--format", "jsonl", "--dsn", database.conninfo)
            #expect(page.output.split(separator: "\n").count == 2)
            let place = try #require(page.complaints.firstMatch(of: /--after (\S+)/)).1
            let rest = try await run(
                ["anomalies", "--format", "jsonl", "--after", String(place)], on: database)
            #expect(rest.split(separator: "\n").count == 1)
            #expect(rest.contains(Self.third))
        }

        @Test("JSON is exact and harmless; CSV has no formula and keeps what is quoted")
        func exports() async throws {
            let database = try await desk()
            for format in ["json", "jsonl"] {
                let text = try await run(["anomalies", "--all", "--format", format], on: database)
                expectHarmless(text)
                let last = format == "json" ? text : String(text.split(separator: "\n")[2])
                let parsed = try JSONSerialization.jsonObject(with: Data(last.utf8))
                let row = (parsed as? [[String: Any]])?.last ?? (parsed as? [String: Any])
                let name = try #require(row?["subject_name"] as? String)
                #expect(name.hasPrefix(Self.hostile))
                #expect(name.unicodeScalars.count > 1 << 20)
            }
            let csv = try await run(["anomalies", "--all", "--format", "csv"], on: database)
            #expect(csv.hasPrefix("id,severity,score,"))
            #expect(csv.contains(",'=1+1,"))
            #expect(csv.contains(#","plain, ""quoted""","#))
        }

        @Test("An anomaly is shown, ticked off, reviewed and taken back by the beginning of its id")
        func work() async throws {
            let database = try await desk()
            let shown = try await run(["show", "bbbb"], on: database)
            expectHarmless(shown)
            #expect(shown.contains(Self.third))
            #expect(shown.contains("Checklist (playbook behaviour)"))
            #expect(
                try await run(["playbook", "tick", "bbbb", "1", "--note", "looked"], on: database)
                    .contains("Step 1 is done"))
            #expect(
                try await run(["playbook", "checklist", "bbbb"], on: database)
                    .contains("[x] 1."))
            #expect(
                try await run(["review", Self.first, Self.second, "benign"], on: database)
                    .contains("\(Self.second): benign"))
            #expect(
                try await database.int(
                    "SELECT count(*) FROM vigil.anomalies WHERE verdict = 'benign'") == 2)
            #expect(
                try await run(["review", "--undo", Self.first], on: database)
                    .contains("not reviewed"))
            #expect(try await run(["show", Self.first], on: database).contains("undo review"))
        }

        @Test("What names no one anomaly, or no verdict, is refused and says how to go on")
        func refused() async throws {
            let database = try await desk()
            let dsn = ["--dsn", database.conninfo]
            for (arguments, status, words) in [
                (["show", "aaaa0000"], 66, "give more of it"),
                (["show", "cccc"], 66, "there is no anomaly cccc"),
                (["show", "x'; --"], 66, "is no id of an anomaly"),
                (["review", "bbbb", "maybe"], 64, "true_positive"),
                (["playbook", "tick", "bbbb", "9"], 66, "no step 9"),
                (["anomalies", "--severity", "huge"], 65, "huge"),
                (["report", "--id", "7"], 66, "no report 7"),
            ] {
                let outcome = try await VigilProgram(arguments + dsn).outcome()
                #expect(outcome.status == status, "\(arguments): \(outcome)")
                #expect(outcome.complaints.contains(words), "\(arguments): \(outcome)")
            }
        }

        @Test("A report comes in four forms, in HTML with the pictures of what is open")
        func report() async throws {
            let database = try await desk()
            let text = try await run(["report"], on: database)
            expectHarmless(text)
            #expect(text.hasPrefix("VIGIL REPORT"))
            #expect(
                try await run(["report", "--format", "markdown"], on: database).hasPrefix("# "))
            let html = try await run(["report", "--format", "html"], on: database)
            #expect(html.components(separatedBy: "<svg").count == 4)
            let json = try await run(["report", "--json"], on: database)
            #expect(try JSONSerialization.jsonObject(with: Data(json.utf8)) is [String: Any])
        }

        @Test("Whoever watches sees what is found, reviewed and closed, and ends it by SIGINT")
        func watch() async throws {
            let database = try await desk()
            let watcher = try VigilProgram([
                "watch", "--interval", "0.2", "--dsn", database.conninfo,
            ])
            // What was there before is not told; one more is repeated until the watcher stands.
            func told(_ word: String) async throws {
                try await eventually("a line with \(word)", equals: true) {
                    watcher.output.contains(word)
                }
            }
            try await eventually("the watcher stands", equals: true) {
                watcher.complaints.contains("watching")
            }
            try await eventually("a change is told", equals: true) {
                try await database.execute(
                    "UPDATE vigil.anomalies SET occurrences = occurrences + 1 WHERE id = '\(Self.first)'"
                )
                return watcher.output.contains("changed")
            }
            _ = try await run(["review", "bbbb", "undecided"], on: database)
            try await told("reviewed")
            try await database.execute(
                """
                UPDATE vigil.anomalies SET is_active = false, resolved_at = now()
                WHERE id = '\(Self.second)'
                """)
            try await told("closed")
            expectHarmless(watcher.output)
            watcher.send(SIGINT)
            #expect(try await watcher.outcome(within: .seconds(10)).status == 0)
        }

        @Test("A picture without names is what a role without the right to them gets")
        func redacted() async throws {
            let database = try await desk()
            for format in ["svg", "mermaid", "graphml", "json"] {
                let named = try await run(
                    ["export", Self.second, "--format", format], on: database)
                #expect(named.contains("plain"))
                let hidden = try await run(
                    ["export", Self.second, "--redact", "--format", format], on: database)
                #expect(!hidden.contains("plain"))
            }
        }
    }
}
