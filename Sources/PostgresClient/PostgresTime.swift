/// PostgreSQL counts microseconds from 2000-01-01; this package counts seconds from 1970-01-01.
enum PostgresTime {
    private static let epochSeconds = 946_684_800.0

    static func seconds(microseconds: Int64) -> Double {
        switch microseconds {
        case .max: .infinity
        case .min: -.infinity
        default: finiteSeconds(microseconds)
        }
    }

    /// The seconds that the server's `date_part('epoch', ...)` gives, to the bit: one division.
    private static func finiteSeconds(_ microseconds: Int64) -> Double {
        let (since1970, isOverflown) = microseconds.addingReportingOverflow(946_684_800_000_000)
        return isOverflown
            ? Double(microseconds) / 1e6 + epochSeconds : Double(since1970) / 1e6
    }

    /// Nil for NaN; times beyond the range of the type become its infinities.
    static func microseconds(seconds: Double) -> Int64? {
        guard !seconds.isNaN else { return nil }
        let microseconds = ((seconds - epochSeconds) * 1e6).rounded()
        if microseconds >= 9.2e18 { return .max }
        if microseconds <= -9.2e18 { return .min }
        return Int64(microseconds)
    }
}
