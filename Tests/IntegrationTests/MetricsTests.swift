import Foundation
import Testing

extension Integration {
    /// The metrics command from the outside: its table, its report, its ways to go wrong.
    @Suite("Metrics of edge lists", .requiresProgram) struct MetricsTests {
        private static let triangle = "source,target,weight\nb,a,2\nc,b,1\na,c,0.5\nc,d,4\n"

        @Test(
            "A file becomes a row for each node in order, the node first, the chosen metrics after")
        func table() async throws {
            let folder = try TemporaryFolder()
            try folder.write(Self.triangle, to: "edges.csv")
            let outcome = try await VigilProgram.run(
                "metrics", "\(folder.path)/edges.csv", "--metrics",
                "core,degree,strength,triangles,component,articulation", "--report", "none")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.complaints.isEmpty)
            #expect(
                outcome.output == """
                    node,degree,strength,triangles,core_number,component,is_articulation_point
                    a,2,2.5,1,2,a,false
                    b,2,3.0,1,2,a,false
                    c,3,5.5,1,2,a,true
                    d,1,4.0,0,1,a,false

                    """)
        }

        @Test("JSON is one array, the report another document with times, memory and findings")
        func json() async throws {
            let folder = try TemporaryFolder()
            try folder.write("source,target\n10,9\n9,10\n9,2\n7,7\n", to: "edges.csv")
            let place = "\(folder.path)/metrics.json"
            let outcome = try await VigilProgram.run(
                "metrics", "\(folder.path)/edges.csv", "--format", "json", "--report", "json",
                "--output", place, "--threads", "1")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output.isEmpty)
            #expect(folder.names == ["edges.csv", "metrics.json"])
            let rows = try #require(
                try JSONSerialization.jsonObject(
                    with: Data(contentsOf: URL(filePath: place))) as? [[String: Any]])
            #expect(rows.map { $0["node"] as? Int } == [2, 7, 9, 10])
            #expect(rows.map { $0["component"] as? Int } == [2, 7, 2, 2])
            #expect(rows[2]["in_degree"] as? Int == 1)
            #expect(rows[2]["out_degree"] as? Int == 2)
            #expect(rows[0].count == 17)
            let report = try #require(
                try JSONSerialization.jsonObject(
                    with: Data(outcome.complaints.utf8)) as? [String: Any])
            #expect(report["nodes"] as? Int == 4)
            #expect(report["rows"] as? Int == 4)
            #expect(report["edges"] as? Int == 2)
            #expect(report["components"] as? Int == 2)
            #expect(report["bridges"] as? Int == 2)
            #expect((report["peak_resident_bytes"] as? Int ?? 0) > 1 << 20)
            #expect((report["metrics"] as? [Any])?.isEmpty == false)
        }

        @Test("A bad row is 65 and named, a missing file 66, a place that cannot be written 73")
        func errors() async throws {
            let folder = try TemporaryFolder()
            try folder.write("source,target\n1,2\n3\n", to: "bad.csv")
            try folder.write("a b\n", to: "plain.txt")
            let bad = "\(folder.path)/bad.csv"
            expect(try await VigilProgram.run("metrics", bad), 65, "\(bad):3", "1 field")
            expect(try await VigilProgram.run("metrics", "\(folder.path)/no"), 66, "no such file")
            expect(
                try await VigilProgram.run("metrics", "\(folder.path)/plain.txt"), 65, "--delimiter"
            )
            expect(
                try await VigilProgram.run("metrics", bad, "--output", "\(folder.path)/no/x"), 73,
                "\(folder.path)/no/x")
            #expect(folder.names == ["bad.csv", "plain.txt"])
        }

        @Test("A full disk is 73")
        func fullDisk() async throws {
            let folder = try TemporaryFolder()
            try folder.write(Self.triangle, to: "edges.csv")
            let outcome = try await VigilProgram.run(
                "metrics", "\(folder.path)/edges.csv", "--output", "/dev/full", "--report", "none")
            expect(outcome, 73, "/dev/full", "No space left")
        }

        @Test("Plain edge lists need only be told so")
        func plainList() async throws {
            let folder = try TemporaryFolder()
            try folder.write("# a comment\n1\t2\n2 3\n", to: "edges.txt")
            let outcome = try await VigilProgram.run(
                "metrics", "\(folder.path)/edges.txt", "--delimiter", "whitespace", "--metrics",
                "degree", "--report", "none")
            #expect(outcome.output == "node,degree\n1,1\n2,2\n3,1\n", "\(outcome)")
        }

        @Test("The same seed and threads give the same bytes")
        func repeatable() async throws {
            let folder = try TemporaryFolder()
            var text = "source,target\n"
            for edge in 0..<2000 { text += "\(edge * 7919 % 500),\(edge * 104_729 % 499)\n" }
            try folder.write(text, to: "edges.csv")
            var outputs: Set<String> = []
            for _ in 0..<2 {
                let outcome = try await VigilProgram.run(
                    "metrics", "\(folder.path)/edges.csv", "--epsilon", "0.3", "--seed", "5",
                    "--threads", "2", "--report", "none")
                #expect(outcome.status == 0, "\(outcome)")
                outputs.insert(outcome.output)
            }
            #expect(outputs.count == 1)
        }

        @Test("The memory is told before the work, and a limit below it refuses with both figures")
        func memory() async throws {
            let folder = try TemporaryFolder()
            try folder.write(Self.triangle, to: "edges.csv")
            let estimate = try await VigilProgram.run(
                "metrics", "--estimate", "\(folder.path)/edges.csv")
            #expect(estimate.status == 0, "\(estimate)")
            #expect(estimate.output.contains("4 nodes, 4 edges"))
            let large = try await VigilProgram.run(
                "estimate", "--nodes", "1000000", "--edges", "10000000", "--memory-limit", "64",
                "--json")
            expect(large, 78, "1000000 nodes", "the limit is 64 MB")
            #expect(large.output.contains("peak_bytes"))
            let refused = try await VigilProgram.run(
                "metrics", "\(folder.path)/edges.csv", "--memory-limit", "1")
            expect(refused, 78, "the limit is 1 MB")
        }

        @Test(
            "Wrong usage is 64",
            arguments: [
                ["metrics"], ["metrics", "x", "--dsn", "y"], ["metrics", "x", "--metrics", "foo"],
                ["metrics", "x", "--threads", "0"], ["metrics", "x", "--epsilon", "2"],
                ["metrics", "x", "--epsilon", "0.1", "--exact"],
                ["metrics", "x", "--delimiter", "ab"], ["estimate", "--nodes", "1"],
            ])
        func wrongUsage(arguments: [String]) async throws {
            let outcome = try await VigilProgram(arguments).outcome()
            #expect(outcome.status == 64, "\(outcome)")
        }

        @Test("The database's active graph, by the ids of its entities")
        func database() async throws {
            let database = try await VigilDatabase.fresh()
            try await database.execute(
                """
                INSERT INTO vigil.entities (id, type, is_active) OVERRIDING SYSTEM VALUE
                VALUES (1, 'domain', true), (2, 'domain', true), (3, 'domain', true), (4, 'domain', false);
                INSERT INTO vigil.relationships (source_entity_id, target_entity_id, type, weight, is_active)
                VALUES (1, 2, 'related_to', 2, true), (2, 3, 'related_to', 1, false), (2, 4, 'related_to', 1, true)
                """)
            let outcome = try await VigilProgram.run(
                "metrics", "--dsn", database.conninfo, "--metrics", "degree,strength,component",
                "--report", "none")
            #expect(
                outcome.output
                    == "node,degree,strength,component\n1,1,2.0,1\n2,1,2.0,1\n3,0,0.0,3\n",
                "\(outcome)")
        }
    }
}
