// The inner loops of PanelProduct.swift: up to twelve sums stay in registers, which two fused
// multiply-adds a cycle with a latency of four need at least eight of.

/// C += A · B for 6 rows and one panel.
@inline(__always)
func addTile6(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int
) {
    let row0 = c
    var c00 = load8(row0)
    var c01 = load8(row0 + 8)
    let row1 = c + cStride
    var c10 = load8(row1)
    var c11 = load8(row1 + 8)
    let row2 = c + 2 &* cStride
    var c20 = load8(row2)
    var c21 = load8(row2 + 8)
    let row3 = c + 3 &* cStride
    var c30 = load8(row3)
    var c31 = load8(row3 + 8)
    let row4 = c + 4 &* cStride
    var c40 = load8(row4)
    var c41 = load8(row4 + 8)
    let row5 = c + 5 &* cStride
    var c50 = load8(row5)
    var c51 = load8(row5 + 8)
    var b = panel
    for k in 0..<inner {
        let b0 = load8(b)
        let b1 = load8(b + 8)
        let a0 = SIMD8<Float>(repeating: a[k])
        c00 = fusedProduct(a0, b0, plus: c00)
        c01 = fusedProduct(a0, b1, plus: c01)
        let a1 = SIMD8<Float>(repeating: a[aStride &+ k])
        c10 = fusedProduct(a1, b0, plus: c10)
        c11 = fusedProduct(a1, b1, plus: c11)
        let a2 = SIMD8<Float>(repeating: a[2 &* aStride &+ k])
        c20 = fusedProduct(a2, b0, plus: c20)
        c21 = fusedProduct(a2, b1, plus: c21)
        let a3 = SIMD8<Float>(repeating: a[3 &* aStride &+ k])
        c30 = fusedProduct(a3, b0, plus: c30)
        c31 = fusedProduct(a3, b1, plus: c31)
        let a4 = SIMD8<Float>(repeating: a[4 &* aStride &+ k])
        c40 = fusedProduct(a4, b0, plus: c40)
        c41 = fusedProduct(a4, b1, plus: c41)
        let a5 = SIMD8<Float>(repeating: a[5 &* aStride &+ k])
        c50 = fusedProduct(a5, b0, plus: c50)
        c51 = fusedProduct(a5, b1, plus: c51)
        b += panelWidth
    }
    store8(c00, row0)
    store8(c01, row0 + 8)
    store8(c10, row1)
    store8(c11, row1 + 8)
    store8(c20, row2)
    store8(c21, row2 + 8)
    store8(c30, row3)
    store8(c31, row3 + 8)
    store8(c40, row4)
    store8(c41, row4 + 8)
    store8(c50, row5)
    store8(c51, row5 + 8)
}

/// C += A · B for 4 rows and one panel.
@inline(__always)
func addTile4(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int
) {
    let row0 = c
    var c00 = load8(row0)
    var c01 = load8(row0 + 8)
    let row1 = c + cStride
    var c10 = load8(row1)
    var c11 = load8(row1 + 8)
    let row2 = c + 2 &* cStride
    var c20 = load8(row2)
    var c21 = load8(row2 + 8)
    let row3 = c + 3 &* cStride
    var c30 = load8(row3)
    var c31 = load8(row3 + 8)
    var b = panel
    for k in 0..<inner {
        let b0 = load8(b)
        let b1 = load8(b + 8)
        let a0 = SIMD8<Float>(repeating: a[k])
        c00 = fusedProduct(a0, b0, plus: c00)
        c01 = fusedProduct(a0, b1, plus: c01)
        let a1 = SIMD8<Float>(repeating: a[aStride &+ k])
        c10 = fusedProduct(a1, b0, plus: c10)
        c11 = fusedProduct(a1, b1, plus: c11)
        let a2 = SIMD8<Float>(repeating: a[2 &* aStride &+ k])
        c20 = fusedProduct(a2, b0, plus: c20)
        c21 = fusedProduct(a2, b1, plus: c21)
        let a3 = SIMD8<Float>(repeating: a[3 &* aStride &+ k])
        c30 = fusedProduct(a3, b0, plus: c30)
        c31 = fusedProduct(a3, b1, plus: c31)
        b += panelWidth
    }
    store8(c00, row0)
    store8(c01, row0 + 8)
    store8(c10, row1)
    store8(c11, row1 + 8)
    store8(c20, row2)
    store8(c21, row2 + 8)
    store8(c30, row3)
    store8(c31, row3 + 8)
}

