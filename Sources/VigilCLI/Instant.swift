import ArgumentParser
import GraphFiles

/// An instant given on the command line, ISO 8601.
struct Instant: ExpressibleByArgument {
    /// Seconds since 1970.
    let seconds: Double

    init?(argument: String) {
        guard let seconds = try? Timestamp.parse(argument) else { return nil }
        self.seconds = seconds
    }
}
