import Foundation
import TestSupport
import Testing
import Yams

@Suite("The chart, by a real helm")
struct HelmTests {
    private let folder: TemporaryFolder
    private let helm: Program
    private static let chart = Slapd.repository.appending(path: "packaging/helm/latchkey").path
    private static let image = ["--set", "image.repository=registry.example/latchkey"]

    init() throws {
        folder = try TemporaryFolder()
        helm = try Program(python: "helm", distribution: "helm-binary")
    }

    private func render(_ settings: String...) async throws -> Program.Output {
        try await helm.run(["template", "x", Self.chart] + Self.image + settings.flatMap { ["--set", $0] })
    }

    @Test("helm lints it strictly, and Kubernetes' own schemas take what it makes, whatever is turned on")
    func render() async throws {
        let lint = try await helm.run(["lint", "--strict", Self.chart] + Self.image)
        #expect(lint.status == 0, "\(lint)")
        let validate = try Program(python: "kubernetes-validate", distribution: "kubernetes-validate")
        for settings in [
            "service.type=NodePort", "persistence.enabled=false", "existingSecret=s", "persistence.existingClaim=c",
            "podAnnotations.a=b", "imagePullSecrets[0].name=p", "nodeSelector.disk=ssd", "tolerations[0].key=k",
        ] {
            let output = try await render(settings)
            #expect(output.status == 0, "\(settings): \(output.standardError)")
            let path = try folder.write("manifests.yaml", output.standardOutput)
            for version in ["1.31", "1.36"] {
                let judged = try await validate.run(["--strict", "-k", version, path])
                #expect(judged.status == 0, "\(settings), \(version): \(judged)")
            }
        }
        #expect(try await render("metrics.serviceMonitor=true").standardOutput.contains("kind: ServiceMonitor"))
    }

    @Test("What it mounts is a configuration that Latchkey takes; the pod may do nothing that it need not")
    func content() async throws {
        let rendered = try await render("configuration.http.realm=from helm").standardOutput
        let documents = try Yams.compose_all(yaml: rendered).map(\.self)
        let map = try #require(documents.first { $0["kind"]?.string == "ConfigMap" })
        let text = try #require(map["data"]?["latchkey.yaml"]?.string)
        let path = try folder.write("latchkey.yaml", text.replacing("/var/lib/latchkey", with: folder.path("data")))
        let checked = try await Latchkey.program.run(["check", "--config", path])
        #expect(checked.standardOutput.contains("configuration: ok") && text.contains("realm: from helm"), "\(checked)")
        let pod = try #require(
            documents.first { $0["kind"]?.string == "StatefulSet" }?["spec"]?["template"]?["spec"])
        let container = try #require(pod["containers"]?[0])
        #expect(pod["securityContext"]?["runAsNonRoot"]?.bool == true)
        #expect(pod["automountServiceAccountToken"]?.bool == false)
        #expect(container["securityContext"]?["readOnlyRootFilesystem"]?.bool == true)
        #expect(container["securityContext"]?["allowPrivilegeEscalation"]?.bool == false)
        #expect(container["securityContext"]?["capabilities"]?["drop"]?[0]?.string == "ALL")
    }

    @Test("A slip in the values is refused with its place")
    func slips() async throws {
        for (slip, place) in [
            ("persistance.size=2Gi", "persistance"), ("service.port=0", "service.port"),
            ("persistence.size=much", "persistence.size"),
        ] {
            let output = try await render(slip)
            #expect(output.status != 0 && output.standardError.contains(place), "\(slip): \(output)")
        }
        let unnamed = try await helm.run(["template", "x", Self.chart])
        #expect(unnamed.status != 0 && unnamed.standardError.contains("image.repository"))
    }
}
