import Foundation
import TestSupport
import Testing

@testable import latchkey

@Suite("What operators watch", .serialized)
struct MonitoringTests {
    private let packaging = Slapd.repository.appending(path: "packaging/monitoring")

    /// A server of which every metric has been counted once.
    private func server() async throws -> (server: Latchkey, certificates: Certificates) {
        let (folder, certificates) = (try TemporaryFolder(), try await Certificates())
        try folder.write("htpasswd", "amy:{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n")
        // Nobody listens there: who is not in the file can't be judged.
        let server = try await Latchkey(
            auth: "htpasswd: { path: htpasswd, authoritative: true }, apikey: true, "
                + "ldap: { urls: ['ldap://127.0.0.1:1'], baseDN: 'dc=example,dc=org', userAttribute: uid }",
            http: "tls: { cert: \(certificates.certificate), key: \(certificates.key) }", folder: folder)
        let key = try await createKey(server, certificates)
        for (user, path) in [
            ("amy:apple", "/auth/verify"), ("amy:pear", "/auth/verify"), ("bob:pear", "/v2/"),
            ("amy:\(key)", "/auth/verify"),
            ("amy:apple", "/nothing"),
        ] {
            _ = try await curl(server, certificates, "-o", "/dev/null", "-u", user, server.url + path)
        }
        // It is counted a second after the start.
        try await eventually("keys are counted", within: .seconds(120)) {
            try await metrics(server, certificates).contains("latchkey_api_keys{state=\"active\"} 1")
        }
        return (server, certificates)
    }

    private func createKey(_ server: Latchkey, _ certificates: Certificates) async throws -> String {
        let body = try await curl(server, certificates, "-u", "amy:apple", "-d", "{}", server.url + "/zot/auth/apikey")
        return try #require(body.firstMatch(of: #/"apiKey":"(zak_[0-9a-f]+)"/#)).1.description
    }

    private func curl(_ server: Latchkey, _ certificates: Certificates, _ arguments: String...) async throws -> String {
        try await Program("curl", package: "curl").run(["-s", "--cacert", certificates.authority] + arguments)
            .standardOutput
    }

    private func metrics(_ server: Latchkey, _ certificates: Certificates, _ accept: String = "*/*") async throws
        -> String
    {
        try await curl(server, certificates, "-H", "Accept: \(accept)", server.url + "/metrics")
    }

    @Test(
        "Each metric and each label that alert rules and the dashboard name is there, and both are read by Prometheus")
    func files() async throws {
        let (server, certificates) = try await server()
        let text = try await metrics(server, certificates)
        let promtool = try Program("promtool", package: "prometheus")
        let checked = try await promtool.run(["check", "metrics"], input: Data(text.utf8))
        #expect(checked.status == 0 && checked.standardError.isEmpty, "\(checked)")
        let rules = try await promtool.run(["check", "rules", packaging.appending(path: "alerts.yaml").path])
        #expect(rules.status == 0, "\(rules)")
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let dashboard = try Data(contentsOf: packaging.appending(path: "dashboard.json"))
        #expect(try JSONSerialization.jsonObject(with: dashboard) is [String: Any])
        let alerts = try String(contentsOf: packaging.appending(path: "alerts.yaml"), encoding: .utf8)
        let expressions = alerts + String(decoding: dashboard, as: UTF8.self).replacing("\\\"", with: "\"")
        var named = 0
        for match in expressions.matches(of: #/\b((?:latchkey|process)_[a-z_]+)(?:\{([^}]*)\})?/#) {
            named += 1
            let samples = lines.filter { $0.hasPrefix(match.1 + " ") || $0.hasPrefix(match.1 + "{") }
            #expect(!samples.isEmpty, "\(match.1)")
            for label in (match.2 ?? "").matches(of: #/(\w+)="([^"]*)"/#) where label.1 != "job" {
                #expect(samples.contains { $0.contains("\(label.1)=\"\(label.2)\"") }, "\(match.0)")
            }
        }
        #expect(named > 30)
        // No user's name, key or address of a client.
        #expect(!text.contains("amy") && !text.contains("bob") && !text.contains("zak_"))
    }

    @Test("Requests are counted by route and status, with the time that they took; verdicts by source and reason")
    func counts() async throws {
        let (server, certificates) = try await server()
        let text = try await metrics(server, certificates)
        for line in [
            #"latchkey_http_requests_total{route="verify",status="200"} 2"#,
            #"latchkey_http_requests_total{route="verify",status="401"} 1"#,
            #"latchkey_http_requests_total{route="ping",status="503"} 1"#,
            #"latchkey_http_requests_total{route="createKey",status="201"} 1"#,
            #"latchkey_http_requests_total{route="other",status="404"} 1"#,
            #"latchkey_http_request_duration_seconds_count{route="verify"} 3"#,
            #"latchkey_http_request_duration_seconds_bucket{route="verify",le="+Inf"} 3"#,
            #"latchkey_verdicts_total{source="htpasswd",verdict="rejected",reason="wrong-password"} 1"#,
            #"latchkey_verdicts_total{source="apikey",verdict="authenticated",reason=""} 1"#,
            #"latchkey_refusals_total{reason="wrong-password"} 1"#,
            #"latchkey_store_operation_duration_seconds_count{operation="look-up"} 1"#,
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
        #expect(text.contains(/latchkey_build_info\{version="\d+\.\d+\.\d+",commit="\w+(-dirty)?"\} 1/))
        #expect(text.contains(/process_resident_memory_bytes \d{7,}/))
    }

    @Test("Who accepts OpenMetrics gets it, as Prometheus' own parser reads it")
    func openMetrics() async throws {
        let (server, certificates) = try await server()
        let text = try await metrics(
            server, certificates, "application/openmetrics-text; version=1.0.0; q=0.8, */*;q=0.1")
        #expect(text.hasSuffix("# EOF\n"))
        let parser = """
            import sys
            from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
            print(sorted(family.name for family in parse(sys.stdin.read())))
            """
        let read = try await Program("python3", package: "python3-prometheus-client").run(
            ["-c", parser], input: Data(text.utf8))
        #expect(read.status == 0 && read.standardOutput.contains("'latchkey_http_requests'"), "\(read)")
    }
}