/// C += A · B for 2 rows and one panel.
@inline(__always)
func addTile2(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int
) {
    let row0 = c
    var c00 = load8(row0)
    var c01 = load8(row0 + 8)
    let row1 = c + cStride
    var c10 = load8(row1)
    var c11 = load8(row1 + 8)
    var b = panel
    for k in 0..<inner {
        let b0 = load8(b)
        let b1 = load8(b + 8)
        let a0 = SIMD8<Float>(repeating: a[k])
        c00 = fusedProduct(a0, b0, plus: c00)
        c01 = fusedProduct(a0, b1, plus: c01)
        let a1 = SIMD8<Float>(repeating: a[aStride &+ k])
        c10 = fusedProduct(a1, b0, plus: c10)
        c11 = fusedProduct(a1, b1, plus: c11)
        b += panelWidth
    }
    store8(c00, row0)
    store8(c01, row0 + 8)
    store8(c10, row1)
    store8(c11, row1 + 8)
}

/// C += A · B for 1 row and one panel.
@inline(__always)
func addTile1(
    _ a: UnsafePointer<Float>, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ inner: Int
) {
    var c00 = load8(c)
    var c01 = load8(c + 8)
    var b = panel
    for k in 0..<inner {
        let b0 = load8(b)
        let b1 = load8(b + 8)
        let a0 = SIMD8<Float>(repeating: a[k])
        c00 = fusedProduct(a0, b0, plus: c00)
        c01 = fusedProduct(a0, b1, plus: c01)
        b += panelWidth
    }
    store8(c00, c)
    store8(c01, c + 8)
}

/// C += A · B for 1 row and 4 panels, so that eight sums run beside each other.
@inline(__always)
func addRowTile4(
    _ a: UnsafePointer<Float>, _ panels: UnsafePointer<Float>, _ panelStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ inner: Int
) {
    var c0 = load8(c)
    var c1 = load8(c + 8)
    var c2 = load8(c + 16)
    var c3 = load8(c + 24)
    var c4 = load8(c + 32)
    var c5 = load8(c + 40)
    var c6 = load8(c + 48)
    var c7 = load8(c + 56)
    var b0 = panels
    var b1 = b0 + panelStride
    var b2 = b1 + panelStride
    var b3 = b2 + panelStride
    for k in 0..<inner {
        let x = SIMD8<Float>(repeating: a[k])
        c0 = fusedProduct(x, load8(b0), plus: c0)
        c1 = fusedProduct(x, load8(b0 + 8), plus: c1)
        c2 = fusedProduct(x, load8(b1), plus: c2)
        c3 = fusedProduct(x, load8(b1 + 8), plus: c3)
        c4 = fusedProduct(x, load8(b2), plus: c4)
        c5 = fusedProduct(x, load8(b2 + 8), plus: c5)
        c6 = fusedProduct(x, load8(b3), plus: c6)
        c7 = fusedProduct(x, load8(b3 + 8), plus: c7)
        b0 += panelWidth
        b1 += panelWidth
        b2 += panelWidth
        b3 += panelWidth
    }
    store8(c0, c)
    store8(c1, c + 8)
    store8(c2, c + 16)
    store8(c3, c + 24)
    store8(c4, c + 32)
    store8(c5, c + 40)
    store8(c6, c + 48)
    store8(c7, c + 56)
}

