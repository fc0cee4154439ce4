import Testing

@testable import GraphFiles

@Suite("Edge lists")
struct EdgeListTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The rows of a text as names, and the nodes in their order.
    private func read(
        _ text: String, _ format: EdgeListFormat = EdgeListFormat()
    ) throws -> (nodes: [String], edges: [[String]], weights: [Double]?) {
        let list = try EdgeList(file: try folder.write("edges.csv", text), format: format)
        let nodes = names(list)
        let edges = zip(list.sources, list.targets).map { [nodes[Int($0)], nodes[Int($1)]] }
        return (nodes, edges, list.weights)
    }

    private func names(_ list: EdgeList) -> [String] {
        switch list.names {
        case .integers(let values): values.map { String($0) }
        case .texts(let texts):
            (0..<texts.count).map { String(decoding: texts[$0], as: UTF8.self) }
        }
    }

    private func failure(
        _ text: String, _ format: EdgeListFormat = EdgeListFormat()
    ) throws -> GraphFileError {
        try #require(throws: GraphFileError.self) { try read(text, format) }
    }

    private static let plain = EdgeListFormat(separator: .whitespace, hasHeader: false)

    @Test("Numbers are ordered by value, and rows keep their order")
    func integers() throws {
        let list = try read("source,target\n10,9\n2,10\n9,9\n-3,2\n")
        #expect(list.nodes == ["-3", "2", "9", "10"])
        #expect(list.edges == [["10", "9"], ["2", "10"], ["9", "9"], ["-3", "2"]])
        #expect(list.weights == nil)
    }

    @Test("One name that is no number makes all of them texts, ordered by their bytes")
    func texts() throws {
        let list = try read("source,target\n10,9\n9,é\nb,10\n")
        #expect(list.nodes == ["10", "9", "b", "é"])
        #expect(list.edges == [["10", "9"], ["9", "é"], ["b", "10"]])
    }

    @Test("Numbers far apart and numbers of 64 bits are still ordered by value")
    func wideIntegers() throws {
        let list = try read("source,target\n2000000000,1\n123456789012345678,-5\n")
        #expect(list.nodes == ["-5", "1", "2000000000", "123456789012345678"])
        let spread = try read("source,target\n2000000000,1\n-2000000000,1\n")
        #expect(spread.nodes == ["-2000000000", "1", "2000000000"])
    }

    @Test(
        "What reads like a number but is written otherwise is a text of its own",
        arguments: ["007", "+7", "-0", "7.0", " 7", "0x7"])
    func unusualNumbers(text: String) throws {
        let list = try read("source,target\n7,\(text)\n")
        #expect(list.nodes.sorted() == ["7", text].sorted())
    }

    @Test("Columns may come in any order among others, with quotes where they are needed")
    func columns() throws {
        let list = try read(
            "note,weight,target,source\nx,2.5,b,\"a, \"\"b\"\"\"\n\"two\nlines\",-1e3,\"b\",c\r\n")
        #expect(list.edges == [["a, \"b\"", "b"], ["c", "b"]])
        #expect(list.weights == [2.5, -1000])
    }

    @Test("Other separators, no header, a byte order mark, a last line without its end")
    func formats() throws {
        let tabs = EdgeListFormat(separator: .byte(UInt8(ascii: "\t")))
        #expect(try read("source\ttarget\na,b\tc", tabs).edges == [["a,b", "c"]])
        let bare = EdgeListFormat(hasHeader: false)
        #expect(try read("1,2\n2,3", bare).edges == [["1", "2"], ["2", "3"]])
        #expect(try read("1,2,0.5,more\n", bare).weights == [0.5])
        #expect(try read("\u{FEFF}source,target\n1,2\n").edges == [["1", "2"]])
        #expect(try read("source,target\n").nodes == [])
        #expect(try read("", bare).nodes == [])
    }

    @Test("Words between spaces and tabs, with lines of comment")
    func whitespace() throws {
        let text = "# Nodes: 3\n  1\t2\r\n\n% more\n2   3 \n"
        #expect(try read(text, Self.plain).edges == [["1", "2"], ["2", "3"]])
        #expect(try read("a b 2\nb c 3", Self.plain).weights == [2, 3])
        #expect(try read("# nothing else", Self.plain).nodes == [])
    }

    @Test(
        "A bad row is named with its line and what is wrong",
        arguments: [
            ("1\n", 2, "1 field where 2"), ("1,2\n1,2,3\n", 3, "3 fields where 2"),
            ("1,2\n\n", 3, "an empty line"), ("1,\n", 2, "target: a value is needed"),
            (",1\n", 2, "source: a value is needed"), ("\"a,1\n", 2, "never closes"),
            ("a\"b,1\n", 2, "a quote inside a field"), ("\"a\"b,1\n", 2, "after the closing quote"),
            ("1,2\n3,4\r5,6\n", 3, "carriage return"), ("a\0,1\n", 2, "NUL"),
            ("\"x\n\ny\",1\n7\n", 5, "1 field"),
        ])
    func badRows(rows: String, line: Int, reason: String) throws {
        let error = try failure("source,target\n" + rows)
        #expect(error.line == line)
        #expect(error.reason.contains(reason), "\(error)")
    }

    @Test("A weight that is no number, and a name that is not UTF-8, are bad values")
    func badValues() throws {
        let weight = try failure("source,target,weight\n1,2,3\n1,2,heavy\n")
        #expect(weight.code == .badValue)
        #expect(weight.line == 3)
        #expect(weight.column == 3)
        #expect(weight.reason.contains("heavy"))
        #expect(try failure("source,target,weight\n1,2,\n").column == 3)
        let file = try folder.write(
            "bytes.csv", Array("source,target\na,".utf8) + [0xFF, 0x0A])
        let text = try #require(throws: GraphFileError.self) { try EdgeList(file: file) }
        #expect(text.column == 2)
        #expect(text.line == 2)
    }

    @Test("A header without the columns, and an empty file, are refused")
    func badHeaders() throws {
        #expect(try failure("from,to\n1,2\n").code == .badHeader)
        #expect(try failure("source,target,source\n1,2,3\n").code == .badHeader)
        #expect(try failure("").code == .badHeader)
        let missing = #expect(throws: GraphFileError.self) { try EdgeList(file: "/no/such") }
        #expect(missing?.code == .missing)
    }

    @Test("Rows that lie across the reader's blocks are read whole, compressed or not")
    func blocks() throws {
        var text = "source,target,note\n"
        for row in 0..<60_000 {
            text +=
                row % 3 == 0 ? "\(row),\"n\(row)\",\"a \"\"b\"\"\nc\"\n" : "\(row),\(row + 1),xyz\n"
        }
        #expect(text.utf8.count > 1 << 20)
        let file = try folder.write("large.csv.gz", gzipped(Array(text.utf8)))
        let plain = try EdgeList(file: try folder.write("large.csv", text))
        let packed = try EdgeList(file: file)
        #expect(plain.sources.count == 60_000)
        #expect(plain.sources == packed.sources)
        #expect(plain.targets == packed.targets)
        let nodes = names(plain)
        for row in stride(from: 0, to: 60_000, by: 997) {
            #expect(nodes[Int(plain.sources[row])] == "\(row)")
            #expect(nodes[Int(plain.targets[row])] == (row % 3 == 0 ? "n\(row)" : "\(row + 1)"))
        }
    }

    @Test("A row longer than the buffer is read, one beyond the limit refused")
    func longRows() throws {
        let name = String(repeating: "x", count: 3 << 20)
        #expect(try read("source,target\n\(name),1\n1,2\n").nodes == ["1", "2", name])
        let error = try failure("source,target\n\"\(String(repeating: "y", count: 17 << 20))")
        #expect(error.code == .limitExceeded)
        #expect(error.line == 2)
    }

    @Test("Counting finds the rows exactly and the nodes within some per cent")
    func sizes() throws {
        for count in [0, 1, 100, 50_000] {
            var text = "source,target\n"
            for row in 0..<count { text += "\(row),a\(row % 7)\n" }
            let size = try EdgeListSize(file: try folder.write("size.csv", text))
            let nodes = count + min(count, 7)
            #expect(size.rowCount == count)
            #expect(abs(size.nodeCount - nodes) <= nodes / 25, "\(size.nodeCount) for \(nodes)")
        }
    }

    @Test("An error of the caller ends the reading")
    func stops() throws {
        struct Enough: Error {}
        let file = try folder.write("edges.csv", "source,target\n1,2\n")
        #expect(throws: Enough.self) { try EdgeList(file: file) { _ in throw Enough() } }
    }
}
