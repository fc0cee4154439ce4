import ParallelLoops

/// The sums of the gradients in each bin of each column, over the rows of a node.
enum GradientHistogram {
    /// The columns that are counted side by side, to load each row's number and gradients once.
    static let groupSize = 4

    /// Adds rows, given by their numbers and in the same order by their gradients, to the bins of up to
    /// four columns.
    static func add(
        _ rows: UnsafePointer<UInt32>, _ gradients: UnsafePointer<GradientSum>, rowCount: Int,
        codes: SharedElements<UInt8>, matrix: BinnedMatrix, columns: ArraySlice<Int>,
        to bins: UnsafeMutablePointer<GradientSum>
    ) {
        guard columns.count == groupSize else {
            for column in columns {
                let own = UnsafePointer(codes.pointer(to: column &* matrix.rowCount))
                let target = bins + matrix.columns[column].offset
                for index in 0..<rowCount {
                    target[Int(own[Int(rows[index])])] &+= gradients[index]
                }
            }
            return
        }
        let first = columns.startIndex
        let (a, b, c, d) = (
            columns[first], columns[first + 1], columns[first + 2], columns[first + 3]
        )
        let codesA = UnsafePointer(codes.pointer(to: a &* matrix.rowCount))
        let codesB = UnsafePointer(codes.pointer(to: b &* matrix.rowCount))
        let codesC = UnsafePointer(codes.pointer(to: c &* matrix.rowCount))
        let codesD = UnsafePointer(codes.pointer(to: d &* matrix.rowCount))
        let binsA = bins + matrix.columns[a].offset
        let binsB = bins + matrix.columns[b].offset
        let binsC = bins + matrix.columns[c].offset
        let binsD = bins + matrix.columns[d].offset
        for index in 0..<rowCount {
            let row = Int(rows[index])
            let gradient = gradients[index]
            binsA[Int(codesA[row])] &+= gradient
            binsB[Int(codesB[row])] &+= gradient
            binsC[Int(codesC[row])] &+= gradient
            binsD[Int(codesD[row])] &+= gradient
        }
    }
}
