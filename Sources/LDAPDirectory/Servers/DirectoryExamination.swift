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

        // To TLS's own port too a connection is made without TLS here: what is tried is the network alone.
        var plain = options
        plain.startTLS = false
        let host = server.host.contains(":") ? "[\(server.host)]" : server.host
        let target = "ldap://\(host):\(server.port)"
        do throws(LDAPError) {
            _ = try LDAPConnection(target, plain, deadline)
            findings.append(.init(.connection, url, "takes connections"))
        } catch {
            let hint = "is the server up, the port right, a firewall between?"
            return findings + [.init(.connection, url, problem: error.detail, hint)]
        }

        let connection: LDAPConnection
        do throws(LDAPError) {
            connection = try LDAPConnection(url, options, deadline)
            if url.hasPrefix("ldaps:") || options.startTLS { findings.append(.init(.tls, url, "trusted")) }
        } catch {
            let certificate = certificate(of: url)
            let hint =
                certificate == nil
                ? "does the server speak TLS at this port, and StartTLS if that is set?"
                : "is it signed by caCert's authority, for this very host name, and still valid?"
            return findings + [.init(.tls, url, problem: error.detail, hint, certificate: certificate)]
        }
        do throws(LDAPError) {
            if let account = options.serviceAccount {
                _ = try connection.bind(account.bindDN, account.password, deadline)
                findings.append(.init(.serviceBind, url, "as \(account.bindDN)"))
            }
        } catch {
            return findings + [.init(.serviceBind, url, problem: error.detail, "check bindDN and its password")]
        }
        let bases =
            (options.bindDNTemplate == nil ? options.bases : []) + [options.groups.search?.baseDN].compactMap { $0 }
        return findings + bases.map { examine(base: $0, url, connection) }
    }

    private func examine(base: String, _ url: String, _ connection: LDAPConnection) -> DirectoryFinding {
        do throws(LDAPError) {
            let entries = try connection.search(.init(base: base), deadline)
            guard entries.isEmpty else { return .init(.base, url, "found \(base)") }
            let hint = "may the service account read it?"
            return .init(.base, url, problem: "'\(base)' can't be seen", hint)
        } catch {
            return .init(.base, url, problem: error.detail, "check baseDN")
        }
    }

    /// The certificate that a server shows, whoever signed it. Nothing is sent to it.
    private func certificate(of url: String) -> [UInt8]? {
        var trusting = options
        trusting.trust = .anything
        return try? LDAPConnection(url, trusting, deadline).peerCertificate()
    }

    private var deadline: Deadline { Deadline(in: options.loginDeadline) }
}
