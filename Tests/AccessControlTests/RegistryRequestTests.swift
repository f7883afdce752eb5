import Foundation
import TestSupport
import Testing

@testable import AccessControl

@Suite("Requests to a registry: what each wants")
struct RegistryRequestTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)

    private func rights(_ method: String, _ target: String) throws -> [String] {
        switch try RegistryRequest(method: method, target: target) {
        case .login: ["login"]
        case .catalog: ["catalog"]
        case .rights(let rights): rights.map { "\($0)" }
        }
    }

    @Test(
        "Each endpoint of the distribution specification 1.1 by each of its methods",
        arguments: [
            ("GET", "/v2/", ["login"]), ("HEAD", "/v2", ["login"]), ("OPTIONS", "/v2/a/manifests/latest", ["login"]),
            ("GET", "/v2/_catalog?n=10&last=x", ["catalog"]),
            ("GET", "/v2/a/tags/list?n=5", ["read on a"]),
            ("GET", "/v2/team/app/manifests/latest", ["read on team/app"]),
            ("HEAD", "/v2/team/app/manifests/\(digest)", ["read on team/app"]),
            ("PUT", "/v2/a/manifests/latest", ["create on a", "update on a"]),
            ("PUT", "/v2/a/manifests/\(digest)", ["create on a"]),
            ("PUT", "/v2/a/manifests/\(digest)?tag=v1&tag=v2", ["create on a", "update on a"]),
            ("PUT", "/v2/a/manifests/\(digest)?%74ag=v1", ["create on a", "update on a"]),
            ("DELETE", "/v2/a/manifests/latest", ["delete on a"]),
            ("DELETE", "/v2/a/manifests/\(digest)", ["delete on a"]),
            ("GET", "/v2/a/blobs/\(digest)", ["read on a"]), ("HEAD", "/v2/a/blobs/\(digest)", ["read on a"]),
            ("DELETE", "/v2/a/blobs/\(digest)", ["delete on a"]),
            ("POST", "/v2/a/blobs/uploads/", ["create on a"]),
            ("POST", "/v2/a/blobs/uploads/?digest=\(digest)", ["create on a"]),
            ("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=b/c", ["create on a", "read on b/c"]),
            (
                "POST", "/v2/a/blobs/uploads/?from=b%2Fc&mount=\(digest.replacing(":", with: "%3A"))",
                ["create on a", "read on b/c"]
            ),
            ("POST", "/v2/a/blobs/uploads/?from=b", ["create on a", "read on b"]),
            ("GET", "/v2/a/blobs/uploads/3f2a-1", ["read on a"]),
            ("PATCH", "/v2/a/blobs/uploads/3f2a-1?_state=x-_=", ["create on a"]),
            ("PUT", "/v2/a/blobs/uploads/3f2a-1?digest=\(digest)", ["create on a"]),
            ("DELETE", "/v2/a/blobs/uploads/3f2a-1", ["delete on a"]),
            ("GET", "/v2/a/referrers/\(digest)?artifactType=x%2Fy", ["read on a"]),
            // Names that hold the words of paths.
            ("GET", "/v2/manifests/manifests/manifests", ["read on manifests"]),
            ("GET", "/v2/a/manifests/b/manifests/latest", ["read on a/manifests/b"]),
            ("POST", "/v2/a/blobs/blobs/uploads/", ["create on a/blobs"]),
            ("GET", "/v2/a/blobs/uploads/tags/list", ["read on a/blobs/uploads"]),
            ("GET", "/v2/a/tags/list/tags/list", ["read on a/tags/list"]),
            ("GET", "/v2/v2/manifests/v2", ["read on v2"]),
        ])
    func endpoints(method: String, target: String, expected: [String]) throws {
        #expect(try rights(method, target) == expected, "\(method) \(target)")
    }

    @Test(
        "Whatever is malformed, ambiguous or none of the specification's is refused",
        arguments: [
            ("GET", ""), ("GET", "v2/"), ("GET", "http://x/v2/"), ("GET", "/"), ("GET", "/v1/"), ("GET", "/V2/"),
            ("GET", "//v2/"), ("GET", "/v2//"), ("GET", "/v2/a"), ("GET", "/v2/a/"), ("GET", "/v2/a/tags"),
            ("GET", "/v2/a/manifests/"), ("GET", "/v2/a/manifests"), ("GET", "/v2/manifests/latest"),
            ("GET", "/v2/a//manifests/latest"), ("GET", "/v2/./a/manifests/latest"),
            ("GET", "/v2/a/../b/manifests/latest"), ("GET", "/v2/a/manifests/.."), ("GET", "/v2/a/manifests/."),
            ("GET", "/v2/a%2fb/manifests/latest"), ("GET", "/v2/a/%2e%2e/b/manifests/latest"),
            ("GET", "/v2/a/manifests/latest%00"), ("GET", "/v2/A/manifests/latest"), ("GET", "/v2/a\\b/manifests/x"),
            ("GET", "/v2/a/manifests/la test"), ("GET", "/v2/a/manifests/latest#x"),
            ("GET", "/v2/a;x/manifests/latest"),
            ("GET", "/v2/a/manifests/-x"), ("GET", "/v2/a/manifests/sha256:"), ("GET", "/v2/a/blobs/latest"),
            ("GET", "/v2/a/blobs/uploads"), ("POST", "/v2/a/blobs/uploads"), ("PUT", "/v2/a/tags/list"),
            ("GET", "/v2/a/blobs/uploads/"), ("POST", "/v2/a/manifests/latest"), ("PATCH", "/v2/a/manifests/latest"),
            ("DELETE", "/v2/"), ("POST", "/v2/_catalog"), ("TRACE", "/v2/"), ("get", "/v2/"), ("", "/v2/"),
            ("DELETE", "/v2/a/tags/list"), ("GET", "/v2/_zot/ext/mgmt"), ("GET", "/v2/a/referrers/latest"),
            ("GET", "/v2/a/blobs/sha256:aa"),
            ("GET", "/v2/a/blobs/sha1:aa"), ("POST", "/v2/a/blobs/uploads/?mount=sha256:aa&from=b"),
            ("POST", "/v2/a/blobs/uploads/?mount=\(digest)"), ("POST", "/v2/a/blobs/uploads/?mount=x&from=b"),
            ("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=B"), ("POST", "/v2/a/blobs/uploads/?from="),
            ("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=b&from=c"),
            ("POST", "/v2/a/blobs/uploads/?mount=\(digest);from=b"),
            ("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=b%2"),
            ("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=b%252Fc"),
            ("POST", "/v2/a/blobs/uploads/?mount=\(digest)&from=b/../c"),
            ("PUT", "/v2/a/manifests/\(digest)?tag="), ("PUT", "/v2/a/manifests/\(digest)?tag=a/b"),
            ("GET", "/v2/a/manifests/" + String(repeating: "a", count: 129)),
            ("GET", "/v2/" + String(repeating: "a", count: 256) + "/tags/list"),
            ("GET", "/v2/a/tags/list?x=" + String(repeating: "a", count: 4096)), ("GET", "/v2/é/tags/list"),
            ("GET", "/v2/a/tags/list?\u{1}"), ("GET", "/v2/a\u{0}/tags/list"), ("OPTIONS", "/v2/a/../b"),
        ])
    func refused(method: String, target: String) {
        #expect(throws: RegistryRequest.Problem.self, "\(method) \(target)") {
            try RegistryRequest(method: method, target: target)
        }
    }

    @Test("Nothing in the corpus of bad paths gets through by any method")
    func corpus() throws {
        let folder = Slapd.repository.appending(path: "fixtures/registry-paths")
        let lines = try String(contentsOf: folder.appending(path: "bad.txt"), encoding: .utf8).split(separator: "\n")
        let targets = lines.filter { !$0.hasPrefix("# ") }
        #expect(targets.count > 100)
        for target in targets {
            for method in ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"] {
                #expect(throws: RegistryRequest.Problem.self, "\(method) \(target)") {
                    try RegistryRequest(method: method, target: String(target))
                }
            }
        }
    }

    @Test("Whatever gets through names its repository plainly in the path")
    func property() {
        var random = Seeded.announced()
        let parts = [
            "v2", "a", "b", "manifests", "blobs", "uploads", "tags", "list", "referrers", "latest", Self.digest,
            "_catalog", "", ".", "..", "%2e", "%2F", "A", "\\", "?", "?mount=\(Self.digest)&from=b", "&from=c", "#",
        ]
        let methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"]
        var read = 0
        for _ in 0..<25_000 {
            let target = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                parts.randomElement(using: &random) ?? ""
            }.reduce("/v2") { $1.hasPrefix("?") || $1.hasPrefix("&") ? $0 + $1 : $0 + "/" + $1 }
            let method = methods.randomElement(using: &random) ?? "GET"
            guard case .rights(let rights)? = try? RegistryRequest(method: method, target: target) else { continue }
            read += 1
            #expect(target.hasPrefix("/v2/\(rights[0].repository)/"), "\(method) \(target)")
            for other in rights.dropFirst() where other.repository != rights[0].repository {
                #expect(target.contains("from=\(other.repository)"), "\(method) \(target)")
            }
            if method == "GET" || method == "HEAD" { #expect(rights.allSatisfy { $0.action == .read }) }
        }
        #expect(read > 20)
    }
}
