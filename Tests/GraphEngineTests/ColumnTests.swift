import AnomalyModels
import Testing

@testable import GraphEngine

/// How the values of a column come.
struct ValueShape: Sendable, CustomTestStringConvertible {
    var name: String
    /// The bytes of one value at the end.
    var width: Int
    var value: @Sendable (Int, inout SeededRandom) -> Double

    var testDescription: String { name }

    static let all: [ValueShape] = [
        ValueShape(name: "missing", width: 0) { _, _ in .nan },
        ValueShape(name: "all the same", width: 0) { _, _ in 0.1 },
        ValueShape(name: "hundredths", width: 1) { _, generator in
            Double(Int.random(in: 0...100, using: &generator)) / 100
        },
        ValueShape(name: "amounts, some missing", width: 3) { step, generator in
            step % 3 == 0 ? .nan : Double(Int.random(in: -99_999...99_999, using: &generator)) / 100
        },
        ValueShape(name: "seconds", width: 4) { _, generator in
            1.7e9 + Double(Int.random(in: 0..<90_000_000, using: &generator))
        },
        ValueShape(name: "microseconds", width: 6) { _, generator in
            (1.7e15 + Double(Int.random(in: 0..<90_000_000_000_000, using: &generator))) / 1e6
        },
        ValueShape(name: "any doubles", width: 8) { _, generator in
            Double(bitPattern: .random(in: 0 ... .max, using: &generator))
        },
        ValueShape(name: "whole numbers and a few strangers", width: 1) { step, generator in
            let special: [Double] = [
                .pi, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, 1e300,
            ]
            if step % 400 == 7 {
                return step % 800 == 7
                    ? special[step / 800 % special.count]
                    : Double(bitPattern: 0x7FF0_0000_0000_0001 + UInt64(step))
            }
            return Double(Int.random(in: 0..<200, using: &generator))
        },
        ValueShape(name: "growing", width: 5) { step, _ in Double(step * step) / 4 },
        ValueShape(name: "decimals, then any", width: 8) { step, generator in
            step < 5_000 ? 0.25 : .random(in: 0..<1, using: &generator)
        },
    ]
}

@Suite("Columns")
struct ColumnTests {
    @Test("Values come back to the bit, whatever is written over them", arguments: ValueShape.all)
    func values(shape: ValueShape) {
        var generator = SeededRandom(seed: 3)
        var column = ValueColumn()
        var plain: [Double] = []
        var frozen = (column: column, plain: plain)
        for step in 0..<40_000 {
            let value = shape.value(step, &generator)
            if step % 4 == 3 {
                let index = Int.random(in: 0..<plain.count, using: &generator)
                plain[index] = value
                column[index] = value
            } else {
                plain.append(value)
                column.grow(to: plain.count)
                column[plain.count - 1] = value
            }
            if step == 20_000 { frozen = (column, plain) }
        }
        #expect(plain.indices.allSatisfy { column[$0].bitPattern == plain[$0].bitPattern })
        #expect(
            frozen.plain.indices.allSatisfy {
                frozen.column[$0].bitPattern == frozen.plain[$0].bitPattern
            })
        column.compact()
        #expect(plain.indices.allSatisfy { column[$0].bitPattern == plain[$0].bitPattern })
        #expect(column.width == shape.width, "\(column.width) bytes")
    }

    @Test("Every decimal with up to nine places has the code of its text", arguments: 0...9)
    func decimals(places: Int) throws {
        var generator = SeededRandom(seed: UInt64(places))
        for _ in 0..<2_000 {
            let digits = Int64.random(
                in: -999_999_999_999_999...999_999_999_999_999, using: &generator)
            let text = "\(digits)e-\(places)"
            let value = try #require(Double(text))
            #expect(DecimalCode.mantissa(of: value.bitPattern, decimals: places) == digits)
        }
        #expect(DecimalCode.mantissa(of: (-0.0).bitPattern, decimals: places) == nil)
        #expect(DecimalCode.mantissa(of: Double.infinity.bitPattern, decimals: places) == nil)
    }

    @Test("Packed numbers of every width are kept apart", arguments: 1...8)
    func packed(width: Int) {
        var generator = SeededRandom(seed: 8)
        var column = PackedColumn(width: width)
        column.grow(to: 20_000)
        var plain = [UInt64](repeating: 0, count: 20_000)
        for _ in 0..<60_000 {
            let index = Int.random(in: 0..<plain.count, using: &generator)
            plain[index] = .random(in: 0...column.largest, using: &generator)
            column[index] = plain[index]
        }
        let frozen = column
        column.widen(to: 8)
        column[0] = .max
        #expect(plain.indices.allSatisfy { frozen[$0] == plain[$0] })
        #expect(plain.indices.dropFirst().allSatisfy { column[$0] == plain[$0] })
    }

    @Test("Counts may be large")
    func counts() {
        var column = CountColumn()
        column.grow(to: 10)
        for count in [3, 254, 255, 256, 100_000, 255, 254, 0] {
            column[7] = count
            #expect(column[7] == count && column[6] == 0)
        }
    }

    @Test("Copies of a column keep their pages while the others are written")
    func copies() {
        var column = PagedColumn<Int32>(fillByte: 0xFF)
        var copies: [(PagedColumn<Int32>, Int)] = []
        for value in 0..<100_000 {
            column.append(Int32(value))
            if value % 17_000 == 0 { copies.append((column, value + 1)) }
        }
        for index in stride(from: 0, to: 100_000, by: 3) { column[index] = -7 }
        for (copy, count) in copies {
            #expect(copy.count == count)
            #expect((0..<count).allSatisfy { copy[$0] == Int32($0) })
        }
        column.grow(to: 100_010)
        #expect(column[99_999] == -7 && column[100_000] == -1)
    }
}
