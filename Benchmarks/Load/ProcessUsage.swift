import Foundation
import LocalCluster

/// CPU time and memory of a process, as /proc tells.
struct ProcessUsage: Sendable {
    /// Seconds of user and system time.
    let cpuSeconds: Double
    /// The same of the children that it has waited for.
    let childrenCPUSeconds: Double
    let parentID: pid_t
    /// Resident bytes now, and at their peak.
    let residentBytes: Int
    let residentBytesMax: Int

    /// Nil where there is no such process, or it has ended.
    init?(of processID: pid_t) {
        guard let line = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
            let name = line.lastIndex(of: ")")
        else { return nil }
        // Behind the name, which may hold anything: the third field of proc(5) comes first.
        let fields = line[line.index(after: name)...].split(separator: " ")
        guard fields.count > 14, fields[0] != "Z", fields[0] != "X" else { return nil }
        func ticks(_ place: Int) -> Double { (Double(fields[place]) ?? 0) / Self.ticksPerSecond }
        parentID = pid_t(fields[1]) ?? 0
        cpuSeconds = ticks(11) + ticks(12)
        childrenCPUSeconds = ticks(13) + ticks(14)
        let status =
            (try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)) ?? ""
        func kilobytes(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line?.split(separator: " ").compactMap { Int($0) }.first ?? 0
        }
        residentBytes = kilobytes("VmRSS") * 1024
        residentBytesMax = kilobytes("VmHWM") * 1024
    }

    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
}

/// CPU time of a whole PostgreSQL server: the postmaster, its processes of now and those that ended.
struct ServerUsage: Sendable {
    let cpuSeconds: Double
    /// CPU seconds of the processes that live, by process id.
    let byProcess: [pid_t: Double]

    init(of cluster: LocalCluster) throws {
        let file = cluster.folder.appending(path: "data/postmaster.pid").path()
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        guard let first = text.split(separator: "\n").first, let postmasterID = pid_t(first),
            let postmaster = ProcessUsage(of: postmasterID)
        else { throw Failure("the server's process is not to be found by \(file)") }
        var byProcess: [pid_t: Double] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
            guard let processID = pid_t(name), let usage = ProcessUsage(of: processID),
                usage.parentID == postmasterID
            else { continue }
            byProcess[processID] = usage.cpuSeconds
        }
        self.byProcess = byProcess
        // The postmaster waits for all of its children, so the time of those that ended is there.
        cpuSeconds =
            postmaster.cpuSeconds + postmaster.childrenCPUSeconds + byProcess.values.reduce(0, +)
    }
}
