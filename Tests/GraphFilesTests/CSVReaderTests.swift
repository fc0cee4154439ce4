import Testing

@testable import GraphFiles

@Suite("CSV reader")
struct CSVReaderTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// All records of a text, with the line on which each starts.
    private func records(
        _ bytes: [UInt8], limits: CSVReader.Limits = .init()
    ) throws -> [(line: Int, fields: [String?])] {
        let file = try folder.write("file.csv", bytes)
        var reader = try CSVReader(file: file, limits: limits)
        var record = CSVRecord()
        var result: [(line: Int, fields: [String?])] = []
        while try reader.read(into: &record) {
            result.append((record.line, (0..<record.fieldCount).map { record[$0] }))
        }
        return result
    }

    private func fields(_ text: String) throws -> [[String?]] {
        try records(Array(text.utf8)).map(\.fields)
    }

    private func failure(
        _ bytes: [UInt8], limits: CSVReader.Limits = .init()
    ) throws -> GraphFileError {
        try #require(throws: GraphFileError.self) { try records(bytes, limits: limits) }
    }

    @Test(
        "Lines may end with LF or CRLF, and the last one need not end at all",
        arguments: ["a,b\n1,2\n3,4\n", "a,b\n1,2\n3,4", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r\n1,2\n3,4"])
    func lineEnds(text: String) throws {
        #expect(try fields(text) == [["1", "2"], ["3", "4"]])
    }

    @Test("A byte order mark is not part of the first name")
    func byteOrderMark() throws {
        let file = try folder.write("bom.csv", [0xEF, 0xBB, 0xBF] + Array("id,b\n1,2\n".utf8))
        let reader = try CSVReader(file: file)
        #expect(reader.columns == ["id", "b"])
        #expect(reader.columnIndex("b") == 1)
    }

    @Test("Quoted fields hold commas, doubled quotes and line ends")
    func quoting() throws {
        let text = "a,b\n\"x, y\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"cr\r\nlf\"\n"
        #expect(try fields(text) == [["x, y", "say \"hi\""], ["two\nlines", "cr\r\nlf"]])
    }

    @Test("Nothing is no value, two quotes are an empty text")
    func emptiness() throws {
        #expect(try fields("a,b,c\n,\"\",x\n,,\n") == [[nil, "", "x"], [nil, nil, nil]])
        #expect(try fields("a,b\n1,\"\"") == [["1", ""]])
        #expect(try fields("a,b\n1,") == [["1", nil]])
    }

    @Test("Each record knows the line on which it starts")
    func lines() throws {
        let text = "a,b\n1,\"x\ny\nz\"\n2,w\n\"\n\",v\n3,u"
        #expect(try records(Array(text.utf8)).map(\.line) == [2, 5, 6, 8])
    }

    @Test("Text beyond ASCII comes through whole")
    func unicode() throws {
        #expect(try fields("a\nмир\nnaïve 🦉\n") == [["мир"], ["naïve 🦉"]])
    }

    @Test("A file with a header alone has no records")
    func headerAlone() throws {
        #expect(try fields("a,b\n").isEmpty)
        #expect(try fields("a,b").isEmpty)
    }

    @Test("Records that span the buffer are the same as those within it", arguments: [1, 2, 3])
    func bufferBorders(shift: Int) throws {
        // 300 KiB in one field put every kind of border near the end of the 256 KiB buffer.
        let long = String(repeating: "x\"\"y,\r\n", count: 37_449 - shift)
        let text = "a,b\r\n\"\(long)\",\"\(long)\"\r\n1,2\r\n"
        let result = try fields(text)
        let expected = long.replacing("\"\"", with: "\"")
        #expect(result == [[expected, expected], ["1", "2"]])
    }

    @Test("Compressed and plain files read the same")
    func compressed() throws {
        let text = "a,b\n" + String(repeating: "17,\"x, y\"\n", count: 20_000)
        let plain = try fields(text)
        let compressed = try records(gzipped(Array(text.utf8))).map(\.fields)
        #expect(compressed.count == 20_000)
        #expect(compressed == plain)
    }

    @Test("Compressed data that ends too early is refused, wherever it ends")
    func truncated() throws {
        let whole = gzipped(Array("a,b\n1,2\n3,4\n5,6\n".utf8))
        for count in 11..<whole.count {
            let file = try folder.write("file.csv.gz", Array(whole.prefix(count)))
            let error = try #require(throws: GraphFileError.self) {
                var reader = try CSVReader(file: file)
                var record = CSVRecord()
                while try reader.read(into: &record) {}
            }
            #expect(error.code == .unreadable)
            #expect(error.reason.contains("truncated"), "\(error)")
        }
    }

    @Test("Compressed data with a wrong checksum is refused")
    func checksum() throws {
        var bytes = gzipped(Array("a,b\n1,2\n".utf8))
        bytes[bytes.count - 8] ^= 1
        let error = try failure(bytes)
        #expect(error.code == .unreadable)
        #expect(error.reason.contains("damaged gzip data"))
    }

    @Test("A file that is missing, empty or a folder is named")
    func absence() throws {
        let missing = try #require(throws: GraphFileError.self) {
            _ = try CSVReader(file: folder.path + "/none.csv")
        }
        #expect(missing.code == .missing)
        #expect(missing.description == folder.path + "/none.csv: no such file")
        let isFolder = try #require(throws: GraphFileError.self) {
            _ = try CSVReader(file: folder.path)
        }
        #expect(isFolder.code == .unreadable)
        for bytes in [[], [0xEF, 0xBB, 0xBF]] as [[UInt8]] {
            let empty = try failure(bytes)
            #expect(empty.code == .badHeader)
            #expect(empty.reason == "the file is empty")
        }
    }

    @Test(
        "Text that is not CSV is refused with its line and field",
        arguments: [
            ("a,b\n1,2\n3,\"4\n5,6\n", 3, 2, "never closes"),
            ("a,b\n1,\"2\"3\n", 2, 2, "after the closing quote"),
            ("a,b\n\"x\n\"y,2\n", 3, 1, "after the closing quote"),
            ("a,b\n1,2\"3\n", 2, 2, "does not begin with one"),
            ("a,b\n1,2\r3,4\n", 2, 2, "carriage return"),
            ("a,b\n1,\"2\"\r", 2, 2, "carriage return"),
            ("a,b\n1,2\n\n3,4\n", 3, nil, "an empty line where the header has 2 fields"),
            ("a,b\n1,2,3\n", 2, nil, "3 fields where the header has 2 fields"),
            ("a,b\n\"1\n\",2\n3\n", 4, nil, "1 field where the header has 2 fields"),
            ("a,b\n1,2\u{0}\n", 2, 2, "NUL"),
            ("a,b\n1,\"", 2, 2, "never closes"),
        ] as [(String, Int, Int?, String)])
    func malformed(text: String, line: Int, column: Int?, reason: String) throws {
        let error = try failure(Array(text.utf8))
        #expect(error.code == .malformed)
        #expect(error.line == line)
        #expect(error.column == column)
        #expect(error.reason.contains(reason), "\(error)")
    }

    @Test(
        "Bytes that are not UTF-8 are refused with their line and field",
        arguments: [
            Array("a,b\n1,2\n3,".utf8) + [0xFF, 0x0A],
            Array("a,b\n1,2\n3,".utf8) + [0xC3, 0x0A],
            Array("a,b\n1,2\n3,".utf8) + [0xED, 0xA0, 0x80, 0x0A],
            Array("a,b\n1,2\n3,".utf8) + [0xC0, 0x80, 0x0A],
        ])
    func invalidText(bytes: [UInt8]) throws {
        let error = try failure(bytes)
        #expect(error.line == 3)
        #expect(error.column == 2)
        #expect(error.reason.contains("UTF-8"))
    }

    @Test("The halves of one character in two fields are not text")
    func splitCharacter() throws {
        let error = try failure(Array("a,b\n".utf8) + [0xC3, 0x2C, 0xA9, 0x0A])
        #expect(error.column == 1)
    }

    @Test(
        "A header must name every column, once",
        arguments: [("a,b,a\n", 3, "twice"), ("a,,b\n", 2, "without a name"), ("\n", 1, "without")])
    func header(text: String, column: Int, reason: String) throws {
        let error = try failure(Array(text.utf8))
        #expect(error.code == .badHeader)
        #expect(error.line == 1)
        #expect(error.column == column)
        #expect(error.reason.contains(reason))
    }

    @Test("Fields, records and headers beyond the limits are refused")
    func limits() throws {
        var limits = CSVReader.Limits()
        limits.fieldByteCountMax = 8
        limits.recordByteCountMax = 20
        limits.columnCountMax = 4
        let field = try failure(Array("a,b\n1,123456789\n".utf8), limits: limits)
        #expect(field.code == .limitExceeded)
        #expect(field.line == 2)
        #expect(field.column == 2)
        let record = try failure(Array("a,b,c\n12345678,12345678,12345678\n".utf8), limits: limits)
        #expect(record.code == .limitExceeded)
        let columns = try failure(Array("a,b,c,d,e\n".utf8), limits: limits)
        #expect(columns.code == .limitExceeded)
        #expect(try records(Array("a,b,c,d\n1,2,3,4\n".utf8), limits: limits).count == 1)
    }

    @Test("An error reads as file, line, column, reason")
    func description() throws {
        let error = GraphFileError(
            code: .badValue, file: "x.csv", line: 7, column: 2, reason: "type: a value is needed")
        #expect(error.description == "x.csv:7: column 2: type: a value is needed")
    }
}
