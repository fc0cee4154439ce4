import Foundation

/// What the system says of this process, under the names that Prometheus' own clients use.
package enum ProcessSamples {
    /// What the metrics are.
    package static let descriptions = [
        MetricDescription(
            "process_cpu_seconds_total", .counter, "Processor time of the process, user and system."
        ),
        MetricDescription("process_resident_memory_bytes", .gauge, "Memory that is in RAM."),
        MetricDescription("process_virtual_memory_bytes", .gauge, "Address space."),
        MetricDescription("process_open_fds", .gauge, "Open file descriptors."),
        MetricDescription("process_max_fds", .gauge, "File descriptors that may be open."),
        MetricDescription("process_threads", .gauge, "Threads."),
        MetricDescription(
            "process_start_time_seconds", .gauge, "When the process started, since 1970."),
    ]

    /// The values now; those that the system does not tell are left out.
    package static func collect() -> [MetricSample] {
        var samples: [MetricSample] = []
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        if let fields = stat(), fields.count > 21, ticks > 0 {
            // Counted from the state, which is the third field of proc_pid_stat(5).
            let user = Double(fields[11]) ?? 0
            let system = Double(fields[12]) ?? 0
            samples.append(MetricSample("process_cpu_seconds_total", (user + system) / ticks))
            if let threads = Double(fields[17]) {
                samples.append(MetricSample("process_threads", threads))
            }
            if let started = Double(fields[19]), let boot = bootTime {
                samples.append(
                    MetricSample("process_start_time_seconds", boot + started / ticks))
            }
            if let bytes = Double(fields[20]) {
                samples.append(MetricSample("process_virtual_memory_bytes", bytes))
            }
        }
        if let bytes = residentByteCount {
            samples.append(MetricSample("process_resident_memory_bytes", Double(bytes)))
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            samples.append(MetricSample("process_open_fds", Double(open.count)))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            samples.append(MetricSample("process_max_fds", Double(limit.rlim_cur)))
        }
        return samples
    }

    /// Memory of the process that is in RAM.
    package static var residentByteCount: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
            return nil
        }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The fields of /proc/self/stat from the third on: the second, a name, may hold spaces.
    private static func stat() -> [Substring]? {
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static let bootTime: Double? = {
        let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8)
        let line = text?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) }
    }()
}
