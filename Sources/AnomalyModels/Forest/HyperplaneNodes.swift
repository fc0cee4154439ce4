/// The nodes of a forest that divides its rows by hyperplanes, tree after tree.
///
/// The two children of a node are neighbours: the right one follows the left one. A child comes after
/// its parent.
package struct HyperplaneNodes: Sendable, Equatable {
    /// What one column contributes to a node's decision: weight · (value - center).
    package struct Term: Sendable, Equatable, BitwiseCopyable {
        /// The column's part of the hyperplane's normal.
        package var weight: Double
        /// The column's part of the point that the hyperplane goes through.
        package var center: Double
        /// The column.
        package var column: Int32
    }

    /// The index of each tree's root, and the number of all nodes at the end.
    package var treeOffsets: [Int32] = [0]
    /// The index of the left child; -1 at a leaf.
    package var firstChild: [Int32] = []
    /// Where each node's terms begin, and the number of all terms at the end; a leaf has none.
    package var termOffsets: [Int32] = [0]
    /// The terms of all nodes.
    package var terms: [Term] = []
    /// 1 where a row goes right that has none of the node's columns, 0 where it goes left.
    package var missingGoesRight: [UInt8] = []
    /// The number of rows of the training sample that reached the node; may be 0 at a leaf.
    package var cover: [Int32] = []
    /// At a leaf its depth plus the average path length of its cover; 0 elsewhere.
    package var leafPathLength: [Double] = []

    /// The number of trees.
    package var treeCount: Int { treeOffsets.count - 1 }
    /// The number of nodes of all trees.
    package var nodeCount: Int { firstChild.count }

    /// The nodes of one tree.
    package func nodes(ofTree tree: Int) -> Range<Int> {
        Int(treeOffsets[tree])..<Int(treeOffsets[tree + 1])
    }

    /// Adds the trees of another forest behind the own ones.
    mutating func append(_ other: HyperplaneNodes) {
        let shift = Int32(nodeCount)
        let termShift = Int32(terms.count)
        treeOffsets.append(contentsOf: other.treeOffsets.dropFirst().map { $0 + shift })
        firstChild.append(contentsOf: other.firstChild.map { $0 < 0 ? $0 : $0 + shift })
        termOffsets.append(contentsOf: other.termOffsets.dropFirst().map { $0 + termShift })
        terms.append(contentsOf: other.terms)
        missingGoesRight.append(contentsOf: other.missingGoesRight)
        cover.append(contentsOf: other.cover)
        leafPathLength.append(contentsOf: other.leafPathLength)
    }

    /// Adds one tree's path lengths of rows that follow each other to their totals.
    ///
    /// The rows' values are bounded by `ExtendedIsolationForest.valueMax`, or missing.
    func addPathLengths(
        ofTree tree: Int, _ rows: UnsafePointer<Double>, columnCount: Int,
        to totals: UnsafeMutableBufferPointer<Double>
    ) {
        firstChild.withUnsafeBufferPointer { firstChild in
            termOffsets.withUnsafeBufferPointer { termOffsets in
                terms.withUnsafeBufferPointer { terms in
                    for index in totals.indices {
                        let row = rows + index &* columnCount
                        var node = Int(treeOffsets[tree])
                        while firstChild[node] >= 0 {
                            let own = Int(termOffsets[node])..<Int(termOffsets[node + 1])
                            let right =
                                goesRight(row, UnsafeBufferPointer(rebasing: terms[own]))
                                ?? (missingGoesRight[node] == 1)
                            node = Int(firstChild[node]) &+ (right ? 1 : 0)
                        }
                        totals[index] += leafPathLength[node]
                    }
                }
            }
        }
    }
}

/// Whether a row lies beyond the hyperplane; nil where it has none of the columns.
///
/// A missing value leaves its term out: the row is taken to lie level with the hyperplane's point
/// in that column, so the others decide.
@inline(__always)
func goesRight(
    _ row: UnsafePointer<Double>, _ terms: UnsafeBufferPointer<HyperplaneNodes.Term>
) -> Bool? {
    var sum = 0.0
    var missingCount = 0
    for term in terms {
        let product = term.weight * (row[Int(term.column)] - term.center)
        sum += product.isNaN ? 0 : product
        missingCount &+= product.isNaN ? 1 : 0
    }
    return missingCount == terms.count ? nil : sum > 0
}
