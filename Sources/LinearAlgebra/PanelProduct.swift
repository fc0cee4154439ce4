// Products of small matrices of which one stays the same for many products. A library's product copies
// its factors at every call, which costs more than the product where it has a few rows (1 x 64 x 256:
// 5.3 us against 0.7 us; 8 x 64 x 256: 46 against 110 GFLOP/s). Here the constant factor is packed once.
// Every element is one chain of fused multiply-adds in the order of the inner index, so a row's bits do
// not depend on the rows beside it, on their number, or on the machine.

/// The width of a panel; the columns of a product are padded to a multiple of it.
package let panelWidth = 16

/// A width padded to whole panels.
package func paddedToPanels(_ columnCount: Int) -> Int {
    (columnCount + panelWidth - 1) / panelWidth * panelWidth
}

/// Copies a matrix into panels of 16 columns, each panel with its rows one after the other.
///
/// Element (row, column) is read at `row · rowStride + column · columnStride`. Columns up to a whole
/// panel become 0. `panelStride` is the distance between two panels: 16 times the rows, or more where
/// other rows lie below these.
package func packPanels(
    _ source: UnsafePointer<Float>, rowStride: Int, columnStride: Int, rowCount: Int,
    columnCount: Int, into panels: UnsafeMutablePointer<Float>, panelStride: Int
) {
    for start in stride(from: 0, to: columnCount, by: panelWidth) {
        var target = panels + start / panelWidth &* panelStride
        let width = min(panelWidth, columnCount &- start)
        for row in 0..<rowCount {
            let first = source + (row &* rowStride &+ start &* columnStride)
            for column in 0..<width { target[column] = first[column &* columnStride] }
            for column in width..<panelWidth { target[column] = 0 }
            target += panelWidth
        }
    }
}

/// What a product starts from.
package enum ProductStart {
    /// Nothing: C = A · B.
    case zero
    /// What C holds: C += A · B.
    case current
    /// The same row everywhere, as wide as C: C = row + A · B.
    case row(UnsafePointer<Float>)
}

/// C = start + A · B for a row-major A and a packed B.
///
/// A is `rows` x `inner`, C `rows` x `columns`; `columns` is a multiple of 16.
package func multiplyPanels(
    _ a: UnsafePointer<Float>, stride aStride: Int, by panels: UnsafePointer<Float>,
    into c: UnsafeMutablePointer<Float>, stride cStride: Int,
    rows: Int, inner: Int, columns: Int, from start: ProductStart
) {
    precondition(columns % panelWidth == 0, "The product's width is whole panels.")
    if case .current = start {
    } else {
        fill(c, stride: cStride, rows: rows, columns: columns, from: start)
    }
    let panelStride = inner &* panelWidth
    if rows == 1 {
        multiplyRow(a, by: panels, into: c, inner: inner, columns: columns)
        return
    }
    var panel = panels
    for column in stride(from: 0, to: columns, by: panelWidth) {
        var row = 0
        while rows &- row >= 6 && rows &- row != 8 {
            addTile6(a + row &* aStride, aStride, panel, c + (row &* cStride &+ column), cStride, inner)
            row &+= 6
        }
        while rows &- row >= 4 {
            addTile4(a + row &* aStride, aStride, panel, c + (row &* cStride &+ column), cStride, inner)
            row &+= 4
        }
        while rows &- row >= 2 {
            addTile2(a + row &* aStride, aStride, panel, c + (row &* cStride &+ column), cStride, inner)
            row &+= 2
        }
        if row < rows {
            addTile1(a + row &* aStride, panel, c + (row &* cStride &+ column), inner)
        }
        panel += panelStride
    }
}

private func fill(
    _ c: UnsafeMutablePointer<Float>, stride: Int, rows: Int, columns: Int, from start: ProductStart
) {
    for row in 0..<rows {
        switch start {
        case .row(let values): (c + row &* stride).update(from: values, count: columns)
        case .zero: (c + row &* stride).update(repeating: 0, count: columns)
        case .current: break
        }
    }
}

/// One row: four panels at a time, so that eight sums run beside each other.
private func multiplyRow(
    _ a: UnsafePointer<Float>, by panels: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
    inner: Int, columns: Int
) {
    let panelStride = inner &* panelWidth
    var panel = panels
    var column = 0
    while columns &- column >= 4 &* panelWidth {
        let target = c + column
        var c0 = load8(target)
        var c1 = load8(target + 8)
        var c2 = load8(target + 16)
        var c3 = load8(target + 24)
        var c4 = load8(target + 32)
        var c5 = load8(target + 40)
        var c6 = load8(target + 48)
        var c7 = load8(target + 56)
        var b0 = panel
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
        store8(c0, target)
        store8(c1, target + 8)
        store8(c2, target + 16)
        store8(c3, target + 24)
        store8(c4, target + 32)
        store8(c5, target + 40)
        store8(c6, target + 48)
        store8(c7, target + 56)
        panel += 4 &* panelStride
        column &+= 4 &* panelWidth
    }
    while column < columns {
        addTile1(a, panel, c + column, inner)
        panel += panelStride
        column &+= panelWidth
    }
}

/// C += Aᵀ · B for row-major A (`count` x `rows`) and B (`count` x `columns`), C in panels.
///
/// `rows` and `columns` are multiples of 16; the panels lie one after the other.
package func addTransposedProduct(
    _ a: UnsafePointer<Float>, stride aStride: Int, by b: UnsafePointer<Float>, stride bStride: Int,
    toPanels panels: UnsafeMutablePointer<Float>, count: Int, rows: Int, columns: Int
) {
    precondition(
        rows % panelWidth == 0 && columns % panelWidth == 0, "The product's sizes are whole panels.")
    var target = panels
    for column in stride(from: 0, to: columns, by: panelWidth) {
        var row = 0
        while row < rows {
            if (rows &- row) % 6 == 0 || rows &- row > 8 {
                addOuterTile6(a + row, aStride, b + column, bStride, target, count)
                row &+= 6
                target += 6 &* panelWidth
            } else {
                addOuterTile4(a + row, aStride, b + column, bStride, target, count)
                row &+= 4
                target += 4 &* panelWidth
            }
        }
    }
}
