/// Takes each server through every step of a login but the user's own, and says where it ends. Blocks: for a lane.
struct DirectoryExamination: Sendable {
    let options: DirectoryOptions

    func run() -> [DirectoryFinding] {
        var (findings, urls) = ([DirectoryFinding](), options.urls)
        if let domain = options.domain {
            do throws(LDAPError) {
                urls = try LDAPConnection.servers(ofDomain: domain).map { options.discoveredURL($0) }
                findings.append(.init(.discovery, domain, urls.joined(separator: " ")))
            } catch {
                findings.append(
                    .init(.discovery, domain, problem: error.detail, "is the domain right, and the resolver reachable?")
                )
            }
        }
        return findings + urls.flatMap(examine)
    }

    private func examine(_ url: String) -> [DirectoryFinding] {
        var findings: [DirectoryFinding] = []
        guard let server = ServerAddress(url) else {
            return [.init(.resolution, url, problem: "this is no LDAP URL", "write ldaps://host or ldap://host:port")]
        }
        guard let addresses = HostAddresses.find(server.host) else {
            return [.init(.resolution, url, problem: "'\(server.host)' can't be resolved", "is the name right?")]
        }
        findings.append(.init(.resolution, url, addresses.joined(separator: " ")))

        let connection: LDAPConnection
        do throws(LDAPError) {
            connection = try LDAPConnection(url, options, LDAPConnection.Tools(options), deadline)
            findings.append(.init(.connection, url, "takes connections"))
            if url.hasPrefix("ldaps:") || options.startTLS { findings.append(.init(.tls, url, "trusted")) }
        } catch {
            guard error.stage == .tls else {
                return findings + [.init(.connection, url, problem: error.detail, "no further step was tried")]
            }
            findings.append(.init(.connection, url, "takes connections"))
            let hint =
                error.isTimeOut
                ? "the server takes connections and does not answer: does it speak TLS at this port, is it frozen?"
                : TLSDiagnosis(url: url, options: options).problem(deadline)
            return findings + [.init(.tls, url, problem: error.detail, hint)]
        }
        do throws(LDAPError) {
            if let account = options.serviceAccount {
                _ = try connection.bind(account.bindDN, account.password, deadline)
                findings.append(.init(.serviceBind, url, "as \(account.bindDN)"))
            }
        } catch {
            return findings + [
                .init(.serviceBind, url, problem: error.detail, hint(error, "check bindDN and its password"))
            ]
        }
        let bases =
            (options.bindDNTemplate == nil ? options.bases : []) + [options.groups.search?.baseDN].compactMap { $0 }
        return findings + bases.map { examine(base: $0, url, connection) }
    }

    private func examine(base: String, _ url: String, _ connection: LDAPConnection) -> DirectoryFinding {
        do throws(LDAPError) {
            let entries = try connection.search(.init(base: base), deadline)
            guard entries.isEmpty else { return .init(.base, url, "found \(base)") }
            return .init(.base, url, problem: "'\(base)' can't be seen", searcher)
        } catch {
            let hint = error.isDenial ? searcher : hint(error, "check baseDN; \(searcher)")
            return .init(.base, url, problem: error.detail, hint)
        }
    }

    /// Who would have to be allowed to search.
    private var searcher: String {
        options.serviceAccount == nil
            ? "the search is anonymous, which the server may not allow: set bindDN" : "may the service account read it?"
    }

    private func hint(_ error: LDAPError, _ otherwise: String) -> String {
        error.isTimeOut ? "the server takes connections and does not answer: is it frozen, or overloaded?" : otherwise
    }

    private var deadline: Deadline { Deadline(in: options.loginDeadline) }
}