/// C += Aᵀ · B for 6 columns of A and 16 of B.
@inline(__always)
func addOuterTile6(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ count: Int
) {
    var c00 = load8(c)
    var c01 = load8(c + 8)
    var c10 = load8(c + 16)
    var c11 = load8(c + 24)
    var c20 = load8(c + 32)
    var c21 = load8(c + 40)
    var c30 = load8(c + 48)
    var c31 = load8(c + 56)
    var c40 = load8(c + 64)
    var c41 = load8(c + 72)
    var c50 = load8(c + 80)
    var c51 = load8(c + 88)
    var first = a
    var second = b
    for _ in 0..<count {
        let b0 = load8(second)
        let b1 = load8(second + 8)
        let a0 = SIMD8<Float>(repeating: first[0])
        c00 = fusedProduct(a0, b0, plus: c00)
        c01 = fusedProduct(a0, b1, plus: c01)
        let a1 = SIMD8<Float>(repeating: first[1])
        c10 = fusedProduct(a1, b0, plus: c10)
        c11 = fusedProduct(a1, b1, plus: c11)
        let a2 = SIMD8<Float>(repeating: first[2])
        c20 = fusedProduct(a2, b0, plus: c20)
        c21 = fusedProduct(a2, b1, plus: c21)
        let a3 = SIMD8<Float>(repeating: first[3])
        c30 = fusedProduct(a3, b0, plus: c30)
        c31 = fusedProduct(a3, b1, plus: c31)
        let a4 = SIMD8<Float>(repeating: first[4])
        c40 = fusedProduct(a4, b0, plus: c40)
        c41 = fusedProduct(a4, b1, plus: c41)
        let a5 = SIMD8<Float>(repeating: first[5])
        c50 = fusedProduct(a5, b0, plus: c50)
        c51 = fusedProduct(a5, b1, plus: c51)
        first += aStride
        second += bStride
    }
    store8(c00, c)
    store8(c01, c + 8)
    store8(c10, c + 16)
    store8(c11, c + 24)
    store8(c20, c + 32)
    store8(c21, c + 40)
    store8(c30, c + 48)
    store8(c31, c + 56)
    store8(c40, c + 64)
    store8(c41, c + 72)
    store8(c50, c + 80)
    store8(c51, c + 88)
}

/// C += Aᵀ · B for 4 columns of A and 16 of B.
@inline(__always)
func addOuterTile4(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ count: Int
) {
    var c00 = load8(c)
    var c01 = load8(c + 8)
    var c10 = load8(c + 16)
    var c11 = load8(c + 24)
    var c20 = load8(c + 32)
    var c21 = load8(c + 40)
    var c30 = load8(c + 48)
    var c31 = load8(c + 56)
    var first = a
    var second = b
    for _ in 0..<count {
        let b0 = load8(second)
        let b1 = load8(second + 8)
        let a0 = SIMD8<Float>(repeating: first[0])
        c00 = fusedProduct(a0, b0, plus: c00)
        c01 = fusedProduct(a0, b1, plus: c01)
        let a1 = SIMD8<Float>(repeating: first[1])
        c10 = fusedProduct(a1, b0, plus: c10)
        c11 = fusedProduct(a1, b1, plus: c11)
        let a2 = SIMD8<Float>(repeating: first[2])
        c20 = fusedProduct(a2, b0, plus: c20)
        c21 = fusedProduct(a2, b1, plus: c21)
        let a3 = SIMD8<Float>(repeating: first[3])
        c30 = fusedProduct(a3, b0, plus: c30)
        c31 = fusedProduct(a3, b1, plus: c31)
        first += aStride
        second += bStride
    }
    store8(c00, c)
    store8(c01, c + 8)
    store8(c10, c + 16)
    store8(c11, c + 24)
    store8(c20, c + 32)
    store8(c21, c + 40)
    store8(c30, c + 48)
    store8(c31, c + 56)
}
