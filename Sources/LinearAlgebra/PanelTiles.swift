// The inner loops of PanelProduct.swift. Six rows of sums stay in registers: twelve registers of AVX2 or six
// of AVX-512. Two fused multiply-adds a cycle with a latency of four need eight sums, so AVX-512, which
// has six here, reaches three quarters of its peak.

/// One row of a panel: two registers of AVX2, one of AVX-512 where the build allows it.
typealias PanelRow = SIMD16<Float>

@inline(__always)
private func loadRow(_ start: UnsafePointer<Float>) -> PanelRow {
    UnsafeRawPointer(start).loadUnaligned(as: PanelRow.self)
}

@inline(__always)
private func storeRow(_ row: PanelRow, _ start: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(start).storeBytes(of: row, as: PanelRow.self)
}

/// C += A · B for 6 rows and one panel.
@inline(__always)
func addTile6(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int
) {
    var c0 = loadRow(c)
    var c1 = loadRow(c + cStride)
    var c2 = loadRow(c + 2 &* cStride)
    var c3 = loadRow(c + 3 &* cStride)
    var c4 = loadRow(c + 4 &* cStride)
    var c5 = loadRow(c + 5 &* cStride)
    var b = panel
    for k in 0..<inner {
        let row = loadRow(b)
        c0.addProduct(PanelRow(repeating: a[k]), row)
        c1.addProduct(PanelRow(repeating: a[aStride &+ k]), row)
        c2.addProduct(PanelRow(repeating: a[2 &* aStride &+ k]), row)
        c3.addProduct(PanelRow(repeating: a[3 &* aStride &+ k]), row)
        c4.addProduct(PanelRow(repeating: a[4 &* aStride &+ k]), row)
        c5.addProduct(PanelRow(repeating: a[5 &* aStride &+ k]), row)
        b += panelWidth
    }
    storeRow(c0, c)
    storeRow(c1, c + cStride)
    storeRow(c2, c + 2 &* cStride)
    storeRow(c3, c + 3 &* cStride)
    storeRow(c4, c + 4 &* cStride)
    storeRow(c5, c + 5 &* cStride)
}

/// C += A · B for 4 rows and one panel.
@inline(__always)
func addTile4(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int
) {
    var c0 = loadRow(c)
    var c1 = loadRow(c + cStride)
    var c2 = loadRow(c + 2 &* cStride)
    var c3 = loadRow(c + 3 &* cStride)
    var b = panel
    for k in 0..<inner {
        let row = loadRow(b)
        c0.addProduct(PanelRow(repeating: a[k]), row)
        c1.addProduct(PanelRow(repeating: a[aStride &+ k]), row)
        c2.addProduct(PanelRow(repeating: a[2 &* aStride &+ k]), row)
        c3.addProduct(PanelRow(repeating: a[3 &* aStride &+ k]), row)
        b += panelWidth
    }
    storeRow(c0, c)
    storeRow(c1, c + cStride)
    storeRow(c2, c + 2 &* cStride)
    storeRow(c3, c + 3 &* cStride)
}

/// C += A · B for 2 rows and one panel.
@inline(__always)
func addTile2(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, _ inner: Int
) {
    var c0 = loadRow(c)
    var c1 = loadRow(c + cStride)
    var b = panel
    for k in 0..<inner {
        let row = loadRow(b)
        c0.addProduct(PanelRow(repeating: a[k]), row)
        c1.addProduct(PanelRow(repeating: a[aStride &+ k]), row)
        b += panelWidth
    }
    storeRow(c0, c)
    storeRow(c1, c + cStride)
}

/// C += A · B for 1 row and one panel.
@inline(__always)
func addTile1(
    _ a: UnsafePointer<Float>, _ panel: UnsafePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ inner: Int
) {
    var c0 = loadRow(c)
    var b = panel
    for k in 0..<inner {
        let row = loadRow(b)
        c0.addProduct(PanelRow(repeating: a[k]), row)
        b += panelWidth
    }
    storeRow(c0, c)
}

