import Foundation
import TestSupport
import Testing
import Yams

@testable import latchkey

@Suite("What packages bring")
struct PackagingTests {
    private static let folder = Slapd.repository.appending(path: "packaging")

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
    }

    @Test("systemd counts an exposure of 1.5 at most for the service")
    func exposure() async throws {
        let unit = Self.folder.appending(path: "debian/latchkey.service").path
        let output = try await Program("systemd-analyze", package: "systemd").run([
            "security", "--offline=true", "--no-pager", unit,
        ])
        let exposure = output.standardOutput.firstMatch(of: #/exposure level for latchkey\.service: (\d+\.\d+)/#)
        let level = try #require(exposure, "\(output)").1
        #expect(try #require(Double(level)) <= 1.5)
    }

    @Test("The configuration of the Debian package is one, and so is that of the chart")
    func configurations() async throws {
        let folder = try TemporaryFolder()
        let debian = try folder.write("debian.yaml", try text("latchkey.yaml"))
        #expect(try ConfigurationFile(path: debian, environment: [:]).read().apiKeys)
        let values = try #require(try Yams.compose(yaml: try text("helm/latchkey/values.yaml")))
        let chart = try folder.write("chart.yaml", try Yams.serialize(node: try #require(values["configuration"])))
        let configuration = try ConfigurationFile(path: chart, environment: [:]).read()
        // From outside the pod, and the probes on their own port.
        #expect(configuration.listen == [.tcp(address: "0.0.0.0", port: 8080)])
        #expect(configuration.operations == .tcp(address: "0.0.0.0", port: 8081))
    }

    @Test("The chart's schema takes its own values once an image is named, and refuses slips")
    func schema() async throws {
        let script = """
            import copy, json, sys, yaml, jsonschema
            values = yaml.safe_load(open(sys.argv[1] + "/values.yaml"))
            validator = jsonschema.Draft7Validator(json.load(open(sys.argv[1] + "/values.schema.json")))
            places = lambda v: sorted(e.json_path for e in validator.iter_errors(v))
            print(*places(values))
            values["image"]["repository"] = "registry.example/latchkey"
            print(*places(values))
            values["service"]["port"], values["persistance"], values["persistence"]["size"] = 0, {}, "much"
            print(*places(values))
            """
        let output = try await Program("python3", package: "python3-jsonschema python3-yaml").run(
            ["-c", script, Self.folder.appending(path: "helm/latchkey").path])
        #expect(output.standardOutput == "$.image.repository\n\n$ $.persistence.size $.service.port\n", "\(output)")
    }

    @Test("The chart is of this version")
    func version() throws {
        let chart = try #require(try Yams.compose(yaml: try text("helm/latchkey/Chart.yaml")))
        #expect(chart["version"]?.string == Version.current && chart["appVersion"]?.string == Version.current)
    }
}
