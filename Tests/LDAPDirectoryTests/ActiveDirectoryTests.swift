import Credentials
import LDAPDirectory
import TestSupport
import Testing

@Suite("Against Active Directory, as Samba has it", .serialized)
struct ActiveDirectoryTests {
    private func source(_ samba: Samba, _ change: (inout DirectoryOptions) -> Void = { _ in }) -> DirectorySource {
        Directory.source([samba.url]) { options in
            options.serviceAccount = .init(bindDN: "svc@ad.example.org", password: Secret("svc-Passw0rd"))
            options.bases = ["dc=ad,dc=example,dc=org"]
            options.userAttribute = "sAMAccountName"
            options.activeDirectory = .init(domains: ["EXAMPLE"])
            options.groups.attribute = "memberOf"
            options.operationTimeout = .seconds(20)
            options.loginDeadline = .seconds(30)
            change(&options)
        }
    }

    @Test(
        "Names in each form, accounts in each state, nested groups, 1,600 groups, and a lock that the guard prevents",
        .enabled(if: Samba.canRun, "a domain controller needs root"))
    func everything() async throws { try await alone { try await everythingTold() } }

    private func everythingTold() async throws {
        let samba = try await Samba()
        let plain = source(samba)
        for name in ["alice", "ALICE", "Alice@ad.example.org", "example\\alice"] {
            #expect(await plain.says(name, "Alice-Passw0rd") == "Alice", "\(name)")
        }
        #expect(await plain.says("OTHER\\alice", "Alice-Passw0rd") == "unknown")
        #expect(await plain.says("alice", "wrong") == "wrong-password")
        #expect(await plain.says("nobody", "wrong") == "unknown")

        #expect(await plain.says("disabled", "disabled-Passw0rd") == "account-disabled")
        #expect(await plain.says("expired", "expired-Passw0rd") == "account-expired")
        #expect(await plain.says("changing", "changing-Passw0rd") == "password-must-change")
        #expect(await plain.finds("disabled") == "disabled")
        #expect(await plain.finds("expired") == "disabled")
        #expect(await plain.finds("alice") == "Alice")

        #expect(await plain.groups("alice", "Alice-Passw0rd") == ["inner"])
        for nesting in [GroupOptions.Nesting.inChain, .walk(levels: 10)] {
            let nested = source(samba) {
                $0.groups.search = .init(baseDN: "dc=ad,dc=example,dc=org")
                $0.groups.nesting = nesting
            }
            let groups = await nested.groups("alice", "Alice-Passw0rd")
            #expect(groups == ["inner", "outer"], "\(nesting)")
        }
        #expect(await plain.groups("joiner", "joiner-Passw0rd").count == 1600)

        // The domain locks an account at the third failure. Two are all that the guard lets through.
        let guarded = source(samba) { $0.lockoutGuard = 2 }
        var said: [String] = []
        for i in 0..<10 { said.append(await guarded.says("locked", "wrong\(i)")) }
        #expect(said == Array(repeating: "wrong-password", count: 2) + Array(repeating: "lockout-guard", count: 8))
        let right = await plain.says("locked", "locked-Passw0rd")
        #expect(right == "locked")
        for i in 0..<3 { _ = await plain.says("locked", "wrong\(i)") }
        #expect(await plain.says("locked", "locked-Passw0rd") == "account-locked")
        #expect(await plain.finds("locked") == "locked", "who guesses takes nobody's keys away")
    }
}
