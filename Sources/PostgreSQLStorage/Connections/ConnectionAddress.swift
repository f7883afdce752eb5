import CPostgreSQL

/// Where a database is, as the operator has written it.
///
/// libpq quotes what it can't read, and a host that it can't find. A password in which a sign is not percent-encoded is cut there, and its rest is
/// taken for a host, a port, a database or a parameter (PostgreSQL's documentation, 34.1.1.2). So what libpq says is passed on only where no such
/// part can be in it.
struct ConnectionAddress {
    /// A host with its port; nil for what libpq takes by itself.
    typealias Place = (host: String?, port: String?)

    let text: String

    /// Whether libpq's words may be repeated: they hold no part of the user's name and the password.
    var isPlain: Bool {
        guard let scheme = text.firstRange(of: "://") else { return true }
        let rest = text[scheme.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        return authority.count { $0 == "@" } < 2 && !rest.dropFirst(authority.count).contains("@")
    }

    /// The hosts with their ports that libpq reads in it.
    /// - Throws: ``PostgreSQLError`` if it can't be read, or a part of a password would be looked for as a host.
    func places() throws(PostgreSQLError) -> [Place] {
        // What has neither form is the name of a database (34.1.2, expand_dbname).
        guard isURL || text.contains("=") else {
            guard !text.contains(where: { ":@/".contains($0) }) else { throw Self.unreadable }
            return [(nil, nil)]
        }
        guard let options = PQconninfoParse(text, nil) else { throw Self.unreadable }
        defer { PQconninfoFree(options) }
        var words: [String: [String]] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            let name = String(cString: keyword)
            if name == "host" || name == "port" || name == "hostaddr", let value = option.pointee.val {
                words[name] = String(cString: value).split(separator: ",", omittingEmptySubsequences: false).map {
                    String($0)
                }
            }
            option += 1
        }
        // A path may have one (a socket of Linux's without a file begins with it), a name not.
        let names = (words["host"] ?? []).filter { !$0.hasPrefix("/") && !$0.hasPrefix("@") }
        guard !(names + (words["port"] ?? [])).contains(where: { $0.contains("@") }) else { throw Self.unreadable }
        // By address alone is libpq's own affair.
        guard words["hostaddr"] == nil, let hosts = words["host"] else { return [(nil, nil)] }
        let ports = words["port"] ?? []
        return hosts.enumerated().map { ($1, ports.count == 1 ? ports[0] : $0 < ports.count ? ports[$0] : nil) }
    }

    private var isURL: Bool { text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") }

    /// What to do about one that can't be read.
    static let advice = """
        write each sign of the user's name and of the password that is no letter or digit percent-encoded (%40 for @), or take the password out of \
        the address and set the key password
        """

    private static var unreadable: PostgreSQLError {
        PostgreSQLError(
            kind: .unreachable, state: "", message: "its address can't be read: \(advice)", wasSent: false)
    }
}
