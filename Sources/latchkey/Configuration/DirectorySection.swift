import Credentials
import Foundation
import LDAPDirectory

/// Reads `http.auth.ldap`.
struct DirectorySection {
    let section: ConfigurationSection
    let environment: [String: String]
    /// Makes a path of the file absolute.
    let resolve: (String) -> String

    func read(_ notices: inout [String]) throws(ConfigurationError) -> Configuration.Directory {
        try section.check(
            known: [
                "address", "urls", "port", "startTLS", "insecure", "skipVerify", "baseDN", "userAttribute",
                "userFilter",
                "userGroupAttribute", "subtreeSearch", "credentialsFile", "bindDN", "bindPassword", "bindPasswordFile",
                "bindPasswordEnv", "caCert", "connectTimeout", "operationTimeout", "loginDeadline",
                "maximumConnections",
                "authoritative",
            ], notices: &notices)
        guard let baseDN = try section.string("baseDN") else {
            throw section.error("baseDN", "is missing: the entry below which people are searched")
        }
        let (urls, startTLS) = try reach(&notices)
        var options = DirectoryOptions(urls: urls, baseDN: baseDN)
        options.startTLS = startTLS
        options.scope = try section.bool("subtreeSearch") ?? false ? .subtree : .oneLevel
        options.userAttribute = try section.string("userAttribute") ?? options.userAttribute
        options.userFilter = try section.string("userFilter")
        options.groups.attribute = try section.string("userGroupAttribute")
        options.trust = try trust(&notices)
        options.serviceAccount = try serviceAccount(&notices)
        options.connectTimeout = try section.duration("connectTimeout") ?? options.connectTimeout
        options.operationTimeout = try section.duration("operationTimeout") ?? options.operationTimeout
        options.loginDeadline = try section.duration("loginDeadline") ?? options.loginDeadline
        options.maximumConnections =
            try section.integer("maximumConnections", in: 1...1024) ?? options.maximumConnections
        return .init(options: options, isAuthoritative: try section.bool("authoritative") ?? false)
    }

    /// How the directory is reached: the scheme of `urls`, or what `startTLS`, `insecure` and `port` make of `address`.
    private func reach(_ notices: inout [String]) throws(ConfigurationError) -> (urls: [String], startTLS: Bool) {
        let startTLS = try section.bool("startTLS") ?? false
        let urls = try section.strings("urls")
        if !urls.isEmpty {
            for url in urls where !url.hasPrefix("ldap://") && !url.hasPrefix("ldaps://") {
                throw section.error("urls", "must begin with ldap:// or ldaps://, not '\(url)'")
            }
            if !startTLS, urls.contains(where: { $0.hasPrefix("ldap://") }) { notices.append(Self.plainNotice) }
            return (urls, startTLS)
        }
        guard let address = try section.string("address") else {
            throw section.error("address", "is missing: name the directory by address, or by urls")
        }
        let host = address.contains(":") && !address.hasPrefix("[") ? "[\(address)]" : address
        let port = try section.integer("port", in: 1...65535)
        if startTLS, port == 636 {
            notices.append("http.auth.ldap: port 636 speaks TLS from the start: startTLS is taken for ldaps")
            return (["ldaps://\(host):636"], false)
        }
        if startTLS { return (["ldap://\(host):\(port ?? 389)"], true) }
        if try section.bool("insecure") ?? false {
            notices.append(Self.plainNotice)
            return (["ldap://\(host):\(port ?? 389)"], false)
        }
        return (["ldaps://\(host):\(port ?? 636)"], false)
    }

    private static let plainNotice =
        "http.auth.ldap: passwords go to the directory without encryption: set startTLS, or use ldaps"

    private func trust(_ notices: inout [String]) throws(ConfigurationError) -> DirectoryOptions.Trust {
        if try section.bool("skipVerify") ?? false {
            notices.append("http.auth.ldap.skipVerify is on: whoever answers at the directory's address gets passwords")
            return .anything
        }
        guard let path = try section.string("caCert").map(resolve) else { return .system }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw section.error("caCert", "names a file that can't be read: \(path)")
        }
        return .file(path)
    }

    /// The service account: from a file of its own, as zot has it, or from keys here.
    private func serviceAccount(
        _ notices: inout [String]
    ) throws(ConfigurationError) -> DirectoryOptions.ServiceAccount? {
        if let given = try section.string("credentialsFile") {
            // zot takes this path from the folder that it is started in, as its own example does: if there is no such
            // file beside the configuration, that one is meant.
            let beside = resolve(given)
            let path = FileManager.default.fileExists(atPath: beside) ? beside : given
            let file = try ConfigurationFile.section(ofFile: path)
            try file.check(known: ["bindDN", "bindPassword"], notices: &notices)
            guard let name = try file.string("bindDN"), let password = try file.string("bindPassword") else {
                throw ConfigurationError(place: path, message: "must have bindDN and bindPassword")
            }
            return .init(bindDN: name, password: Secret(password))
        }
        guard let name = try section.string("bindDN") else { return nil }
        return .init(bindDN: name, password: Secret(try bindPassword()))
    }

    private func bindPassword() throws(ConfigurationError) -> String {
        if let path = try section.string("bindPasswordFile").map(resolve) {
            guard let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else {
                throw section.error("bindPasswordFile", "names a file that can't be read: \(path)")
            }
            return text.trimmingCharacters(in: .newlines)
        }
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
