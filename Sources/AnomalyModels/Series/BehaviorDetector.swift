/// The family of a series' behaviour: the residual of single values and the discord of whole windows.
///
/// Both in units in which one score in ten is larger than 1.645 (the residual by its robust scale, the
/// discord by the scores of the last days), so that their maximum is the smallest tail probability of
/// the two. A residual sees what jumps, a discord what stays within bounds and takes another course.
///
/// NaN values are gaps. NaN while both are silent.
///
/// - Complexity: that of a residual detector and of a discord detector over four weeks.
package struct BehaviorDetector: Sendable {
    /// The residual of single values.
    package private(set) var residual: ResidualDetector
    private var discord: DiscordDetector
    private var scale: RelativeScore

    /// A detector that has seen nothing.
    ///
    /// - Parameters:
    ///   - parameters: Those of the residual; the discord remembers four of its weeks.
    ///   - windowSeconds: The length of the discord's windows; at least two values are taken.
    /// - Throws: `ModelError` for the parameters.
    package init(
        _ parameters: ResidualDetector.Parameters, windowSeconds: Double = 21_600
    ) throws(ModelError) {
        residual = try ResidualDetector(parameters)
        let span = min(0x1p16, 28 * parameters.daySeconds / parameters.stepSeconds)
        guard windowSeconds > 0, windowSeconds / parameters.stepSeconds < span / 2 else {
            throw ModelError(
                code: .invalidParameter, message: "A window is at most two weeks long.")
        }
        let width = max(2, Int((windowSeconds / parameters.stepSeconds).rounded()))
        discord = try DiscordDetector(width: width, lagMax: max(2 * width, Int(span)))
        scale = RelativeScore(count: max(50, parameters.errorCountMax))
    }

    /// Judges the next value; the score and what the residual says.
    package mutating func update(
        time: Double, value: Double
    ) -> (score: Double, reading: ResidualReading) {
        let reading = residual.update(time: time, value: value)
        let relative = scale.update(discord.update(value))
        // The maximum of two numbers of which NaN is none.
        return (Double.maximum(reading.score, relative), reading)
    }
}
