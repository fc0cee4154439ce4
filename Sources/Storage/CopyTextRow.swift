import Foundation

/// Rows in the text format of COPY, collected into chunks.
struct CopyTextRow {
    /// Bytes of one CopyData message: large enough to be cheap, small beside the buffers of libpq.
    static let chunkSize = 1 << 16

    private(set) var chunks: [[UInt8]] = []
    private var chunk: [UInt8] = []
    private var isFirst = true

    mutating func field(_ value: String?) {
        separate()
        guard let value else {
            chunk += [0x5C, 0x4E]
            return
        }
        for byte in value.utf8 {
            switch byte {
            case 0x5C: chunk += [0x5C, 0x5C]
            case 0x0A: chunk += [0x5C, 0x6E]
            case 0x0D: chunk += [0x5C, 0x72]
            case 0x09: chunk += [0x5C, 0x74]
            default: chunk.append(byte)
            }
        }
    }

    mutating func field(_ value: Double?) {
        field(value.map { "\($0)" })
    }

    mutating func field(_ value: Int64) {
        field(String(value))
    }

    mutating func field(_ value: Bool) {
        field(value ? "t" : "f")
    }

    /// Seconds since 1970 as an ISO 8601 timestamp with microseconds, UTC.
    mutating func timestamp(_ seconds: Double?) {
        guard let seconds, seconds.isFinite else {
            field(String?.none)
            return
        }
        let microseconds = Int64((seconds * 1e6).rounded())
        let (days, ofDay) = microseconds.flooredDivision(by: 86_400_000_000)
        let (year, month, day) = civil(daysSince1970: days)
        func padded(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let second = ofDay / 1_000_000
        field(
            "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2)) \(padded(second / 3600, 2)):"
                + "\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))."
                + "\(padded(ofDay % 1_000_000, 6))+00")
    }

    mutating func end() {
        chunk.append(0x0A)
        isFirst = true
        if chunk.count >= Self.chunkSize {
            flush()
        }
    }

    mutating func flush() {
        guard !chunk.isEmpty else { return }
        chunks.append(chunk)
        chunk = []
        chunk.reserveCapacity(Self.chunkSize + 4096)
    }

    private mutating func separate() {
        if !isFirst {
            chunk.append(0x09)
        }
        isFirst = false
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// The proleptic Gregorian date of a day, by eras of 400 years that begin on 1 March.
private func civil(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (
        yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
        dayOfYear - (153 * marchMonth + 2) / 5 + 1
    )
}
