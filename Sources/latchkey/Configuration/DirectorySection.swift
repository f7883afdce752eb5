import Credentials
import Foundation
import LDAPDirectory

/// Reads `http.auth.ldap`.
struct DirectorySection {
    let section: ConfigurationSection
    let environment: [String: String]
    let paths: RelativePaths

    func read(_ notices: inout [String]) throws(ConfigurationError) -> Configuration.Directory {
        try section.check(notices: &notices)
        var options = try reach(&notices)
        options.serverOrder =
            try section.value("serverOrder", "ordered or roundRobin") { order in
                ["ordered": .ordered, "roundrobin": .roundRobin][order.lowercased()]
            } ?? options.serverOrder
        options.trust = try trust(&notices)
        options.clientCertificate = try clientCertificate()
        options.minimumTLSVersion =
            try section.value("minimumTLSVersion", "1.2 or 1.3") { ["1.2": .v1_2, "1.3": .v1_3][$0] } ?? .v1_2
        options.serviceAccountFile = try serviceAccountFile()
        options.serviceAccount = try serviceAccount(options.serviceAccountFile)
        options.followsReferrals = try section.bool("referrals") ?? false
        options.connectTimeout = try section.duration("connectTimeout") ?? options.connectTimeout
        options.operationTimeout = try section.duration("operationTimeout") ?? options.operationTimeout
        options.loginDeadline = try section.duration("loginDeadline") ?? options.loginDeadline
        options.maximumIdle = try section.duration("idleTimeout") ?? options.maximumIdle
        options.maximumConnections =
            try section.integer("maximumConnections", in: 1...1024) ?? options.maximumConnections
        options.lockoutGuard = try section.integer("lockoutGuard", in: 1...1000)
        options.lockoutWindow = try section.duration("lockoutWindow") ?? options.lockoutWindow
        try DirectoryPeople(section: section).read(into: &options, &notices)
        return .init(options: options, isAuthoritative: try section.bool("authoritative") ?? false)
    }

    /// How the directory is reached: the scheme of `urls`, or what `startTLS`, `insecure` and `port` make of `address`, or
    /// of the servers that the DNS names for `domain`.
    private func reach(_ notices: inout [String]) throws(ConfigurationError) -> DirectoryOptions {
        let startTLS = try section.bool("startTLS") ?? false
        let urls = try section.strings("urls")
        if !urls.isEmpty {
            for url in urls where !url.hasPrefix("ldap://") && !url.hasPrefix("ldaps://") {
                throw section.error("urls", "must begin with ldap:// or ldaps://, not '\(url)'")
            }
            if !startTLS, urls.contains(where: { $0.hasPrefix("ldap://") }) { notices.append(Self.plainNotice) }
            return options(urls, startTLS: startTLS)
        }
        let port = try section.integer("port", in: 1...65535)
        // 3269 is Active Directory's global catalogue over TLS.
        let isTLSPort = startTLS && (port == 636 || port == 3269)
        if isTLSPort, let port {
            notices.append("http.auth.ldap: port \(port) speaks TLS from the start: startTLS is taken for ldaps")
        }
        let isPlain = try section.bool("insecure") ?? false && !startTLS
        if isPlain { notices.append(Self.plainNotice) }
        let isSecure = isTLSPort || !(startTLS || isPlain)
        let scheme = isSecure ? "ldaps" : "ldap"
        if let domain = try section.string("domain") {
            var options = options([], startTLS: startTLS && !isSecure)
            options.domain = domain
            options.discoveredScheme = scheme
            return options
        }
        guard let address = try section.string("address") else {
            throw section.error("address", "is missing: name the directory by address, by urls or by domain")
        }
        let host = address.contains(":") && !address.hasPrefix("[") ? "[\(address)]" : address
        return options(["\(scheme)://\(host):\(port ?? (isSecure ? 636 : 389))"], startTLS: startTLS && !isSecure)
    }

