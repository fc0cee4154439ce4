import Foundation
import PostgresClient
import Testing

extension Integration {
    /// What a model tells about the rows that it was trained on.
    @Suite("What models hold", .requiresProgram) struct PrivacyTests {
        private static let mark = "qzx"

        @Test(
            "Neither a model nor its files hold a name, value, description, source, tag, text of the metadata or key of a row"
        )
        func holdsNoRows() async throws {
            let folder = try TemporaryFolder()
            let generated = try await VigilProgram.run(
                "generate", folder.path + "/set", "--entities", "1000", "--months", "7")
            try #require(generated.status == 0, "\(generated)")
            let database = try await VigilDatabase.fresh()
            // Keys of which no number of a model can have the upper bytes by chance.
            try await database.execute(
                """
                ALTER TABLE vigil.entities ALTER id RESTART WITH \(Self.firstKey);
                ALTER TABLE vigil.relationships ALTER id RESTART WITH \(Self.firstKey)
                """)
            let imported = try await VigilProgram.run(
                "import", folder.path + "/set", "--dsn", database.conninfo)
            try #require(imported.status == 0, "\(imported)")
            try await database.execute(
                """
                UPDATE vigil.entity_types SET numeric_metadata = '{turnover}' WHERE type = 'company';
                UPDATE vigil.entities SET name = 'qzx name ' || name || id, value = 'qzx value ' || value || id,
                    description = 'qzx description ' || coalesce(description, '') || id,
                    source = 'qzx source ' || source,
                    sources = ARRAY(SELECT 'qzx source ' || s FROM unnest(sources) AS s),
                    tags = ARRAY(SELECT 'qzx tag ' || t FROM unnest(tags) AS t),
                    metadata = metadata || jsonb_build_object('qzx key', 'qzx text ' || id, 'turnover', id % 997);
                UPDATE vigil.relationships SET sources = '{qzx source}', description = 'qzx description ' || id,
                    metadata = jsonb_build_object('qzx key', 'qzx text ' || id)
                """)
            let trained = try await VigilProgram([
                "train", "--dsn", database.conninfo, "--trees", "20", "--output", folder.path,
            ]).outcome(within: .seconds(240))
            try #require(trained.status == 0, "\(trained)")

            var haystacks: [(name: String, bytes: Data)] = []
            let place = folder.path + "/v1.0.0"
            for name in try FileManager.default.contentsOfDirectory(atPath: place) {
                let file = URL(filePath: place + "/" + name)
                haystacks.append((name, try Data(contentsOf: file)))
            }
            #expect(haystacks.count >= 5)
            let stored = try await database.session.query(
                "SELECT archive, card::text, coalesce(note, '') FROM vigil.models")
            haystacks.append(("archive", Data(try stored.bytes(row: 0, column: 0))))
            for column in [1, 2] {
                let text = try stored.string(row: 0, column: column)
                haystacks.append(("column \(column)", Data(text.utf8)))
            }
            let needles = try await texts(in: database)
            #expect(needles.count > 500)
            #expect(needles.allSatisfy { $0.contains(Self.mark) })
            let key = withUnsafeBytes(of: Self.firstKey.littleEndian) { Data($0.dropFirst(2)) }
            for (name, bytes) in haystacks {
                // Every one of the texts has the mark.
                #expect(bytes.range(of: Data(Self.mark.utf8)) == nil, "\(name)")
                #expect(bytes.range(of: key) == nil, "\(name) holds a key")
                for id in [Self.firstKey, Self.firstKey + 1, Self.firstKey + 250] {
                    #expect(bytes.range(of: Data("\(id)".utf8)) == nil, "\(name) holds \(id)")
                }
            }
            for text in needles.prefix(50) {
                let words = Data(text.replacing("qzx ", with: "").utf8)
                for (name, bytes) in haystacks where words.count > 12 {
                    #expect(bytes.range(of: words) == nil, "\(name): \(text)")
                }
            }
        }

        private static let firstKey: Int64 = 0x0051_9A3C_77E1_0000

        private func texts(in database: VigilDatabase) async throws -> [String] {
            let answer = try await database.session.query(
                """
                SELECT DISTINCT text FROM vigil.entities,
                    unnest(ARRAY[name, value, description, source, metadata ->> 'qzx key']
                        || sources || tags) AS text
                WHERE text <> '' ORDER BY text
                """)
            return try (0..<answer.rowCount).map { try answer.string(row: $0, column: 0) }
        }
    }
}
