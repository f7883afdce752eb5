import Foundation

/// A real nginx, started for one test on a free port.
public final class Nginx: Sendable {
    public let port: Int
    private let folder: TemporaryFolder
    private let process: RunningProcess

    /// Starts it and waits until it listens.
    /// - Parameter server: what its one server block says, but for where it listens.
    public init(_ server: String) async throws {
        folder = try TemporaryFolder()
        port = try Ports.free()
        try folder.write(
            "nginx.conf",
            Self.frame("server { listen 127.0.0.1:\(port); \(server) }"))
        let folder = folder
        process = try Program("nginx", package: "nginx-light").start(
            ["-p", folder.root.path, "-c", folder.path("nginx.conf")], output: folder.url("out"),
            error: folder.url("err"))
        let (port, running) = (port, process)
        try await eventually("nginx listens") {
            guard running.isRunning else { throw NeverHappened(description: "nginx ended: \(try folder.text("err"))") }
            return Ports.isOpen(port)
        }
    }

    /// A whole configuration for a test's own nginx, in its own folder.
    /// - Parameter http: what the http block says.
    public static func frame(_ http: String) -> String {
        """
        daemon off; master_process off; error_log error.log; pid nginx.pid;
        events { worker_connections 1024; }
        http {
            access_log off;
            client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            \(http)
        }
        """
    }

    deinit { process.signal(SIGKILL) }

    /// Runs curl against it.
    /// - Returns: what curl's `-w` printed, by default the status alone.
    public func curl(_ path: String, _ arguments: String...) async throws -> String {
        let curl = try Program("curl", package: "curl")
        let format = arguments.contains("-w") ? [] : ["-o", "/dev/null", "-w", "%{http_code}"]
        return try await curl.run(["-s", "-m", "20"] + format + arguments + ["http://127.0.0.1:\(port)\(path)"])
            .standardOutput
    }
}
