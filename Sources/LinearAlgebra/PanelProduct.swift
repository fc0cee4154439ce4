// Products of small matrices of which one stays the same for many products. A library's product copies
// its factors at every call, which costs more than the product where it has a few rows (1 x 64 x 256:
// 5.3 us against 0.7 us; 8 x 64 x 256: 46 against 110 GFLOP/s). Here the constant factor is packed once.
// Every element is one chain of fused multiply-adds in the order of the inner index, so a row's bits do
// not depend on the rows beside it, on their number, or on the machine.

/// The width of a panel; the columns of a product are padded to a multiple of it.
@inlinable
package var panelWidth: Int { 16 }

/// A width padded to whole panels.
@inlinable
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
/// A is `rows` x `inner`, C `rows` x `columns`; `columns` is a multiple of 16. A single row may take
/// the panels in `descending` order: whoever alternates finds the last ones still in the cache.
package func multiplyPanels(
    _ a: UnsafePointer<Float>, stride aStride: Int, by panels: UnsafePointer<Float>,
    into c: UnsafeMutablePointer<Float>, stride cStride: Int,
    rows: Int, inner: Int, columns: Int, from start: ProductStart, descending: Bool = false
) {
    precondition(columns % panelWidth == 0, "The product's width is whole panels.")
    if case .current = start {
    } else {
        fill(c, stride: cStride, rows: rows, columns: columns, from: start)
    }
    let panelStride = inner &* panelWidth
    if rows == 1 {
        multiplyRow(
            a, by: panels, into: c, inner: inner, columns: columns, descending: descending)
        return
    }
    var panel = panels
    for column in stride(from: 0, to: columns, by: panelWidth) {
        var row = 0
        while rows &- row >= 6 && rows &- row != 8 {
            addTile6(
                a + row &* aStride, aStride, panel, c + (row &* cStride &+ column), cStride, inner)
            row &+= 6
        }
        while rows &- row >= 4 {
            addTile4(
                a + row &* aStride, aStride, panel, c + (row &* cStride &+ column), cStride, inner)
            row &+= 4
        }
        while rows &- row >= 2 {
            addTile2(
                a + row &* aStride, aStride, panel, c + (row &* cStride &+ column), cStride, inner)
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

/// One row: six panels at a time, then four, then the rest one by one, or in the opposite order.
private func multiplyRow(
    _ a: UnsafePointer<Float>, by panels: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>,
    inner: Int, columns: Int, descending: Bool
) {
    let panelStride = inner &* panelWidth
    let panelCount = columns / panelWidth
    var done = 0
    while done < panelCount {
        let left = panelCount &- done
        let size = left >= 6 && left != 8 ? 6 : left >= 4 ? 4 : 1
        let panel = descending ? left &- size : done
        let source = panels + panel &* panelStride
        let target = c + panel &* panelWidth
        switch size {
        case 6: addRowTile6(a, source, panelStride, target, inner)
        case 4: addRowTile4(a, source, panelStride, target, inner)
        default: addTile1(a, source, target, inner)
        }
        done &+= size
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
        rows % panelWidth == 0 && columns % panelWidth == 0, "The product's sizes are whole panels."
    )
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
