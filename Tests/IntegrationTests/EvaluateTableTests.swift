import Foundation
import Testing

extension Integration {
    /// Needs no database.
    @Suite("Evaluation of a table", .requiresProgram) struct EvaluateTableTests {
        /// Forty rows around zero, of which the labelled ones lie far away; one value is missing.
        private func table(labels: (Int) -> String) -> String {
            let rows = (0..<40).map { row in
                let shift = row < 3 ? 50 : 0
                let first = row == 9 ? "" : "\(shift + row * 7 % 11)"
                return "\(first),\(shift + row * 5 % 13),row \(row),\(labels(row))"
            }
            return (["x0,x1,name,y"] + rows).joined(separator: "\n") + "\n"
        }

        private func report(_ outcome: VigilProgram.Outcome) throws -> [String: Any] {
            let json = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
            return try #require(json as? [String: Any])
        }

        @Test("The measures and the severities stand in the JSON, and no thread count changes them")
        func json() async throws {
            let folder = try TemporaryFolder()
            try folder.write(table { $0 < 3 ? "1" : $0 < 30 ? "0" : "" }, to: "t.csv")
            var reports: [NSDictionary] = []
            for threads in ["1", "2"] {
                let outcome = try await VigilProgram.run(
                    "evaluate", "table", "t.csv", "--seeds", "1", "2", "--threads", threads,
                    "--json", folder: folder.url)
                #expect(outcome.status == 0, "\(outcome)")
                var report = try report(outcome)
                #expect(report["auroc"] as? Double == 1)
                #expect(report["average_precision"] as? Double == 1)
                #expect(report["seeds"] as? [Int] == [1, 2])
                #expect(report["unlabelled"] as? Int == 10)
                #expect(report["missing_values"] as? Int == 1)
                #expect(report["ignored_columns"] as? [String] == ["name"])
                #expect(report.removeValue(forKey: "seconds") as? Double != nil)
                reports.append(report as NSDictionary)
            }
            #expect(reports[0] == reports[1])
        }

        @Test("With one class only the measures are null, and a line says so")
        func oneClass() async throws {
            let folder = try TemporaryFolder()
            try folder.write(table { _ in "0" }, to: "t.csv")
            let outcome = try await VigilProgram.run(
                "evaluate", "table", "t.csv", "--seeds", "1", "--json", folder: folder.url)
            let report = try report(outcome)
            #expect(report["auroc"] is NSNull)
            #expect((report["note"] as? String)?.contains("y = 1") == true)
        }

        @Test(
            "Every fault of the file is 65 and names the place",
            arguments: [
                ("x0,x1\n1,2\n", "t.csv:1: the header lacks the column “y”"),
                ("a,y\n1,0\n", "t.csv:1: no column's name begins with x"),
                ("x0,y\n1,0\nabc,1\n", "t.csv:3: column 1: x0: “abc” is not a finite number"),
                ("x0,y\n1,2\n", "t.csv:2: column 2: y: a label is"),
                ("x0,y\n", "t.csv: the table has a header and no rows"),
            ])
        func faults(text: String, complaint: String) async throws {
            let folder = try TemporaryFolder()
            try folder.write(text, to: "t.csv")
            let outcome = try await VigilProgram.run(
                "evaluate", "table", "t.csv", folder: folder.url)
            #expect(outcome.status == 65 && outcome.complaints.contains(complaint), "\(outcome)")
        }

        @Test("A file that is not there is 66, an impossible parameter 64")
        func parameters() async throws {
            let folder = try TemporaryFolder()
            try folder.write(table { _ in "0" }, to: "t.csv")
            for (arguments, status) in [
                (["missing.csv"], 66), (["t.csv", "--extension-level", "2"], 64),
                (["t.csv", "--trees", "0"], 64), (["t.csv", "--forest", "none"], 66),
                (["t.csv", "--forest", "t.csv"], 65),
            ] as [([String], Int32)] {
                let program = try VigilProgram(
                    ["evaluate", "table"] + arguments, folder: folder.url)
                #expect(try await program.outcome().status == status, "\(arguments)")
            }
        }
    }
}
