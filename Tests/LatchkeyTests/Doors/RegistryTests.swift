import Foundation
import TestSupport
import Testing

/// Docker's own registry, by tokens or behind nginx, as docs/doors/registry.md has it.
private final class Registry: Sendable {
    let latchkey: Latchkey
    /// Where clients find it.
    let port: Int
    private let folder: TemporaryFolder
    private let processes: [RunningProcess]
    private let isByToken: Bool

    init(byToken: Bool, hasPolicy: Bool = true) async throws {
        let page = try String(
            contentsOf: Slapd.repository.appending(path: "docs/doors/registry.md"), encoding: .utf8)
        let blocks = page.matches(of: /```(\w+)\n([\s\S]*?)```/).map { (String($0.output.1), String($0.output.2)) }
        let yaml = blocks.filter { $0.0 == "yaml" }.map(\.1)
        let nginxPage = try Door.nginx.page
        folder = try TemporaryFolder()
        let (folder, registryPort) = (folder, try Ports.free())
        try folder.write(
            "htpasswd", ["alice", "bob"].map { "\($0):{SHA}0L4txCG+T80BcuWvzuo5cOLz2UA=\n" }.joined())
        let nginxPort = try Ports.free()
        port = byToken ? registryPort : nginxPort
        latchkey = try await Latchkey(
            configuration: { port in
                (hasPolicy ? yaml[0] : yaml[0].replacing(#/  accessControl:\n(    .*\n)+/#, with: ""))
                    .replacing("port: 8080", with: "port: \(port)\n  trustedProxies: [127.0.0.1]")
                    .replacing("  auth:\n", with: "  auth:\n    failDelay: 0\n")
                    .replacing("/var/lib/latchkey", with: folder.path("data"))
            }, folder: folder)
        var registry = yaml[1].replacing("/var/lib/docker-registry", with: folder.path("registry"))
            .replacing("127.0.0.1:5000", with: "127.0.0.1:\(registryPort)")
            .replacing("127.0.0.1:8080", with: "127.0.0.1:\(latchkey.port)")
            .replacing("/var/lib/latchkey", with: folder.path("data"))
        if !byToken, let auth = registry.range(of: "auth:\n") { registry.removeSubrange(auth.lowerBound...) }
        try folder.write("registry.yaml", registry)
        var processes = [
            try Program("docker-registry", package: "docker-registry").start(
                ["serve", folder.path("registry.yaml")], output: folder.url("r"), error: folder.url("r"))
        ]
        try await eventually("the registry listens", within: .seconds(60)) { Ports.isOpen(registryPort) }
        if !byToken {
            let site = try #require(blocks.first { $0.0 == "nginx" }?.1)
            let ask = try #require(nginxPage.matches(of: /```nginx\n([\s\S]*?)```/).last?.output.1)
            try folder.write("latchkey.conf", String(ask))
            let text = site.replacing("127.0.0.1:8000", with: "127.0.0.1:\(nginxPort)")
                .replacing("127.0.0.1:8080", with: "127.0.0.1:\(latchkey.port)")
                .replacing("127.0.0.1:5000", with: "127.0.0.1:\(registryPort)")
                .replacing("/etc/nginx/", with: folder.root.path + "/")
            processes.append(try Door.startNginx(text, in: folder))
            try await eventually("nginx listens") { Ports.isOpen(nginxPort) }
        }
        self.processes = processes
        isByToken = byToken
        try folder.write("policy.json", #"{"default": [{"type": "insecureAcceptAnything"}]}"#)
        let image = Slapd.repository.appending(path: "fixtures/image.py").path
        for text in ["one", "two"] {
            let made = try await Program("python3", package: "python3").run(
                [image, folder.path(text), text])
            #expect(made.status == 0, "\(made)")
        }
    }

    deinit { for process in processes { process.signal(SIGKILL) } }

    func skopeo(_ arguments: String...) async throws -> Program.Output {
        let words = arguments.map { word in
            word.replacing("REGISTRY", with: "docker://127.0.0.1:\(port)").replacing(
                "oci:", with: "oci:\(folder.root.path)/")
        }
        return try await Program("skopeo", package: "skopeo").run(
            ["--policy", folder.path("policy.json")] + words, folder: folder.root,
            environment: ["HOME": folder.root.path])
    }

    /// Runs buildah, which needs no daemon, with a storage of its own.
    func buildah(_ command: String, _ credential: String, _ arguments: String...) async throws -> Program.Output {
        try await Program("buildah", package: "buildah").run(
            [
                "--storage-driver", "vfs", "--root", folder.path("containers"), "--runroot", folder.path("run"),
                command,
                "--tls-verify=false", "--signature-policy", folder.path("policy.json"), "--creds", credential,
            ] + arguments.map { $0.replacing("REGISTRY", with: "docker://127.0.0.1:\(port)") }, folder: folder.root,
            environment: ["HOME": folder.root.path])
    }

    /// Pushes and pulls a file as an artifact, by PyPI's oras.
    func oras(_ command: String, _ repository: String, _ credential: String) async throws -> Program.Output {
        let script = """
            import os, sys, oras.client
            command, registry, repository, user, password, folder, kind = sys.argv[1:]
            os.chdir(folder)
            client = oras.client.OrasClient(hostname=registry, insecure=True, auth_backend=kind)
            client.auth.set_basic_auth(user, password)
            if command == "push":
                open("artifact.txt", "w").write("an artifact")
                client.push(target=f"{registry}/{repository}", files=["artifact.txt:text/plain"])
            elif command == "tags":
                print(sorted(client.get_tags(f"{registry}/{repository}")))
            else:
                os.makedirs("fetched", exist_ok=True)
                print(open(client.pull(target=f"{registry}/{repository}", outdir="fetched")[0]).read())
            """
        let (user, password) = (credential.prefix { $0 != ":" }, credential.drop { $0 != ":" }.dropFirst())
        return try await Program(python: "python", distribution: "oras").run(
            [
                "-c", script, command, "127.0.0.1:\(port)", repository, String(user), String(password),
                folder.root.path, isByToken ? "token" : "basic",
            ])
    }

    /// The status of a request with curl, by token where the registry wants one.
    func mount(_ digest: String, from source: String, into target: String, _ credential: String, byToken: Bool)
        async throws -> String
    {
        let curl = try Program("curl", package: "curl")
        var who = ["-u", credential]
        if byToken {
            let scopes = "scope=repository:\(target):pull,push&scope=repository:\(source):pull"
            let answer = try await curl.run(
                ["-s", "-u", credential, "\(latchkey.url)/auth/token?service=registry.example.org&\(scopes)"])
            let token = answer.standardOutput.firstMatch(of: #/"token":"([^"]+)"/#)?.1 ?? ""
            who = ["-H", "Authorization: Bearer \(token)"]
        }
        return try await curl.run(
            ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST"] + who + [
                "http://127.0.0.1:\(port)/v2/\(target)/blobs/uploads/?mount=\(digest)&from=\(source)"
            ]
        ).standardOutput
    }

    func push(_ image: String, _ repository: String, _ credential: String) async throws -> Bool {
        try await skopeo(
            "copy", "--dest-tls-verify=false", "--dest-creds", credential, "oci:\(image):latest",
            "REGISTRY/\(repository)"
        ).status == 0
    }

    func pull(_ repository: String, _ credential: String?) async throws -> Bool {
        try await pulled(repository, credential).status == 0
    }

    func pulled(_ repository: String, _ credential: String?) async throws -> Program.Output {
        let name = "pulled-\(UUID())"
        let who = credential.map { ["--src-creds", $0] } ?? ["--src-no-creds"]
        return try await skopeo(
            "copy", "--src-tls-verify=false", who[0], who.count > 1 ? who[1] : "--quiet", "REGISTRY/\(repository)",
            "dir:\(folder.root.path)/\(name)")
    }

    /// What the door and Latchkey have logged.
    var logs: String { get throws { try latchkey.log + ((try? folder.text("error.log")) ?? "") + folder.text("r") } }
}

@Suite("Docker's registry", .serialized)
struct RegistryTests {
    @Test("skopeo pushes, pulls, lists and deletes as policy and scopes have it", arguments: [true, false])
    func registry(byToken: Bool) async throws {
        let registry = try await Registry(byToken: byToken)
        let (key, id) = try await registry.latchkey.createKey("alice:apple")
        let (one, _) = try await registry.latchkey.createKey("alice:apple", #"{"scopes": ["team/one"]}"#)
        let (readOnly, _) = try await registry.latchkey.createKey("alice:apple", #"{"scopes": ["team/**:read"]}"#)
        let login = try await registry.skopeo(
            "login", "--tls-verify=false", "-u", "alice", "-p", "apple", "127.0.0.1:\(registry.port)")
        #expect(login.status == 0, "\(login)")
        #expect(
            try await registry.skopeo(
                "login", "--tls-verify=false", "-u", "alice", "-p", "x", "127.0.0.1:\(registry.port)"
            ).status != 0)
        #expect(try await registry.push("one", "team/one:1", "alice:apple"))
        #expect(try await registry.push("two", "team/two:1", "alice:\(key)"))
        #expect(try await registry.push("two", "team/one:2", "alice:\(one)"))
        #expect(try await !registry.push("two", "team/three:1", "alice:\(one)"), "a key for one repository")
        #expect(try await !registry.push("one", "team/one:3", "alice:\(readOnly)"), "a key that reads")
        #expect(try await !registry.push("one", "other/x:1", "alice:apple"), "no policy")
        #expect(try await !registry.push("one", "team/one:3", "bob:apple"), "another's team")
        #expect(try await registry.pull("team/one:1", "alice:\(readOnly)"))
        #expect(try await registry.pull("team/one:1", "bob:apple"))
        #expect(try await !registry.pull("team/two:1", "alice:\(one)"))
        #expect(try await !registry.pull("team/one:1", nil))
        // A blob of another repository is mounted by who may read there, and by nobody else.
        let manifest = try await registry.skopeo(
            "inspect", "--tls-verify=false", "--creds", "alice:apple", "REGISTRY/team/one:1")
        let digest = try #require(manifest.standardOutput.firstMatch(of: #/"Layers": \[\s*"(sha256:[0-9a-f]+)"/#)).1
            .description
        let (two, _) = try await registry.latchkey.createKey("alice:apple", #"{"scopes": ["team/two"]}"#)
        #expect(
            try await registry.mount(digest, from: "team/one", into: "team/four", "alice:apple", byToken: byToken)
                == "201")
        let elsewhere = try await registry.mount(
            digest, from: "team/one", into: "team/two", "alice:\(two)", byToken: byToken)
        #expect(["401", "403", "202"].contains(elsewhere), "\(elsewhere)")
        #expect(byToken || elsewhere == "403", "nginx's door refuses: \(elsewhere)")
        // buildah, by token and through nginx.
        let fetched = try await registry.buildah("pull", "alice:\(readOnly)", "REGISTRY/team/one:1")
        #expect(fetched.status == 0, "\(fetched)")
        let image = fetched.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        let sent = try await registry.buildah("push", "alice:\(key)", image, "REGISTRY/team/five:1")
        #expect(sent.status == 0, "\(sent)")
        #expect(try await registry.buildah("push", "alice:\(one)", image, "REGISTRY/team/five:2").status != 0)
        #expect(try await registry.buildah("push", "alice:\(readOnly)", image, "REGISTRY/team/one:9").status != 0)
        // PyPI's oras. By token it can't push to any registry of Distribution: it keeps the token that it got to read, and asks for no other.
        let listed = try await registry.oras("tags", "team/five", "alice:\(readOnly)")
        #expect(listed.standardOutput == "['1']\n", "\(listed)")
        #expect(try await registry.oras("tags", "team/five", "alice:\(one)").status != 0)
        if !byToken {
            let artifact = try await registry.oras("push", "team/six:1", "alice:\(key)")
            #expect(artifact.status == 0, "\(artifact)")
            let read = try await registry.oras("pull", "team/six:1", "alice:\(readOnly)")
            #expect(read.standardOutput == "an artifact\n", "\(read)")
            #expect(try await registry.oras("push", "team/six:2", "alice:\(readOnly)").status != 0)
        }
        let tags = try await registry.skopeo(
            "list-tags", "--tls-verify=false", "--creds", "alice:\(readOnly)", "REGISTRY/team/one")
        #expect(tags.standardOutput.contains("\"1\"") && tags.standardOutput.contains("\"2\""), "\(tags)")
        #expect(
            try await registry.skopeo(
                "delete", "--tls-verify=false", "--creds", "alice:\(readOnly)", "REGISTRY/team/one:2"
            ).status != 0)
        let deleted = try await registry.skopeo(
            "delete", "--tls-verify=false", "--creds", "alice:apple", "REGISTRY/team/one:2")
        #expect(deleted.status == 0, "\(deleted)")
        _ = try await registry.latchkey.curl("/zot/auth/apikey?id=\(id)", "-u", "alice:apple", "-X", "DELETE")
        #expect(try await !registry.pull("team/two:1", "alice:\(key)"), "a revoked key")

        let pulled = try await withThrowingTaskGroup(of: Program.Output.self) { group in
            for _ in 0..<10 { group.addTask { try await registry.pulled("team/one:1", "bob:apple") } }
            return try await group.reduce(into: [Program.Output]()) { $0.append($1) }
        }
        let failed = pulled.filter { $0.status != 0 }
        let logs = try registry.logs.suffix(3000)
        #expect(failed.isEmpty, "\(failed) \(logs)")
    }

    @Test(
        "The catalogue, as zot's own document asks for it, is for who may read everything: with a policy nobody else, without one whoever is known"
    )
    func catalogue() async throws {
        for (hasPolicy, status) in [(false, "200"), (true, "403")] {
            let registry = try await Registry(byToken: false, hasPolicy: hasPolicy)
            let (key, _) = try await registry.latchkey.createKey("alice:apple")
            #expect(try await registry.push("one", "team/one:1", "alice:\(key)"))
            let output = try await Program("curl", package: "curl").run(
                ["-s", "-w", " %{http_code}", "-u", "alice:\(key)", "http://127.0.0.1:\(registry.port)/v2/_catalog"])
            #expect(output.standardOutput.hasSuffix(" \(status)"), "\(output)")
            #expect(output.standardOutput.contains("team/one") == (status == "200"), "\(output)")
        }
    }
}
