import Testing

@testable import Credentials

@Suite("The plan of a resolution: each transition alone")
struct ResolutionTests {
    private let htpasswd = Resolution.Candidate(keyShapedSecrets: .asPassword, isAuthoritative: false)
    private let ldap = Resolution.Candidate(keyShapedSecrets: .never, isAuthoritative: false)
    private let keys = Resolution.Candidate(keyShapedSecrets: .keysOnly, isAuthoritative: false)
    private let failure = SourceFailure(.timedOut, detail: "no answer")

    /// Runs a plan against fixed verdicts; returns who was asked and the outcome.
    private func run(
        _ candidates: [Resolution.Candidate], keyShaped: Bool = false, _ verdicts: [Int: Verdict]
    ) -> (asked: [Int], outcome: String) {
        var resolution = Resolution(candidates: candidates, secretIsKeyShaped: keyShaped)
        var asked: [Int] = []
        while true {
            switch resolution.next() {
            case .ask(let index):
                asked.append(index)
                resolution.take(verdicts[index] ?? .unknownUser, of: index)
            case .finish(.authenticated(let principal)): return (asked, principal.userName.text)
            case .finish(.refused(let reason)): return (asked, reason.rawValue)
            case .finish(.unavailable(let failure)): return (asked, failure.code.rawValue)
            case .finish(.throttled): return (asked, "throttled")
            }
        }
    }

    private func person(_ name: String) -> Verdict {
        .authenticated(Principal(userName: UserName(name), source: .htpasswd))
    }

    @Test("The first source that authenticates wins")
    func order() {
        let (asked, outcome) = run([htpasswd, ldap, keys], [0: person("a"), 1: person("b")])
        #expect(asked == [0] && outcome == "a")
    }

    @Test("A wrong password falls through to the next source")
    func fallsThrough() {
        let (asked, outcome) = run([htpasswd, ldap], [0: .rejected(.wrongPassword), 1: person("b")])
        #expect(asked == [0, 1] && outcome == "b")
    }

    @Test("An authoritative source stops at a user whom it knows, and only there")
    func authoritative() {
        var first = htpasswd
        first.isAuthoritative = true
        #expect(run([first, ldap], [0: .rejected(.wrongPassword), 1: person("b")]) == ([0], "wrong-password"))
        #expect(run([first, ldap], [0: .unknownUser, 1: person("b")]) == ([0, 1], "b"))
        #expect(run([first, ldap], [0: .unavailable(failure), 1: person("b")]) == ([0], "timed-out"))
    }

    @Test("A password is not looked up among the keys")
    func passwordIsNoKey() {
        #expect(run([htpasswd, ldap, keys], [:]) == ([0, 1], "unknown-user"))
    }

    @Test("A key-shaped secret goes to the keys first, to htpasswd next, and never to the directory")
    func keyShaped() {
        #expect(run([htpasswd, ldap, keys], keyShaped: true, [:]) == ([2, 0], "unknown-key"))
        #expect(run([htpasswd, ldap, keys], keyShaped: true, [2: person("k")]) == ([2], "k"))
        #expect(run([ldap], keyShaped: true, [:]) == ([], "unknown-key"))
    }

    @Test("Unavailable is not wrong: no refusal while a source could not look")
    func unavailable() {
        #expect(
            run([htpasswd, ldap], [0: .rejected(.wrongPassword), 1: .unavailable(failure)]) == ([0, 1], "timed-out"))
        #expect(
            run([htpasswd, ldap], [0: .unavailable(failure), 1: .rejected(.wrongPassword)]) == ([0, 1], "timed-out"))
        #expect(run([htpasswd, ldap], [0: .unavailable(failure), 1: person("b")]) == ([0, 1], "b"))
    }

    @Test("A refusal names the last source's reason, and who owes the cost of a hash")
    func refusal() {
        var resolution = Resolution(candidates: [htpasswd, ldap], secretIsKeyShaped: false)
        _ = resolution.next()
        resolution.take(.unknownUser, of: 0)
        _ = resolution.next()
        resolution.take(.rejected(.accountDisabled), of: 1)
        guard case .finish(.refused(.accountDisabled)) = resolution.next() else {
            Issue.record("not refused as disabled")
            return
        }
        #expect(resolution.unknowing == [0])
    }

    @Test("The reason that tells most is the one that is logged, whatever comes after it")
    func tellingReason() {
        for reason in [RefusalReason.keyRevoked, .keyExpired, .ownerGone, .keyOfAnotherUser] {
            let (asked, outcome) = run(
                [htpasswd, keys], keyShaped: true, [1: .rejected(reason), 0: .rejected(.wrongPassword)])
            #expect(asked == [1, 0] && outcome == reason.rawValue)
        }
        let unknown = run(
            [htpasswd, keys], keyShaped: true, [1: .rejected(.unknownKey), 0: .rejected(.wrongPassword)])
        #expect(unknown.outcome == "wrong-password")
        let locked = run([ldap, htpasswd], [0: .rejected(.accountLocked), 1: .rejected(.wrongPassword)])
        #expect(locked.outcome == "account-locked")
        #expect(run([htpasswd, ldap], [0: .rejected(.wrongPassword)]).outcome == "wrong-password")
    }
}
