// The code of Sources/Credentials/Credentials.docc/FirstLogin.md: ArticlesTests compares the two.
import Credentials

struct Lodge: CredentialSource {
    let name = SourceName(rawValue: "lodge")
    // Not a directory, where a failed bind could lock an account: it may see secrets that look like API keys.
    let keyShapedSecrets = KeyShapedSecretPolicy.asPassword

    func judge(_ credential: BasicCredential) async -> Verdict {
        guard credential.userName == "ann" else { return .unknownUser }
        guard credential.secret.isEqualInConstantTime(to: "open sesame".utf8) else { return .rejected(.wrongPassword) }
        return .authenticated(Principal(userName: "ann", groups: [Group(name: "porters")], source: name))
    }

    func state() async -> SourceState { .ready }
}

enum CredentialsArticle {
    static func resolve() async {
        let resolver = CredentialResolver(entries: [.init(Lodge())])
        let credential = BasicCredential(userName: "ann", secret: Secret("open sesame"))
        switch await resolver.resolve(credential, from: IPAddress("192.0.2.1")) {
        case .authenticated(let principal): print("hello", principal.userName, principal.groups.map(\.name))
        case .refused(let reason): print("no; the log may know why:", reason.rawValue)
        case .throttled(let wait): print("too many failures, again in", wait)
        case .unavailable(let failure): print("nobody can tell right now:", failure)
        }
    }

    static func groups() {
        let group = Group(
            name: "Registry Pushers", distinguishedName: "cn=Registry Pushers,ou=groups,dc=example,dc=org")
        let pattern = GroupPattern("CN=registry pushers, OU=Groups,DC=Example,DC=org")
        print(group.matches(pattern))  // true
    }
}
