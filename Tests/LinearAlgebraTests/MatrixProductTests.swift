import Testing

import LinearAlgebra

@Suite("Matrix products")
struct MatrixProductTests {
    @Test("A product of two small matrices is the one computed by hand")
    func smallProduct() {
        let a: [Float] = [1, 2, 3, 4, 5, 6]
        let b: [Float] = [1, 0, 2, 1, 0, 3]
        var c: [Float] = [10, 10, 10, 10]
        multiply(a, stride: 3, by: b, stride: 2, into: &c, stride: 2, rows: 2, inner: 3, columns: 2)
        #expect(c == [5, 11, 14, 23])
        multiply(
            a, stride: 3, by: b, stride: 3, bTransposed: true, into: &c, stride: 2,
            rows: 2, inner: 3, columns: 2, alpha: 2, beta: 1)
        #expect(c == [19, 31, 46, 67])
    }
}
