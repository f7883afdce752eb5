import AuthService
import Foundation

/// What Prometheus' own libraries say of a process (client library guidelines, "Process metrics"), as proc(5) has it, and which Latchkey it is.
enum ProcessMetrics {
    static var all: [Metric] {
        let build = Metric(
            "latchkey_build_info", .gauge, help: "1, with the version and the commit that it was built from.",
            [.init(1, ("version", Version.current), ("commit", Version.commit))])
        return [build] + (statistics() ?? [])
    }

    private static func statistics() -> [Metric]? {
        guard let text = try? String(contentsOf: URL(filePath: "/proc/self/stat"), encoding: .utf8),
            let fields = text.split(separator: ")").last?.split(separator: " "), fields.count > 21,
            let user = Double(fields[11]), let system = Double(fields[12]), let pages = Double(fields[21]),
            let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        return [
            Metric(
                "process_cpu_seconds_total", help: "Time that the process has had a CPU.",
                [.init((user + system) / ticks)]),
            Metric(
                "process_resident_memory_bytes", .gauge, help: "Memory that the process has.",
                [.init(pages * Double(sysconf(Int32(_SC_PAGESIZE))))]),
            Metric(
                "process_open_fds", .gauge, help: "Files and connections that are open.", [.init(Double(files.count))]),
            Metric(
                "process_max_fds", .gauge, help: "How many may be open.", [.init(Double(FileDescriptorLimit.current))]),
            Metric(
                "process_start_time_seconds", .gauge, help: "When the process began, in seconds since 1970.",
                [.init(started.timeIntervalSince1970.rounded())]),
        ]
    }

    private static let started = Date.now
}
