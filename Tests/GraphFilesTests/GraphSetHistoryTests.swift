import Testing

@testable import GraphFiles

@Suite("Graph sets with history and truth")
struct GraphSetHistoryTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("entities.csv", "id,type\n1,domain\n2,ip_address\n")
        try folder.write(
            "relationships.csv", "id,source,target,type\n7,1,2,uses\n8,2,1,uses\n")
    }

    private func read(_ set: GraphSet) throws -> ([GraphSetObservation], [GraphSetTruth]) {
        var observations: [GraphSetObservation] = []
        var truth: [GraphSetTruth] = []
        let index = try set.readEntities { _ in }
        let ids = try set.readRelationships(index: index) { _ in }
        try set.readHistory(entities: index, relationships: ids) { observations.append($0) }
        try set.readTruth(entities: index, relationships: ids) { truth.append($0) }
        return (observations, truth)
    }

    @Test("All columns of the tables are typed, in any order and optional")
    func columns() throws {
        try folder.write(
            "entities.csv",
            """
            is_active,id,type,value,risk_score,sources,is_verified,tags,metadata,description,created_at,x
            true,1,domain,a.example,0.25,dns|whois,false,web|shop,"{""a"": 1}",A shop.,2024-01-01,7
            ,2,ip_address,,,3,,,,,,

            """)
        try folder.write(
            "relationships.csv",
            """
            id,source,target,type,sources,evidence,verified,first_observed,last_observed,updated_at,is_active
            1,1,2,uses,dns,"[""record""]",1,2024-01-01,2024-01-02,2024-01-03,0

            """)
        let set = try GraphSet(folder: folder.path)
        var entities: [GraphSetEntity] = []
        let index = try set.readEntities { entities.append($0) }
        let first = try #require(entities.first)
        #expect(first.value == "a.example" && first.riskScore == 0.25 && first.sourceCount == 2)
        #expect(first.sources == ["dns", "whois"] && first.tags == ["web", "shop"])
        #expect(first.isActive == true && first.isVerified == false)
        #expect(first.metadata == "{\"a\": 1}" && first.description == "A shop.")
        #expect(first.createdAt == 1_704_067_200)
        #expect(first.attributes == [GraphSetAttribute(name: "x", value: "7")])
        #expect(entities[1].sourceCount == 3 && entities[1].sources.isEmpty)
        #expect(entities[1].isActive == nil && entities[1].metadata == nil)
        var relationships: [GraphSetRelationship] = []
        try set.readRelationships(index: index) { relationships.append($0) }
        let row = try #require(relationships.first)
        #expect(row.evidence == "[\"record\"]" && row.isVerified == true && row.isActive == false)
        #expect(row.timestamp == 1_704_067_200 && row.lastObserved == 1_704_153_600)
        #expect(row.updatedAt == 1_704_240_000 && row.sources == ["dns"])
    }

    @Test("History and truth name their rows by position")
    func historyAndTruth() throws {
        try folder.write(
            "history.csv",
            """
            subject,id,observed_at,confidence,confidence_before,weight
            entity,2,2024-01-01T00:00:01Z,0.5,0.25,
            relationship,8,2024-01-02,,,12.5

            """)
        try folder.write(
            "truth.csv",
            """
            subject,id,case,role,type,other_types,kind,strength,description
            relationship,7,1,subject,semantic,temporal|relationship,burst,0.5,Why.
            entity,1,1,part,semantic,,burst,,

            """)
        let (observations, truth) = try read(try GraphSet(folder: folder.path))
        #expect(observations.map(\.subject) == [.entity(1), .relationship(1)])
        #expect(observations.map(\.observedAt) == [1_704_067_201, 1_704_153_600])
        #expect(observations[0].confidence == 0.5 && observations[0].confidenceBefore == 0.25)
        #expect(observations[1].weight == 12.5 && observations[1].confidence == nil)
        #expect(truth.map(\.subject) == [.relationship(0), .entity(0)])
        #expect(truth.map(\.role) == [.subject, .part])
        #expect(truth[0].otherTypes == ["temporal", "relationship"] && truth[0].strength == 0.5)
    }

    @Test("A set without history and truth says so, and its ids may repeat")
    func without() throws {
        try folder.write(
            "relationships.csv", "id,source,target,type\n7,1,2,uses\n7,2,1,uses\n")
        let set = try GraphSet(folder: folder.path)
        let index = try set.readEntities { _ in }
        let ids = try set.readRelationships(index: index) { _ in }
        #expect(try !set.readHistory(entities: index, relationships: ids) { _ in })
        #expect(try !set.readTruth(entities: index, relationships: ids) { _ in })
    }

    @Test(
        "A bad row is refused with its file, line and field",
        arguments: [
            ("entities", "id,type,tags\n1,a,x||y\n", 2, 3, "empty member"),
            ("entities", "id,type,tags\n1,a,x|x\n", 2, 3, "names a member twice"),
            ("entities", "id,type,is_active\n1,a,yes\n", 2, 3, "not true or false"),
            ("entities", "id,type,metadata\n1,a,{}\n2,a,[]\n", 3, 3, "not a JSON object"),
            ("entities", "id,type,metadata\n1,a,{x}\n", 2, 3, "not a JSON object"),
            ("entities", "id,type,risk_score\n1,a,1.5\n", 2, 3, "not between 0 and 1"),
            ("relationships", "id,source,target,type\n7,1,2,a\n7,1,2,a\n", 3, 1, "there already"),
            ("relationships", "id,source,target,type,evidence\n7,1,2,a,7\n", 2, 5, "or array"),
            ("history", "subject,id,observed_at\nentity,3,2024-01-01\n", 2, 2, "no entity “3”"),
            ("history", "subject,id,observed_at\nrelationship,1,2024-01-01\n", 2, 2, "no relat"),
            ("history", "subject,id,observed_at\nthing,1,2024-01-01\n", 2, 1, "neither entity"),
            ("history", "subject,id,observed_at\nentity,1,\n", 2, 3, "a time is needed"),
            ("history", "subject,id\n", 1, nil, "lacks the column “observed_at”"),
            (
                "truth", "subject,id,case,role,type,kind\nentity,1,1,x,a,b\n", 2, 4,
                "neither subject"
            ),
            ("truth", "subject,id,case,role,type,kind\nentity,1,,part,a,b\n", 2, 3, "a number"),
        ] as [(String, String, Int, Int?, String)])
    func bad(file: String, text: String, line: Int, column: Int?, reason: String) throws {
        try folder.write("history.csv", "subject,id,observed_at\n")
        try folder.write("\(file).csv", text)
        let error = try #require(throws: GraphFileError.self) {
            _ = try read(try GraphSet(folder: folder.path))
        }
        #expect(error.file.hasSuffix("\(file).csv"))
        #expect(error.line == line && error.column == column)
        #expect(error.description.contains(reason), "\(error)")
    }

    @Test(
        "Ids are found however they are written",
        arguments: [
            ["1", "2", "3"], ["0", "1", "2"], ["5", "6", "9", "7"], ["1", "02", "2"],
            ["a", "1", "2"], ["3", "2", "1"], ["1", "+2", "2"],
        ])
    func ids(ids: [String]) {
        var index = GraphSetIndex()
        for id in ids {
            let isNew = index.insert(id)
            #expect(isNew)
        }
        #expect(index.count == ids.count)
        for (position, id) in ids.enumerated() { #expect(index.position(of: id) == position) }
        for id in ["4", "x", "-1", "00", ""] where !ids.contains(id) {
            #expect(index.position(of: id) == nil)
        }
        for id in ids {
            let isNew = index.insert(id)
            #expect(!isNew)
        }
        #expect(index.count == ids.count)
    }

    @Test("A folder appears whole, and never over another")
    func output() throws {
        let path = folder.path + "/new"
        let target = try GraphSetFolder(path + "/", mark: "1")
        let file = try target.file("a.csv.gz")
        try file.write(Array("id\n".utf8))
        try file.write(Array("1\n".utf8))
        try file.finish()
        try target.write("{}", to: "set.json")
        #expect(throws: GraphFileError.self) { _ = try CSVReader(file: path + "/a.csv.gz") }
        try target.finish()
        let reader = try CSVReader(file: path + "/a.csv.gz")
        #expect(reader.columns == ["id"])
        // The CRC-32 of "id\n1\n" and its length.
        #expect(file.byteCount == 5)
        let taken = try #require(throws: GraphFileError.self) {
            _ = try GraphSetFolder(path, mark: "2")
        }
        #expect(taken.code == .unwritable && taken.reason.contains("not empty"))
        let missing = try #require(throws: GraphFileError.self) {
            _ = try GraphSetFolder(folder.path + "/none/new", mark: "2")
        }
        #expect(missing.reason.contains("does not exist"))
        let inTheWay = try #require(throws: GraphFileError.self) {
            _ = try GraphSetFolder(folder.path + "/entities.csv", mark: "2")
        }
        #expect(inTheWay.reason.contains("a file of that name"))
    }
}
