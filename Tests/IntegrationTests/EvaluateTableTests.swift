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

        /// What the JSON has to hold.
        private struct Report: Decodable, Equatable {
            var auroc, averagePrecision: Double?
            var seeds: [UInt64]
            var unlabelled, missingValues: Int
            var ignoredColumns: [String]
            var severities: [String: [String: Int]]
            var note: String?
        }

        private func decoded(_ outcome: VigilProgram.Outcome) throws -> Report {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(Report.self, from: Data(outcome.output.utf8))
        }

        @Test("The measures and the severities stand in the JSON, and no thread count changes them")
        func json() async throws {
            let folder = try TemporaryFolder()
            try folder.write(table { $0 < 3 ? "1" : $0 < 30 ? "0" : "" }, to: "t.csv")
            var reports: [Report] = []
            for threads in ["1", "2"] {
                let outcome = try await VigilProgram.run(
                    "evaluate", "table", "t.csv", "--seeds", "1", "2", "--threads", threads,
                    "--json", folder: folder.url)
                #expect(outcome.status == 0, "\(outcome)")
                #expect(outcome.output.contains("\"seconds\""))
                reports.append(try decoded(outcome))
            }
            #expect(reports[0] == reports[1])
            #expect(reports[0].auroc == 1 && reports[0].averagePrecision == 1)
            #expect(reports[0].seeds == [1, 2])
            #expect(reports[0].unlabelled == 10 && reports[0].missingValues == 1)
            #expect(reports[0].ignoredColumns == ["name"])
            #expect(reports[0].severities["anomalies"]?["rows"] == 6)
            #expect(reports[0].note == nil)
        }

        @Test("With one class only the measures are null, and a line says so")
        func oneClass() async throws {
            let folder = try TemporaryFolder()
            try folder.write(table { _ in "0" }, to: "t.csv")
            let outcome = try await VigilProgram.run(
                "evaluate", "table", "t.csv", "--seeds", "1", "--json", folder: folder.url)
            #expect(outcome.output.contains("\"auroc\" : null"))
            #expect(try decoded(outcome).note?.contains("y = 1") == true)
        }

        /// Of the report of models that learn from labels.
        private struct SupervisedReport: Decodable {
            struct Score: Decodable {
                var name: String
                var auroc: Double
            }

            var scores: [Score]
            var folds, unlabelled: Int
        }

        @Test("Models that learn from the labels are judged by cross-validation")
        func supervised() async throws {
            let folder = try TemporaryFolder()
            try folder.write(table { $0 < 3 ? "1" : $0 < 30 ? "0" : "" }, to: "t.csv")
            let outcome = try await VigilProgram.run(
                "evaluate", "table", "t.csv", "--supervised", "--leaf-rows", "1", "--seeds", "1",
                "2", "--json", folder: folder.url)
            #expect(outcome.status == 0, "\(outcome)")
            let report = try JSONDecoder().decode(
                SupervisedReport.self, from: Data(outcome.output.utf8))
            // Three anomalies make three folds.
            #expect(report.folds == 3 && report.unlabelled == 10)
            #expect(report.scores.map(\.name) == ["boosted trees", "logistic regression"])
            #expect(report.scores.allSatisfy { $0.auroc == 1 })
        }

        @Test("Cross-validation without two rows of each kind is refused with their numbers")
        func supervisedOneClass() async throws {
            let folder = try TemporaryFolder()
            try folder.write(table { $0 < 1 ? "1" : "0" }, to: "t.csv")
            let outcome = try await VigilProgram.run(
                "evaluate", "table", "t.csv", "--supervised", folder: folder.url)
            #expect(outcome.status == 65, "\(outcome)")
            #expect(outcome.complaints.contains("1 anomalous and 39 normal"))
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
