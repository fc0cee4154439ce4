// The inner loops of PanelProduct.swift. Six sums of sixteen lanes stay in registers: twelve of AVX2, six
// of AVX-512; two fused multiply-adds a cycle with a latency of four need at least eight.

/// C += A · B for 6 rows and one panel.
@inline(__always)
func addTile6(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int
) {
    var c0 = loadLanes(c)
    var c1 = loadLanes(c + cStride)
    var c2 = loadLanes(c + 2 &* cStride)
    var c3 = loadLanes(c + 3 &* cStride)
    var c4 = loadLanes(c + 4 &* cStride)
    var c5 = loadLanes(c + 5 &* cStride)
    var b = panel
    for k in 0..<inner {
        let row = loadLanes(b)
        c0 = fusedProduct(Lanes(repeating: a[k]), row, plus: c0)
        c1 = fusedProduct(Lanes(repeating: a[aStride &+ k]), row, plus: c1)
        c2 = fusedProduct(Lanes(repeating: a[2 &* aStride &+ k]), row, plus: c2)
        c3 = fusedProduct(Lanes(repeating: a[3 &* aStride &+ k]), row, plus: c3)
        c4 = fusedProduct(Lanes(repeating: a[4 &* aStride &+ k]), row, plus: c4)
        c5 = fusedProduct(Lanes(repeating: a[5 &* aStride &+ k]), row, plus: c5)
        b += panelWidth
    }
    storeLanes(c0, c)
    storeLanes(c1, c + cStride)
    storeLanes(c2, c + 2 &* cStride)
    storeLanes(c3, c + 3 &* cStride)
    storeLanes(c4, c + 4 &* cStride)
    storeLanes(c5, c + 5 &* cStride)
}

/// C += A · B for 4 rows and one panel.
@inline(__always)
func addTile4(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int
) {
    var c0 = loadLanes(c)
    var c1 = loadLanes(c + cStride)
    var c2 = loadLanes(c + 2 &* cStride)
    var c3 = loadLanes(c + 3 &* cStride)
    var b = panel
    for k in 0..<inner {
        let row = loadLanes(b)
        c0 = fusedProduct(Lanes(repeating: a[k]), row, plus: c0)
        c1 = fusedProduct(Lanes(repeating: a[aStride &+ k]), row, plus: c1)
        c2 = fusedProduct(Lanes(repeating: a[2 &* aStride &+ k]), row, plus: c2)
        c3 = fusedProduct(Lanes(repeating: a[3 &* aStride &+ k]), row, plus: c3)
        b += panelWidth
    }
    storeLanes(c0, c)
    storeLanes(c1, c + cStride)
    storeLanes(c2, c + 2 &* cStride)
    storeLanes(c3, c + 3 &* cStride)
}

/// C += A · B for 2 rows and one panel.
@inline(__always)
func addTile2(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int
) {
    var c0 = loadLanes(c)
    var c1 = loadLanes(c + cStride)
    var b = panel
    for k in 0..<inner {
        let row = loadLanes(b)
        c0 = fusedProduct(Lanes(repeating: a[k]), row, plus: c0)
        c1 = fusedProduct(Lanes(repeating: a[aStride &+ k]), row, plus: c1)
        b += panelWidth
    }
    storeLanes(c0, c)
    storeLanes(c1, c + cStride)
}

/// C += A · B for 1 row and one panel.
@inline(__always)
func addTile1(
    _ a: UnsafePointer<Float>, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ inner: Int
) {
    var c0 = loadLanes(c)
    var b = panel
    for k in 0..<inner {
        let row = loadLanes(b)
        c0 = fusedProduct(Lanes(repeating: a[k]), row, plus: c0)
        b += panelWidth
    }
    storeLanes(c0, c)
}

