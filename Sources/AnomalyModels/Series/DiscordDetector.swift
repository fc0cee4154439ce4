// C.-C. M. Yeh et al., "Matrix Profile I: All Pairs Similarity Joins for Time Series: A Unifying View
// That Includes Motifs, Discords and Shapelets", ICDM 2016, 10.1109/ICDM.2016.0179: the left matrix
// profile, the distance of each window to its nearest one in the past. Different here: values are not
// standardized window by window, since a shift or a change of scale is what is looked for; and the
// distances to all lags are carried on from value to value (a lag's squared distance gains the pair
// that enters the window and loses the one that leaves it), so that a value costs one step per lag
// whatever the length of the window. Early abandoning would save less: every lag costs one step.

/// Judges the newest window of a series by the distance to its nearest earlier one.
///
/// Score = Euclidean distance / √width: a typical difference in the units of the value. NaN until one
/// earlier window is complete, and while the newest window has a gap (NaN). An earlier window with a gap
/// is not compared. Windows that overlap the newest one are not earlier.
///
/// - Complexity: O(lags) for each value, some 3 ns each; memory 16 bytes per lag and width.
package struct DiscordDetector: Sendable, Codable, Equatable {
    /// The number of values in a window.
    package let width: Int
    /// The farthest that an earlier window lies behind, in values.
    package let lagMax: Int

    /// The newest values, twice over: a value lies at its place and `capacity` places on, so that the
    /// newest ones are always one stretch.
    private var values: [Double]
    /// Of the same places: how many values up to and with this one came without a gap.
    private var runs: [Int32]
    private let capacity: Int
    private var count = 0
    private var run = 0
    /// The squared distance of the newest window to the one at each lag from `width` on.
    private var squares: [Double]

    /// A detector for windows of `width` values that remembers `lagMax` of them.
    ///
    /// - Parameters:
    ///   - width: At least 2.
    ///   - lagMax: At least the width.
    /// - Throws: `ModelError` for other numbers.
    package init(width: Int, lagMax: Int) throws(ModelError) {
        guard width >= 2, lagMax >= width, lagMax <= 1 << 24 else {
            throw ModelError(
                code: .invalidParameter,
                message: "A discord needs windows of at least 2 values and a lag of at least one.")
        }
        self.width = width
        self.lagMax = lagMax
        capacity = lagMax + width + 1
        values = Array(repeating: 0, count: 2 * capacity)
        runs = Array(repeating: 0, count: 2 * capacity)
        squares = Array(repeating: 0, count: lagMax - width + 1)
    }

    /// Takes the next value and returns the score of the window that it completes.
    package mutating func update(_ value: Double) -> Double {
        run = value.isNaN ? 0 : min(run + 1, Int(Int32.max))
        let place = count % capacity
        for copy in [place, place + capacity] {
            values[copy] = value
            runs[copy] = Int32(run)
        }
        count += 1
        let nearest = carryOn(newest: place + capacity)
        return run >= width && nearest.isFinite ? (nearest / Double(width)).squareRoot() : .nan
    }

    /// Brings all squared distances up to the newest value; the smallest of a complete earlier window.
    private mutating func carryOn(newest: Int) -> Double {
        // Lag l compares with the window that ends l values before the newest one.
        let lagCount = min(lagMax, count - 1) - width + 1
        guard lagCount > 0 else { return .infinity }
        let entering = values[newest]
        let hasLeaving = count > width
        let leaving = hasLeaving ? values[newest - width] : .nan
        let width = self.width
        let oldestKnown = count - 1
        return values.withUnsafeBufferPointer { values in
            runs.withUnsafeBufferPointer { runs in
                squares.withUnsafeMutableBufferPointer { squares in
                    var nearest = Double.infinity
                    for index in 0..<lagCount {
                        let lag = index + width
                        let earlier = newest - lag
                        var square = squares[index]
                        let gained = entering - values[earlier]
                        // A pair with a gap adds nothing and later takes nothing away.
                        if !gained.isNaN { square += gained * gained }
                        if lag + width <= oldestKnown {
                            let lost = leaving - values[earlier - width]
                            if !lost.isNaN { square -= lost * lost }
                        }
                        // Rounding may leave a little less than nothing.
                        square = max(square, 0)
                        squares[index] = square
                        if runs[earlier] >= width { nearest = min(nearest, square) }
                    }
                    return nearest
                }
            }
        }
    }
}
