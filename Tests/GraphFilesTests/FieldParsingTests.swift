import Foundation
import Testing

@testable import GraphFiles

@Suite("Numbers and times in fields")
struct FieldParsingTests {
    @Test(
        "Decimal numbers are the nearest Double to their text",
        arguments: [
            "0", "1", "-1", "+2.5", ".5", "5.", "0.1", "1e3", "1E-3", "-2.5e+10", "1e22", "1e23",
            "123456789012345678901234567890", "0.00000000000000000000000123", "9007199254740993",
            "1.7976931348623157e308", "4.9e-324", "3.141592653589793", "99999999999999999999.5",
        ])
    func doubles(text: String) {
        #expect(FieldParsing.double(Array(text.utf8).span) == Double(text))
    }

    @Test(
        "Anything else is no number",
        arguments: [
            "", "-", "+", ".", "e5", "1e", "1e+", "nan", "inf", "0x10", " 1", "1 ", "1,5", "1.2.3",
            "1e999", "--1", "1e99999999", "١",
        ])
    func notDoubles(text: String) {
        #expect(FieldParsing.double(Array(text.utf8).span) == nil)
    }

    @Test("Random numbers agree with the standard library")
    func randomDoubles() {
        var generator = Steps(state: 11)
        for _ in 0..<2000 {
            let mantissa = Int64(bitPattern: generator.next()) >> Int64(generator.next() % 60)
            let text = "\(mantissa)e\(Int64(generator.next() % 60) - 30)"
            #expect(FieldParsing.double(Array(text.utf8).span) == Double(text))
        }
    }

    @Test("Whole numbers have up to 18 digits and a sign")
    func integers() {
        let cases: [(String, Int?)] = [
            ("0", 0), ("-7", -7), ("+12", 12), ("007", 7),
            ("999999999999999999", 999_999_999_999_999_999),
            ("9999999999999999999", nil), ("", nil), ("-", nil), ("1.0", nil), ("1a", nil),
        ]
        for (text, value) in cases {
            #expect(FieldParsing.integer(Array(text.utf8).span) == value)
        }
    }

    @Test(
        "Instants are seconds since 1970",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01", 0), ("2000-03-01", 951_868_800),
            ("1969-12-31T23:59:59Z", -1), ("2010-11-08T18:45:11Z", 1_289_241_911),
            ("2024-02-29T12:00:00Z", 1_709_208_000), ("2017-05-31T21:30:18.5Z", 1_496_266_218.5),
            ("2024-01-01T00:00:00+02:00", 1_704_060_000),
            ("2024-01-01T00:00:00-05:30", 1_704_087_000), ("0000-03-01", -62_162_035_200),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, Double)])
    func times(text: String, seconds: Double) throws {
        #expect(try Timestamp.parse(text) == seconds)
    }

    @Test("Every day of eight centuries follows the one before")
    func days() throws {
        var expected = try Timestamp.parse("1600-01-01")
        var wrong: [String] = []
        for year in 1600..<2400 {
            for month in 1...12 {
                for day in 1...31 {
                    let text = String(format: "%04d-%02d-%02d", year, month, day)
                    guard let time = try? Timestamp.parse(text) else { continue }
                    if time != expected { wrong.append(text) }
                    expected += 86_400
                }
            }
        }
        #expect(wrong.isEmpty)
        #expect(expected == -11_676_096_000 + 292_194 * 86_400)
    }

    @Test(
        "A text that is no instant says why",
        arguments: [
            ("", .shape), ("yesterday", .shape), ("2024-1-01", .shape), ("2024/01/01", .shape),
            ("2024-01-01 00:00:00Z", .shape), ("2024-01-01T00:00Z", .shape),
            ("2024-01-01T00:00:00.Z", .shape), ("2024-01-01T00:00:00z", .shape),
            ("2024-01-01T00:00:00Zx", .shape), ("2024-01-01T00:00:00+0200", .shape),
            ("2024-13-01", .range), ("2024-00-01", .range), ("2023-02-29", .range),
            ("1900-02-29", .range), ("2024-04-31", .range), ("2024-01-00", .range),
            ("2024-01-01T24:00:00Z", .range), ("2024-01-01T00:60:00Z", .range),
            ("2024-01-01T00:00:60Z", .range), ("2024-01-01T00:00:00", .zone),
            ("2024-01-01T00:00:00.25", .zone),
        ] as [(String, Timestamp.Problem)])
    func notTimes(text: String, problem: Timestamp.Problem) {
        #expect(throws: problem) { try Timestamp.parse(text) }
    }
}

/// A small generator for test inputs (Knuth's linear congruential constants).
private struct Steps: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