    private func options(_ urls: [String], startTLS: Bool) -> DirectoryOptions {
        var options = DirectoryOptions(urls: urls, baseDN: "")
        options.startTLS = startTLS
        return options
    }

    private func clientCertificate() throws(ConfigurationError) -> DirectoryOptions.ClientCertificate? {
        guard let certificate = try section.path("clientCert", paths) else { return nil }
        guard let key = try section.path("clientKey", paths) else {
            throw section.error("clientCert", "needs a clientKey")
        }
        for (name, path) in [("clientCert", certificate), ("clientKey", key)] {
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw section.error(name, "names a file that can't be read: \(path)")
            }
        }
        return .init(certificate: certificate, key: key)
    }

    private static let plainNotice =
        "http.auth.ldap: passwords go to the directory without encryption: set startTLS, or use ldaps"

    private func trust(_ notices: inout [String]) throws(ConfigurationError) -> DirectoryOptions.Trust {
        if try section.bool("skipVerify") ?? false {
            notices.append("http.auth.ldap.skipVerify is on: whoever answers at the directory's address gets passwords")
            return .anything
        }
        guard let path = try section.path("caCert", paths) else { return .system }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw section.error("caCert", "names a file that can't be read: \(path)")
        }
        return .file(path)
    }

    /// The file that holds the service account or its password, which is read again when it changes.
    private func serviceAccountFile() throws(ConfigurationError) -> DirectoryOptions.ServiceAccountFile? {
        if let path = try section.path("credentialsFile", paths) {
            return .init(path: path) { try Self.account(inFile: $0) }
        }
        guard let name = try section.string("bindDN"),
            let path = try section.path("bindPasswordFile", paths)
        else { return nil }
        let place = section.error("bindPasswordFile", "names a file that can't be read, or is empty: \(path)")
        return .init(path: path) { path throws(ConfigurationError) in
            let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8)
            guard let password = text?.trimmingCharacters(in: .newlines), !password.isEmpty else { throw place }
            return .init(bindDN: name, password: Secret(password))
        }
    }

    private static let account = [
        SchemaKey("bindDN", .text, "The service account."),
        SchemaKey("bindPassword", .text, "Its password.", isSecret: true),
    ]

    /// Reads zot's form of such a file: `bindDN` and `bindPassword`.
    private static func account(
        inFile path: String
    ) throws(ConfigurationError) -> DirectoryOptions.ServiceAccount {
        let file = try ConfigurationFile.section(ofFile: path, .group(Self.account))
        var notices: [String] = []
        try file.check(notices: &notices)
        guard let name = try file.string("bindDN"), let password = try file.string("bindPassword") else {
            throw ConfigurationError(place: path, message: "must have bindDN and bindPassword")
        }
        return .init(bindDN: name, password: Secret(password))
    }

    /// The service account: from a file of its own, as zot has it, or from keys here.
    private func serviceAccount(
        _ file: DirectoryOptions.ServiceAccountFile?
    ) throws(ConfigurationError) -> DirectoryOptions.ServiceAccount? {
        if let file {
            do {
                return try file.read(file.path)
            } catch let error as ConfigurationError {
                throw error
            } catch {
                throw ConfigurationError(place: file.path, message: "\(error)")
            }
        }
        guard let name = try section.string("bindDN") else {
            let others = ["bindPassword", "bindPasswordFile", "bindPasswordEnv"]
            if let key = others.first(where: section.has) { throw section.error(key, "needs bindDN: whose it is") }
            return nil
        }
        return .init(bindDN: name, password: Secret(try bindPassword()))
    }

    private func bindPassword() throws(ConfigurationError) -> String {
        if let variable = try section.string("bindPasswordEnv") {
            guard let text = environment[variable], !text.isEmpty else {
                throw section.error("bindPasswordEnv", "names an environment variable that is not set: \(variable)")
            }
            return text
        }
        guard let password = try section.string("bindPassword") else {
            throw section.error(
                "bindDN", "needs a password: credentialsFile, bindPasswordFile, bindPasswordEnv or bindPassword")
        }
        return password
    }
}