/// C += A · B for one row and 6 panels, so that as many sums run beside each other.
@inline(__always)
func addRowTile6(
    _ a: UnsafePointer<Float>, _ panels: UnsafePointer<Float>, _ panelStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ inner: Int
) {
    var c0 = loadLanes(c)
    var c1 = loadLanes(c + 16)
    var c2 = loadLanes(c + 32)
    var c3 = loadLanes(c + 48)
    var c4 = loadLanes(c + 64)
    var c5 = loadLanes(c + 80)
    var b = panels
    for k in 0..<inner {
        let x = Lanes(repeating: a[k])
        c0 = fusedProduct(x, loadLanes(b), plus: c0)
        c1 = fusedProduct(x, loadLanes(b + panelStride), plus: c1)
        c2 = fusedProduct(x, loadLanes(b + 2 &* panelStride), plus: c2)
        c3 = fusedProduct(x, loadLanes(b + 3 &* panelStride), plus: c3)
        c4 = fusedProduct(x, loadLanes(b + 4 &* panelStride), plus: c4)
        c5 = fusedProduct(x, loadLanes(b + 5 &* panelStride), plus: c5)
        b += panelWidth
    }
    storeLanes(c0, c)
    storeLanes(c1, c + 16)
    storeLanes(c2, c + 32)
    storeLanes(c3, c + 48)
    storeLanes(c4, c + 64)
    storeLanes(c5, c + 80)
}

/// C += A · B for one row and 4 panels, so that as many sums run beside each other.
@inline(__always)
func addRowTile4(
    _ a: UnsafePointer<Float>, _ panels: UnsafePointer<Float>, _ panelStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ inner: Int
) {
    var c0 = loadLanes(c)
    var c1 = loadLanes(c + 16)
    var c2 = loadLanes(c + 32)
    var c3 = loadLanes(c + 48)
    var b = panels
    for k in 0..<inner {
        let x = Lanes(repeating: a[k])
        c0 = fusedProduct(x, loadLanes(b), plus: c0)
        c1 = fusedProduct(x, loadLanes(b + panelStride), plus: c1)
        c2 = fusedProduct(x, loadLanes(b + 2 &* panelStride), plus: c2)
        c3 = fusedProduct(x, loadLanes(b + 3 &* panelStride), plus: c3)
        b += panelWidth
    }
    storeLanes(c0, c)
    storeLanes(c1, c + 16)
    storeLanes(c2, c + 32)
    storeLanes(c3, c + 48)
}

/// C += Aᵀ · B for 6 columns of A and 16 of B.
@inline(__always)
func addOuterTile6(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ count: Int
) {
    var c0 = loadLanes(c)
    var c1 = loadLanes(c + 16)
    var c2 = loadLanes(c + 32)
    var c3 = loadLanes(c + 48)
    var c4 = loadLanes(c + 64)
    var c5 = loadLanes(c + 80)
    var first = a
    var second = b
    for _ in 0..<count {
        let row = loadLanes(second)
        c0 = fusedProduct(Lanes(repeating: first[0]), row, plus: c0)
        c1 = fusedProduct(Lanes(repeating: first[1]), row, plus: c1)
        c2 = fusedProduct(Lanes(repeating: first[2]), row, plus: c2)
        c3 = fusedProduct(Lanes(repeating: first[3]), row, plus: c3)
        c4 = fusedProduct(Lanes(repeating: first[4]), row, plus: c4)
        c5 = fusedProduct(Lanes(repeating: first[5]), row, plus: c5)
        first += aStride
        second += bStride
    }
    storeLanes(c0, c)
    storeLanes(c1, c + 16)
    storeLanes(c2, c + 32)
    storeLanes(c3, c + 48)
    storeLanes(c4, c + 64)
    storeLanes(c5, c + 80)
}

/// C += Aᵀ · B for 4 columns of A and 16 of B.
@inline(__always)
func addOuterTile4(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ count: Int
) {
    var c0 = loadLanes(c)
    var c1 = loadLanes(c + 16)
    var c2 = loadLanes(c + 32)
    var c3 = loadLanes(c + 48)
    var first = a
    var second = b
    for _ in 0..<count {
        let row = loadLanes(second)
        c0 = fusedProduct(Lanes(repeating: first[0]), row, plus: c0)
        c1 = fusedProduct(Lanes(repeating: first[1]), row, plus: c1)
        c2 = fusedProduct(Lanes(repeating: first[2]), row, plus: c2)
        c3 = fusedProduct(Lanes(repeating: first[3]), row, plus: c3)
        first += aStride
        second += bStride
    }
    storeLanes(c0, c)
    storeLanes(c1, c + 16)
    storeLanes(c2, c + 32)
    storeLanes(c3, c + 48)
}
