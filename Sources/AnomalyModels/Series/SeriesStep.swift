/// The usual time between two rows: the median of the differences that are positive; 1 without any.
package func usualStep(of times: [Double]) -> Double {
    let differences = zip(times.dropFirst(), times).map { $0 - $1 }.filter { $0 > 0 }
    let median = RobustStatistics.median(differences)
    return median.isNaN ? 1 : median
}
