import AuthService
import Credentials
import Htpasswd

/// What `latchkey check` says of `identities`: links by which nobody comes in.
///
/// A directory takes a name in any spelling. An htpasswd file does not: to it the linked name is nobody's, and to whoever gives names away it is somebody's.
struct LinkCheck {
    /// How many are told.
    private static let maximumTold = 20

    let links: [LinkedIdentity: UserName]
    let htpasswd: HtpasswdSource?

    func run() async -> [CheckResult] {
        guard let htpasswd else { return [] }
        var results: [CheckResult] = []
        for name in Set(links.values).sorted() where results.count < Self.maximumTold {
            guard htpasswd.table.entry(of: name) == nil, await htpasswd.isTaken(name) == true else { continue }
            results.append(
                .init(
                    what: "names", verdict: .note,
                    text:
                        "identities names \(name), and the htpasswd file has that name in another spelling: whoever is linked to it can't come in; write the name as the file does"
                ))
        }
        return results
    }
}
