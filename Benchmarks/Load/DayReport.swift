import Foundation

/// What `day` prints.
///
/// A day is the run's figures times 86,400 seconds by the run's, with one exception: a table without
/// new rows is bounded by its subjects, grows only by versions that vacuum has still to reuse, and
/// is not extrapolated.
struct DayReport: Report {
    var stage: StageFacts
    var mix: String
    var perSecond: Double
    var bare, vigil: DayPhase
    /// Seconds after the last COMMIT until everything was scored.
    var drainSeconds: Double

    private static let secondsPerDay = 86_400.0

    var text: String {
        """
        \(perSecond) changes a second (\(mix)), \(Int(vigil.seconds)) s with Vigil and \(Int(bare.seconds)) s without
        \(stage.text)
        written in time: \(vigil.changes) of \(vigil.due) with Vigil, \(bare.changes) of \(bare.due) without; all scored \(String(format: "%.2f", drainSeconds)) s after the last COMMIT
        \(label("", 34))\(["bare", "vigil", "difference", "a day of it"].map { column($0, 14) }.joined())
        \(costs.joined(separator: "\n"))

        The sidecar's memory: \(vigil.sidecarBytesBefore >> 20) MB at the start, \(vigil.sidecarBytesAfter >> 20) MB at the end, peak \(vigil.sidecarBytesMax >> 20) MB
        Checkpoints: \(bare.checkpoints) and \(vigil.checkpoints); whole pages in the WAL: \(bare.walFullPages) and \(vigil.walFullPages)

        \(label("table", 34))\(["new rows", "MB", "rows a day", "GB a day"].map { column($0, 14) }.joined())
        \(tables.joined(separator: "\n"))
        """
    }

    private func costLine(
        _ name: String, _ without: Double, _ with: Double, decimals: Int, isTotal: Bool = true
    ) -> String {
        let difference = with - without
        return label(name, 34) + column(without, 14, decimals: decimals)
            + column(with, 14, decimals: decimals) + column(difference, 14, decimals: decimals)
            + column(isTotal ? difference * Self.secondsPerDay : .nan, 14, decimals: 0)
    }

    /// Each for one second, the last column for a day.
    private var costs: [String] {
        let names = Set(bare.cpuSeconds.keys).union(vigil.cpuSeconds.keys).sorted()
        func cores(_ phase: DayPhase, _ seconds: Double) -> Double { seconds / phase.seconds }
        func megabytes(_ phase: DayPhase) -> Double {
            Double(phase.walBytes) / phase.seconds / 1_048_576
        }
        var lines = [
            costLine(
                "CPU s/s, sidecar", 0, cores(vigil, vigil.sidecarCPUSeconds), decimals: 3),
            costLine(
                "CPU s/s, PostgreSQL", cores(bare, bare.serverCPUSeconds),
                cores(vigil, vigil.serverCPUSeconds), decimals: 3),
        ]
        for name in names {
            lines.append(
                costLine(
                    "  " + name, cores(bare, bare.cpuSeconds[name] ?? 0),
                    cores(vigil, vigil.cpuSeconds[name] ?? 0), decimals: 3))
        }
        lines.append(costLine("WAL MB/s", megabytes(bare), megabytes(vigil), decimals: 3))
        lines.append(
            costLine(
                "WAL bytes for each change", Double(bare.walBytes) / Double(max(1, bare.changes)),
                Double(vigil.walBytes) / Double(max(1, vigil.changes)), decimals: 0,
                isTotal: false))
        lines.append(
            costLine(
                "COMMIT p50 ms", bare.commits.p50, vigil.commits.p50, decimals: 3, isTotal: false))
        lines.append(
            costLine(
                "COMMIT p99 ms", bare.commits.p99, vigil.commits.p99, decimals: 3, isTotal: false))
        return lines
    }

    private var tables: [String] {
        let factor = Self.secondsPerDay / vigil.seconds
        return vigil.tables.map { growth in
            let isBounded = growth.rows <= 0
            let perDay = isBounded ? .nan : Double(growth.rows) * factor
            let bytesPerDay = isBounded ? .nan : Double(growth.bytes) * factor / 1_073_741_824
            return label(growth.table, 34) + column(growth.rows, 14)
                + column(Double(growth.bytes) / 1_048_576, 14)
                + column(perDay, 14, decimals: 0)
                + (isBounded ? column("bounded", 14) : column(bytesPerDay, 14))
        }
    }
}