/// C += A · B for one row and 6 panels, so that as many sums run beside each other.
@inline(__always)
func addRowTile6(
    _ a: UnsafePointer<Float>, _ panels: UnsafePointer<Float>, _ panelStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ inner: Int
) {
    var c0 = loadRow(c)
    var c1 = loadRow(c + 16)
    var c2 = loadRow(c + 32)
    var c3 = loadRow(c + 48)
    var c4 = loadRow(c + 64)
    var c5 = loadRow(c + 80)
    var b = panels
    for k in 0..<inner {
        let x = PanelRow(repeating: a[k])
        c0.addProduct(x, loadRow(b))
        c1.addProduct(x, loadRow(b + panelStride))
        c2.addProduct(x, loadRow(b + 2 &* panelStride))
        c3.addProduct(x, loadRow(b + 3 &* panelStride))
        c4.addProduct(x, loadRow(b + 4 &* panelStride))
        c5.addProduct(x, loadRow(b + 5 &* panelStride))
        b += panelWidth
    }
    storeRow(c0, c)
    storeRow(c1, c + 16)
    storeRow(c2, c + 32)
    storeRow(c3, c + 48)
    storeRow(c4, c + 64)
    storeRow(c5, c + 80)
}

/// C += A · B for one row and 4 panels, so that as many sums run beside each other.
@inline(__always)
func addRowTile4(
    _ a: UnsafePointer<Float>, _ panels: UnsafePointer<Float>, _ panelStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ inner: Int
) {
    var c0 = loadRow(c)
    var c1 = loadRow(c + 16)
    var c2 = loadRow(c + 32)
    var c3 = loadRow(c + 48)
    var b = panels
    for k in 0..<inner {
        let x = PanelRow(repeating: a[k])
        c0.addProduct(x, loadRow(b))
        c1.addProduct(x, loadRow(b + panelStride))
        c2.addProduct(x, loadRow(b + 2 &* panelStride))
        c3.addProduct(x, loadRow(b + 3 &* panelStride))
        b += panelWidth
    }
    storeRow(c0, c)
    storeRow(c1, c + 16)
    storeRow(c2, c + 32)
    storeRow(c3, c + 48)
}

/// C += Aᵀ · B for 6 columns of A and 16 of B.
@inline(__always)
func addOuterTile6(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ count: Int
) {
    var c0 = loadRow(c)
    var c1 = loadRow(c + 16)
    var c2 = loadRow(c + 32)
    var c3 = loadRow(c + 48)
    var c4 = loadRow(c + 64)
    var c5 = loadRow(c + 80)
    var first = a
    var second = b
    for _ in 0..<count {
        let row = loadRow(second)
        c0.addProduct(PanelRow(repeating: first[0]), row)
        c1.addProduct(PanelRow(repeating: first[1]), row)
        c2.addProduct(PanelRow(repeating: first[2]), row)
        c3.addProduct(PanelRow(repeating: first[3]), row)
        c4.addProduct(PanelRow(repeating: first[4]), row)
        c5.addProduct(PanelRow(repeating: first[5]), row)
        first += aStride
        second += bStride
    }
    storeRow(c0, c)
    storeRow(c1, c + 16)
    storeRow(c2, c + 32)
    storeRow(c3, c + 48)
    storeRow(c4, c + 64)
    storeRow(c5, c + 80)
}

/// C += Aᵀ · B for 4 columns of A and 16 of B.
@inline(__always)
func addOuterTile4(
    _ a: UnsafePointer<Float>, _ aStride: Int, _ b: UnsafePointer<Float>, _ bStride: Int,
    _ c: UnsafeMutablePointer<Float>, _ count: Int
) {
    var c0 = loadRow(c)
    var c1 = loadRow(c + 16)
    var c2 = loadRow(c + 32)
    var c3 = loadRow(c + 48)
    var first = a
    var second = b
    for _ in 0..<count {
        let row = loadRow(second)
        c0.addProduct(PanelRow(repeating: first[0]), row)
        c1.addProduct(PanelRow(repeating: first[1]), row)
        c2.addProduct(PanelRow(repeating: first[2]), row)
        c3.addProduct(PanelRow(repeating: first[3]), row)
        first += aStride
        second += bStride
    }
    storeRow(c0, c)
    storeRow(c1, c + 16)
    storeRow(c2, c + 32)
    storeRow(c3, c + 48)
}
