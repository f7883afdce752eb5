import Foundation

/// Another host, as far as the network goes: a network namespace of this machine with an address of its own, whose packets a
/// test can drop. Needs root.
public final class NetworkHost: Sendable {
    /// Whether the kernel, and who we are, allow it.
    public static var isPossible: Bool {
        get async throws {
            guard try await Program.canMount else { return false }
            return (try? await NetworkHost()) != nil
        }
    }

    public let address: String
    private let name: String
    private let ip: Program

    /// Makes it, and a cable to it.
    public init() async throws {
        ip = try Program("ip", package: "iproute2")
        let number = Int.random(in: 1...65_000)
        name = "latchkey-\(number)"
        address = "10.\(198 + number % 2).\(number / 256).2"
        let (near, far) = ("lk\(number)a", "lk\(number)b")
        let ours = address.dropLast() + "1"
        for words in [
            "netns add \(name)", "link add \(near) type veth peer name \(far)", "link set \(far) netns \(name)",
            "addr add \(ours)/30 dev \(near)", "link set \(near) up", "-n \(name) addr add \(address)/30 dev \(far)",
            "-n \(name) link set \(far) up", "-n \(name) link set lo up",
        ] {
            let output = try await ip.run(words.split(separator: " ").map(String.init))
            guard output.status == 0 else { throw NeverHappened(description: "ip \(words): \(output.standardError)") }
        }
    }

    deinit {
        let (ip, name) = (ip, name)
        Task.detached { _ = try? await ip.run(["netns", "delete", name]) }
    }

    /// The program and words that run something there.
    func command(_ program: Program, _ arguments: [String]) -> (Program, [String]) {
        (ip, ["netns", "exec", name, program.path] + arguments)
    }

    /// Drops the packets of all connections to it that there are, without a word to anybody; new ones work.
    public func forgetConnections() async throws {
        let ports = try await Program("ss", package: "iproute2").run(["-Htn", "dst", address]).standardOutput
            .split(separator: "\n").compactMap { line in
                line.split(separator: " ").dropFirst(3).first?.split(separator: ":").last.map(String.init)
            }
        for port in ports {
            let (program, words) = command(
                try Program("iptables", package: "iptables"),
                ["-A", "INPUT", "-p", "tcp", "--sport", port, "-j", "DROP"])
            let output = try await program.run(words)
            guard output.status == 0 else { throw NeverHappened(description: "iptables: \(output.standardError)") }
        }
    }
}
