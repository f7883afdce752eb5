import ArgumentParser
import Credentials
import Foundation
import LDAPDirectory

/// Where the configuration comes from: a file, or a few options that make one.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "The configuration, JSON or YAML in the shape of zot's.")
    var config: String?

    @Option(help: ArgumentHelp("Without a configuration: an htpasswd file.", valueName: "file"))
    var htpasswd: String?

    @Option(
        help: ArgumentHelp(
            "Without a configuration: a directory, ldap:// (with StartTLS) or ldaps://.", valueName: "url"))
    var ldapURL: String?

    @Option(help: ArgumentHelp("Without a configuration: the entry below which people are searched.", valueName: "dn"))
    var ldapBase: String?

    @Option(
        help: ArgumentHelp("Without a configuration: the folder for API keys; none without it.", valueName: "folder"))
    var dataDir: String?

    @Option(help: ArgumentHelp("Without a configuration: host:port, or unix:PATH.", valueName: "address"))
    var listen: String?

    /// Reads the file, or puts the options together.
    func configuration() throws(ConfigurationError) -> Configuration {
        let others = [htpasswd, ldapURL, ldapBase, dataDir, listen]
        if let config {
            guard others.allSatisfy({ $0 == nil }) else {
                throw ConfigurationError(
                    place: "--config", message: "goes with no other option: they belong into the file")
            }
            return try ConfigurationFile(path: config).open()
        }
        guard htpasswd != nil || ldapURL != nil || dataDir != nil else {
            throw ConfigurationError(
                place: "usage",
                message: "name a configuration (--config FILE), or a source (--htpasswd, --ldap-url, --data-dir)")
        }
        var configuration = Configuration()
        configuration.htpasswd = htpasswd.map { .init(path: $0) }
        configuration.directory = try directory()
        configuration.apiKeys = dataDir != nil
        configuration.rootDirectory = dataDir
        configuration.listen =
            try listen.map { (text) throws(ConfigurationError) in [try Self.address(text)] } ?? configuration.listen
        return configuration
    }

    private func directory() throws(ConfigurationError) -> Configuration.Directory? {
        guard let ldapURL else { return nil }
        guard ldapURL.hasPrefix("ldap://") || ldapURL.hasPrefix("ldaps://") else {
            throw ConfigurationError(place: "--ldap-url", message: "must begin with ldap:// or ldaps://")
        }
        guard let ldapBase else {
            throw ConfigurationError(
                place: "--ldap-base", message: "is missing: --ldap-url needs the base of the search")
        }
        var options = DirectoryOptions(urls: [ldapURL], baseDN: ldapBase)
        options.startTLS = ldapURL.hasPrefix("ldap://")
        options.groups.attribute = "memberOf"
        return .init(options: options)
    }

    private static func address(_ text: String) throws(ConfigurationError) -> Listen {
        guard let listen = Listen(text) else {
            throw ConfigurationError(place: "--listen", message: "must be host:port or unix:PATH, not '\(text)'")
        }
        return listen
    }
}
