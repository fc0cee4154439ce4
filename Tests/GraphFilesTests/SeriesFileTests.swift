import Testing

@testable import GraphFiles

@Suite("Series files")
struct SeriesFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func read(_ text: String) throws -> SeriesFile {
        try SeriesFile(file: try folder.write("series.csv", Array(text.utf8)))
    }

    private func failure(_ text: String) throws -> GraphFileError {
        try #require(throws: GraphFileError.self) { try read(text) }
    }

    @Test("Times, values and labels are read; ground truth is no value")
    func labelled() throws {
        let series = try read(
            """
            timestamp,value,label,anomaly_point
            1970-01-01T00:00:00Z,1.5,0,0
            1970-01-01T00:05:00Z,-2e3,1,1
            1970-01-01T00:10:00Z,3,,0
            """)
        #expect(series.columns == ["value"])
        #expect(series.hasInstants && series.rowCount == 3)
        #expect(series.times == [0, 300, 600])
        #expect(series.values == [1.5, -2000, 3])
        #expect(series.labels == [false, true, false])
    }

    @Test("Several columns stand row after row; without labels there are none")
    func columns() throws {
        let series = try read("t,c0,c1\n0,1,2\n1,3,4\n")
        #expect(series.columns == ["c0", "c1"])
        #expect(!series.hasInstants)
        #expect(series.labels == nil)
        #expect(series.values == [1, 2, 3, 4])
        #expect(series.column(1) == [2, 4])
    }

    @Test("Empty fields and NaN are gaps")
    func gaps() throws {
        let series = try read("t,value\n0,\n1,NaN\n2,nan\n3,5\n")
        #expect(series.values.map(\.isNaN) == [true, true, true, false])
    }

    @Test("The hour that a clock set back writes twice is no disorder")
    func clockChange() throws {
        let series = try read(
            """
            timestamp,value
            2024-10-27T02:30:00Z,1
            2024-10-27T01:30:00Z,2
            2024-10-27T02:00:00Z,3
            """)
        #expect(series.rowCount == 3)
    }

    @Test("Times out of order are refused with their line")
    func disorder() throws {
        let instants = try failure(
            "timestamp,value\n2024-10-27T02:30:00Z,1\n2024-10-27T01:29:59Z,2\n")
        #expect(instants.line == 3 && instants.column == 1 && instants.code == .badValue)
        let numbers = try failure("t,value\n1,1\n2,1\n1,1\n")
        #expect(numbers.line == 4)
        #expect(
            numbers.description.hasSuffix(
                "series.csv:4: column 1: t: “1” is before the times of rows above it"))
    }

    @Test("Headers without a time or a value are refused")
    func headers() throws {
        #expect(try failure("time,value\n1,1\n").code == .badHeader)
        #expect(try failure("time,value\n1,1\n").line == 1)
        #expect(try failure("t,label\n1,1\n").reason.contains("lacks a column of values"))
    }

    @Test("Values, times and labels that are none are refused with their place")
    func values() throws {
        let value = try failure("t,value\n0,1\n1,x\n")
        #expect(value.line == 3 && value.column == 2)
        #expect(value.reason == "value: “x” is not a number")
        #expect(try failure("t,value,label\n0,1,2\n").reason == "label: 2 is not 0, 1 or empty")
        #expect(try failure("t,value\n,1\n").reason == "t: a time is needed here")
        #expect(try failure("timestamp,value\nsoon,1\n").column == 1)
        #expect(try failure("t,value\n").reason == "the file has no rows")
    }
}
