import Testing

@testable import GraphFiles

@Suite("Graph sets")
struct GraphSetTests {
    private let folder: TemporaryFolder
    private let entities = "id,type\na,domain\nb,ip_address\n"
    private let relationships = "source,target,type\na,b,resolves_to\n"

    init() throws {
        folder = try TemporaryFolder()
    }

    private func set(
        entities: String? = nil, relationships: String? = nil
    ) throws -> GraphSet {
        try folder.write("entities.csv", entities ?? self.entities)
        try folder.write("relationships.csv", relationships ?? self.relationships)
        return try GraphSet(folder: folder.path)
    }

    private func failure(
        entities: String? = nil, relationships: String? = nil
    ) throws -> GraphFileError {
        try #require(throws: GraphFileError.self) {
            let set = try set(entities: entities, relationships: relationships)
            let index = try set.readEntities { _ in }
            try set.readRelationships(index: index) { _ in }
        }
    }

    @Test("An entity has its columns typed, attributes in order, and the truth apart")
    func entity() throws {
        let set = try set(
            entities: """
                zone,id,type,label,name,confidence,first_seen,last_seen,sources,outlier_kind,note,x
                dmz,a,domain,1,"Ä, B",0.25,2024-01-01,2024-01-02T00:00:00Z,3,structural,"",
                ,b,ip_address,,,,,,,,,0.5

                """)
        var read: [GraphSetEntity] = []
        let index = try set.readEntities { read.append($0) }
        #expect(
            read == [
                GraphSetEntity(
                    line: 2, position: 0, externalID: "a", type: "domain", name: "Ä, B",
                    confidence: 0.25, firstSeen: 1_704_067_200, lastSeen: 1_704_153_600,
                    sourceCount: 3,
                    attributes: [
                        GraphSetAttribute(name: "zone", value: "dmz"),
                        GraphSetAttribute(name: "note", value: ""),
                    ],
                    groundTruth: GroundTruth(
                        label: 1,
                        notes: [GraphSetAttribute(name: "outlier_kind", value: "structural")])),
                GraphSetEntity(
                    line: 3, position: 1, externalID: "b", type: "ip_address",
                    attributes: [GraphSetAttribute(name: "x", value: "0.5")],
                    groundTruth: GroundTruth()),
            ])
        #expect(index.count == 2)
        #expect(index.position(of: "b") == 1)
        #expect(index.position(of: "c") == nil)
    }

    @Test("A relationship has its columns typed and the positions of its ends")
    func relationship() throws {
        let set = try set(
            relationships: """
                id,source,target,type,weight,timestamp,label,confidence,sources,attack,port
                r1,b,a,connects,-3.5,2024-01-01T00:00:01Z,0,1,2,smurf,80
                ,a,a,connects,,,,,,,

                """)
        var read: [GraphSetRelationship] = []
        try set.readRelationships { read.append($0) }
        #expect(
            read == [
                GraphSetRelationship(
                    line: 2, externalID: "r1", source: "b", target: "a", sourcePosition: 1,
                    targetPosition: 0, type: "connects", weight: -3.5, timestamp: 1_704_067_201,
                    confidence: 1, sourceCount: 2,
                    attributes: [GraphSetAttribute(name: "port", value: "80")],
                    groundTruth: GroundTruth(
                        label: 0, notes: [GraphSetAttribute(name: "attack", value: "smurf")])),
                GraphSetRelationship(
                    line: 3, source: "a", target: "a", sourcePosition: 0, targetPosition: 0,
                    type: "connects", attributes: [], groundTruth: GroundTruth()),
            ])
    }

    @Test("No column of ground truth is ever an attribute", arguments: GroundTruth.columns.sorted())
    func groundTruth(column: String) throws {
        let set = try set(
            entities: "id,type,\(column)\na,domain,1\nb,domain,\n",
            relationships: "source,target,type,\(column)\na,b,uses,1\n")
        let index = try set.readEntities { #expect($0.attributes.isEmpty) }
        try set.readRelationships(index: index) { row in
            #expect(row.attributes.isEmpty)
            #expect(row.groundTruth != GroundTruth())
        }
    }

    @Test(
        "A bad entity is refused with its line and field",
        arguments: [
            ("id,type\na,domain\n\"\",x\n", 3, 1, "a value is needed"),
            ("id,type\na,\n", 2, 2, "type: a value is needed"),
            ("id,type\na,x\nb,x\na,y\n", 4, 1, "“a” is there already"),
            ("id,type,confidence\na,x,0.5\nb,x,high\n", 3, 3, "“high” is not a number"),
            ("id,type,confidence\na,x,1.01\n", 2, 3, "1.01 is not between 0 and 1"),
            ("id,type,confidence\na,x,-0.1\n", 2, 3, "not between 0 and 1"),
            ("id,type,sources\na,x,-1\n", 2, 3, "“-1” is not a count"),
            ("id,type,sources\na,x,2.5\n", 2, 3, "“2.5” is not a count"),
            ("id,type,label\na,x,2\n", 2, 3, "2 is not 0, 1 or empty"),
            ("id,type,first_seen\na,\"x\ny\",soon\n", 2, 3, "first_seen: “soon”: expected"),
            ("id,type,last_seen\na,x,2023-02-30\n", 2, 3, "no such date"),
        ] as [(String, Int, Int, String)])
    func badEntity(text: String, line: Int, column: Int, reason: String) throws {
        let error = try failure(entities: text)
        #expect(error.code == .badValue)
        #expect(error.file.hasSuffix("/entities.csv"))
        #expect(error.line == line)
        #expect(error.column == column)
        #expect(error.reason.contains(reason), "\(error)")
    }

    @Test(
        "A bad relationship is refused with its line and field",
        arguments: [
            ("source,target,type\na,b,x\nz,b,x\n", 3, 1, "source: there is no entity “z”"),
            ("source,target,type\na,b,x\nb,A,x\n", 3, 2, "target: there is no entity “A”"),
            ("source,target,type\na,,x\n", 2, 2, "a value is needed"),
            ("source,target,type\na,b,\n", 2, 3, "a value is needed"),
            ("source,target,type,weight\na,b,x,heavy\n", 2, 4, "“heavy” is not a number"),
            ("source,target,type,timestamp\na,b,x,2024-01-01T10:00:00\n", 2, 4, "no zone"),
            ("source,target,type,confidence\na,b,x,7\n", 2, 4, "7 is not between 0 and 1"),
        ] as [(String, Int, Int, String)])
    func badRelationship(text: String, line: Int, column: Int, reason: String) throws {
        let error = try failure(relationships: text)
        #expect(error.code == .badValue)
        #expect(error.file.hasSuffix("/relationships.csv"))
        #expect(error.line == line)
        #expect(error.column == column)
        #expect(error.reason.contains(reason), "\(error)")
    }

    @Test("Long values are cut in messages")
    func excerpt() throws {
        let long = String(repeating: "z", count: 5000)
        let error = try failure(relationships: "source,target,type\na,\(long),x\n")
        #expect(error.reason.count < 120)
    }

    @Test(
        "A header without a needed column is refused on opening",
        arguments: [
            ("id,kind\n", nil, "type"), (nil, "source,target\n", "type"),
            (nil, "source,to,type\n", "target"),
        ] as [(String?, String?, String)])
    func missingColumn(entities: String?, relationships: String?, column: String) throws {
        let error = try #require(throws: GraphFileError.self) {
            try set(entities: entities, relationships: relationships)
        }
        #expect(error.code == .badHeader)
        #expect(error.line == 1)
        #expect(error.reason.contains("lacks the column “\(column)”"))
    }

    @Test("A folder that is missing or lacks a file is named")
    func missingFiles() throws {
        let none = try #require(throws: GraphFileError.self) {
            try GraphSet(folder: folder.path + "/none")
        }
        #expect(none.code == .missing)
        #expect(none.description == folder.path + "/none: no such folder")
        try folder.write("entities.csv", entities)
        let half = try #require(throws: GraphFileError.self) { try GraphSet(folder: folder.path) }
        #expect(half.reason == "the folder has neither relationships.csv.gz nor relationships.csv")
    }

    @Test("A compressed file is taken before the plain one")
    func compressed() throws {
        try folder.write("entities.csv.gz", gzipped(Array("id,type\nq,domain\n".utf8)))
        let set = try set(relationships: "source,target,type\nq,q,uses\n")
        var names: [String] = []
        try set.readRelationships { names.append($0.source) }
        #expect(names == ["q"])
    }

    @Test("What the body throws ends the reading")
    func bodyThrows() throws {
        struct Enough: Error {}
        let set = try set()
        var count = 0
        #expect(throws: Enough.self) {
            try set.readEntities { _ in
                count += 1
                throw Enough()
            }
        }
        #expect(count == 1)
    }

    @Test("Sparse features are the numbers of the active ones")
    func sparseFeatures() throws {
        #expect(try set().readSparseFeatures { _ in } == false)
        try folder.write("features_sparse.csv", "entity_id,active_features\nb,0 7 1432\na,\n")
        var read: [SparseFeatures] = []
        #expect(try set().readSparseFeatures { read.append($0) })
        #expect(
            read == [
                SparseFeatures(externalID: "b", position: 1, active: [0, 7, 1432]),
                SparseFeatures(externalID: "a", position: 0, active: []),
            ])
    }

    @Test(
        "Bad sparse features are refused with their line",
        arguments: [
            ("a,1 x\n", 2), ("a,1\nb,2 2\n", 3), ("a,3 1\n", 2), ("a,1  2\n", 2), ("a,1 \n", 2),
            ("a,-1\n", 2), ("a,1\nz,1\n", 3), ("a,1\na,1\n", 3), ("a,3000000000\n", 2),
        ])
    func badSparseFeatures(rows: String, line: Int) throws {
        try folder.write("features_sparse.csv", "entity_id,active_features\n" + rows)
        let set = try set()
        let error = try #require(throws: GraphFileError.self) {
            try set.readSparseFeatures { _ in }
        }
        #expect(error.line == line)
    }
}
