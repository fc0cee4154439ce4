import LinearAlgebra
import Testing

@Suite("Products with packed matrices")
struct PanelProductTests {
    private func numbers(_ count: Int, _ seed: Int) -> [Float] {
        (0..<count).map { Float(($0 * 7 + seed * 13) % 23 - 11) / 8 }
    }

    private func packed(_ b: [Float], rows: Int, columns: Int) -> [Float] {
        var panels = [Float](repeating: .nan, count: rows * paddedToPanels(columns))
        packPanels(
            b, rowStride: columns, columnStride: 1, rowCount: rows, columnCount: columns,
            into: &panels, panelStride: rows * panelWidth)
        return panels
    }

    @Test(
        "A product with a packed matrix is the library's, whatever the number of rows",
        arguments: [1, 2, 3, 4, 5, 7, 8, 9, 14, 17])
    func product(rows: Int) {
        let (inner, columns) = (11, 90)
        let width = paddedToPanels(columns)
        let a = numbers(rows * inner, 1)
        let b = numbers(inner * columns, 2)
        let panels = packed(b, rows: inner, columns: columns)
        var expected = [Float](repeating: 0, count: rows * columns)
        multiply(
            a, stride: inner, by: b, stride: columns, into: &expected, stride: columns, rows: rows,
            inner: inner, columns: columns)
        let start = numbers(width, 3)
        for descending in [false, true] {
            var c = [Float](repeating: .nan, count: rows * (width + 3))
            start.withUnsafeBufferPointer { row in
                guard let first = row.baseAddress else { return }
                multiplyPanels(
                    a, stride: inner, by: panels, into: &c, stride: width + 3, rows: rows,
                    inner: inner, columns: width, from: .row(first), descending: descending)
            }
            multiplyPanels(
                a, stride: inner, by: panels, into: &c, stride: width + 3, rows: rows, inner: inner,
                columns: width, from: .current, descending: descending)
            // Multiples of 1/64 below 2^10: every order of summation is exact.
            for row in 0..<rows {
                for column in 0..<columns {
                    let sum = 2 * expected[row * columns + column] + start[column]
                    #expect(c[row * (width + 3) + column] == sum)
                }
                for column in columns..<width {
                    #expect(c[row * (width + 3) + column] == start[column])
                }
            }
        }
    }

    @Test(
        "A transposed product adds to its panels what the library adds",
        arguments: [16, 32, 48, 64])
    func transposedProduct(rows: Int) {
        let (count, columns) = (5, 32)
        let a = numbers(count * rows, 4)
        let b = numbers(count * columns, 5)
        var expected = numbers(rows * columns, 6)
        var panels = packed(expected, rows: rows, columns: columns)
        multiply(
            a, stride: rows, aTransposed: true, by: b, stride: columns, into: &expected,
            stride: columns, rows: rows, inner: count, columns: columns, beta: 1)
        addTransposedProduct(
            a, stride: rows, by: b, stride: columns, toPanels: &panels, count: count, rows: rows,
            columns: columns)
        #expect(panels == packed(expected, rows: rows, columns: columns))
    }

    @Test("A row's bits do not depend on the rows beside it")
    func sameBits() {
        let (inner, columns) = (37, 80)
        let a = (0..<9 * inner).map { 1 / Float($0 + 3) }
        let panels = packed(
            (0..<inner * columns).map { 1 / Float($0 + 7) }, rows: inner, columns: columns)
        var whole = [Float](repeating: 0, count: 9 * columns)
        multiplyPanels(
            a, stride: inner, by: panels, into: &whole, stride: columns, rows: 9, inner: inner,
            columns: columns, from: .zero)
        for row in 0..<9 {
            var single = [Float](repeating: 0, count: columns)
            multiplyPanels(
                Array(a[row * inner..<(row + 1) * inner]), stride: inner, by: panels, into: &single,
                stride: columns, rows: 1, inner: inner, columns: columns, from: .zero)
            #expect(single == Array(whole[row * columns..<(row + 1) * columns]))
        }
    }

    @Test("Memory starts at a cache line with zeros and copies to the bit")
    func memory() {
        let memory = AlignedFloats(count: 5)
        #expect(UInt(bitPattern: memory.base) % 64 == 0)
        #expect((0..<5).allSatisfy { memory.base[$0] == 0 })
        memory.base[3] = .nan
        let copy = AlignedFloats(copying: memory)
        #expect(copy.hasSameBits(as: memory))
        copy.base[0] = -0.0
        #expect(!copy.hasSameBits(as: memory))
        #expect(!copy.hasSameBits(as: AlignedFloats(count: 4)))
    }
}
