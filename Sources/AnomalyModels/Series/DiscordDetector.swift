// C.-C. M. Yeh et al., "Matrix Profile I: All Pairs Similarity Joins for Time Series: A Unifying View
// That Includes Motifs, Discords and Shapelets", ICDM 2016, 10.1109/ICDM.2016.0179: the left matrix
// profile, the distance of each window to its nearest one in the past. Different here: values are not
// standardized window by window, since a shift or a change of scale is what is looked for; and the
// squared distances to all lags are carried on from value to value: each gains the pair that enters
// the window and loses the one that leaves it. So a value costs one step per lag whatever the length of
// the window, where comparing window by window with early abandoning costs one or more.

/// Judges the newest window of a series by the distance to its nearest earlier one.
///
/// Score = Euclidean distance / √width: a typical difference in units of the value. NaN until an earlier
/// window is complete, and while the newest window has a gap (NaN). Windows with a gap are not compared,
/// nor those that overlap the newest one. Series of equal steps are meant: positions count, not times.
///
/// The carried sums are exact for counts; else rounding adds some 1e-16 of the largest squared distance
/// with each value.
///
/// - Complexity: O(lags) for each value, about 1 ns each; memory 40 bytes a lag.
package struct DiscordDetector: Sendable {
    /// The number of values in a window.
    package let width: Int
    /// The farthest that an earlier window lies behind the newest one, in values.
    package let lagMax: Int

    /// The last values, all twice over: a value lies at its place and `capacity` places on, so that
    /// the newest ones are always one stretch.
    private var values: [Double]
    /// Of the same places: 0 where the window that ends there is complete, else infinity.
    private var penalties: [Double]
    /// The squared distance of the newest window to that at lag `lagMax - index`.
    private var squares: [Double]
    private let capacity: Int
    private var count = 0
    private var gaplessCount = 0

    /// A detector that has seen nothing.
    ///
    /// - Parameters:
    ///   - width: The number of values in a window; at least 2.
    ///   - lagMax: How far back windows are remembered; at least the width, at most 2^24.
    /// - Throws: `ModelError` for other numbers.
    package init(width: Int, lagMax: Int) throws(ModelError) {
        guard width >= 2, lagMax >= width, lagMax <= 1 << 24 else {
            throw ModelError(
                code: .invalidParameter,
                message: "A discord needs windows of at least 2 values and lags of at least that.")
        }
        self.width = width
        self.lagMax = lagMax
        capacity = lagMax + width + 1
        values = Array(repeating: .nan, count: 2 * capacity)
        penalties = Array(repeating: .infinity, count: 2 * capacity)
        squares = Array(repeating: 0, count: lagMax - width + 1)
    }

    /// Takes the next value and returns the score of the window that it completes.
    package mutating func update(_ value: Double) -> Double {
        let value = value.isFinite ? value : .nan
        gaplessCount = value.isNaN ? 0 : min(gaplessCount + 1, width)
        let place = count % capacity
        let penalty = gaplessCount == width ? 0 : Double.infinity
        values[place] = value
        values[place + capacity] = value
        penalties[place] = penalty
        penalties[place + capacity] = penalty
        count += 1
        let nearest = carryOn(newest: place + capacity)
        return penalty == 0 && nearest.isFinite ? (nearest / Double(width)).squareRoot() : .nan
    }

    /// The scores of a whole series; the same as value by value.
    ///
    /// - Parameters:
    ///   - values: The series; NaN is a gap.
    ///   - width: The number of values in a window.
    ///   - lagMax: How far back windows are remembered.
    /// - Returns: One score for each value.
    /// - Throws: `ModelError` for the parameters.
    package static func scores(
        _ values: [Double], width: Int, lagMax: Int
    ) throws(ModelError) -> [Double] {
        var detector = try DiscordDetector(width: width, lagMax: lagMax)
        return values.map { detector.update($0) }
    }

    /// Brings all squared distances up to the newest value; the smallest to a complete window.
    ///
    /// Places without a value hold NaN like gaps, so the start of a series needs no case of its own. A
    /// pair with a gap adds nothing and, when it leaves, takes nothing away.
    private mutating func carryOn(newest: Int) -> Double {
        let entering = SIMD4(repeating: values[newest])
        let leaving = SIMD4(repeating: values[newest - width])
        let (width, lagCount) = (self.width, squares.count)
        let first = newest - lagMax
        return values.withUnsafeBytes { values in
            penalties.withUnsafeBytes { penalties in
                squares.withUnsafeMutableBytes { squares in
                    var nearest = SIMD4<Double>(repeating: .infinity)
                    var index = 0
                    while index + 4 <= lagCount {
                        let offset = (first + index) * 8
                        var gained =
                            entering
                            - values.loadUnaligned(
                                fromByteOffset: offset, as: SIMD4<Double>.self)
                        var lost =
                            leaving
                            - values.loadUnaligned(
                                fromByteOffset: offset - width * 8, as: SIMD4<Double>.self)
                        gained.replace(with: 0, where: gained .!= gained)
                        lost.replace(with: 0, where: lost .!= lost)
                        var square =
                            squares.loadUnaligned(fromByteOffset: index * 8, as: SIMD4<Double>.self)
                            + gained * gained - lost * lost
                        // Rounding may leave a little less than nothing.
                        square.replace(with: 0, where: square .< 0)
                        squares.storeBytes(
                            of: square, toByteOffset: index * 8, as: SIMD4<Double>.self)
                        square +=
                            penalties.loadUnaligned(
                                fromByteOffset: offset, as: SIMD4<Double>.self)
                        nearest.replace(with: square, where: square .< nearest)
                        index += 4
                    }
                    var smallest = nearest.min()
                    let values = values.bindMemory(to: Double.self)
                    let penalties = penalties.bindMemory(to: Double.self)
                    let squares = squares.bindMemory(to: Double.self)
                    while index < lagCount {
                        let gained = entering[0] - values[first + index]
                        let lost = leaving[0] - values[first + index - width]
                        var square = squares[index]
                        if !gained.isNaN { square += gained * gained }
                        if !lost.isNaN { square -= lost * lost }
                        squares[index] = max(square, 0)
                        smallest = min(smallest, squares[index] + penalties[first + index])
                        index += 1
                    }
                    return smallest
                }
            }
        }
    }
}
