import AccessControl
import AuthService
import Credentials
import Foundation
import OpenIDConnect
import Htpasswd
import LDAPDirectory
import Logging
import Yams

/// Reads a configuration file, JSON or YAML, in the shape of zot's.
struct ConfigurationFile {
    private let path: String
    private let environment: [String: String]
    private let paths: RelativePaths

    /// - Parameters:
    ///   - path: the file's path.
    ///   - environment: where `bindPasswordEnv` looks.
    init(path: String, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.path = path
        self.environment = environment
        paths = RelativePaths(configuration: path, environment: environment)
    }

    /// Reads the file for somebody who uses what it names.
    /// - Throws: ``ConfigurationError``, also if state lies where older versions looked for it: it is not left behind in silence.
    func open() throws(ConfigurationError) -> Configuration {
        let configuration = try read()
        if let misplaced = paths.misplaced.first { throw misplaced }
        return configuration
    }

    /// Reads the file.
    /// - Throws: ``ConfigurationError``.
    func read() throws(ConfigurationError) -> Configuration {
        let root = try root()
        var configuration = Configuration()
        configuration.notices += ConfigurationEnvironment(environment).notices
        try root.check(notices: &configuration.notices)
        if let http = try root.section("http") { try readHTTP(http, &configuration) }
        if let storage = try root.section("storage") { try readStorage(storage, &configuration) }
        if let log = try root.section("log") { try readLog(log, &configuration) }
        configuration.notices += paths.notices
        configuration.files = paths.resolved.union([path])
        // Where anonymous is let in, as in an example of zot's, nobody need be able to show who they are.
        let isForAnonymous = configuration.access?.rules.letsAnonymousIn ?? false
        guard
            configuration.htpasswd != nil || configuration.directory != nil || configuration.apiKeys || isForAnonymous
                || configuration.openID != nil || configuration.bearer != nil
                || configuration.tls?.clientAuthority != nil
        else {
            throw root.error(
                "http", "has no source of users: set http.auth.htpasswd, http.auth.ldap or http.auth.apikey")
        }
        guard !configuration.apiKeys || configuration.hasStorage else {
            throw root.error("storage", "needs rootDirectory, the folder for API keys, as http.auth.apikey is on")
        }
        guard !(configuration.sessions.isEnabled ?? false) || configuration.hasStorage else {
            throw root.error("storage", "needs rootDirectory, the folder for sessions, as http.auth.sessions is on")
        }
        if configuration.openID != nil {
            guard configuration.hasStorage else {
                throw root.error(
                    "storage", "needs rootDirectory, the folder for sessions, as http.auth.openid is there")
            }
            guard configuration.hasSessions else {
                throw root.error("http", "has openid, and sessions that are turned off: nobody could log in")
            }
            guard configuration.loginOrigin != nil else {
                throw root.error(
                    "http", "needs externalURL, such as https://auth.example.org: where providers send browsers back to"
                )
            }
        }
        return configuration
    }

    /// What the file and the environment say.
    /// - Throws: ``ConfigurationError``.
    func root() throws(ConfigurationError) -> ConfigurationSection {
        let node = try ConfigurationEnvironment(environment).over(Self.node(ofFile: path))
        return try ConfigurationSection(file: path, path: "", node: node, .group(ConfigurationSchema.root))
    }

    /// The root of a JSON or YAML file.
    static func section(ofFile path: String, _ schema: SchemaValue) throws(ConfigurationError) -> ConfigurationSection {
        try ConfigurationSection(file: path, path: "", node: node(ofFile: path), schema)
    }

    private static func node(ofFile path: String) throws(ConfigurationError) -> Node {
        let text: String
        do {
            text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            let reason = access(path, R_OK) == 0 ? Self.reason(path) : String(cString: strerror(errno))
            throw ConfigurationError(
                place: path, message: "can't be read (\(reason)): check the path and its permissions")
        }
        do {
            // JSON is YAML but for its tabs, which YAML forbids as indentation.
            let yaml = text.first { !$0.isWhitespace } == "{" ? text.replacing("\t", with: " ") : text
            guard let node = try Yams.compose(yaml: yaml) else {
                throw ConfigurationError(place: path, message: "is empty")
            }
            return node
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError(place: path, message: "is neither YAML nor JSON (\(YAMLProblem.words(error)))")
        }
    }

    /// Why what may be read can't be.
    private static func reason(_ path: String) -> String {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path)
        return switch attributes?[.type] as? FileAttributeType {
        case .typeRegular?: "it is not a text in UTF-8"
        case .typeDirectory?: "it is a folder"
        default: "it is no plain file: a reload reads it anew, which a pipe can't give"
        }
    }

    private func readHTTP(_ http: ConfigurationSection, _ configuration: inout Configuration) throws(ConfigurationError)
    {
        try http.check(notices: &configuration.notices)
        configuration.listen = try listens(http)
        configuration.fastCGI = try fastCGI(http)
        configuration.operations = try readOperations(http, &configuration)
        configuration.allowedOrigins = try origins(http)
        configuration.readTimeout = try limit(http, "readTimeout")
        configuration.writeTimeout = try limit(http, "writeTimeout")
        configuration.maximumHeaderBytes =
            try http.integer("maximumHeaderBytes", in: 1024...65_536) ?? configuration.maximumHeaderBytes
        if let text = try http.string("externalURL"), !text.isEmpty {
            guard let origin = WebOrigin(written: text) else {
                throw http.error(
                    "externalURL", "must be where clients come in, such as https://auth.example.org, without a path")
            }
            configuration.externalOrigin = origin
        }
        configuration.realm = try http.string("realm") ?? configuration.realm
        for text in try http.strings("trustedProxies") {
            guard let network = IPNetwork(text) else {
                throw http.error("trustedProxies", "must be addresses or networks such as 10.0.0.0/8, not '\(text)'")
            }
            configuration.trustedProxies.append(network)
        }
        for text in try http.strings("proxyProtocol") {
            if text == "unix" {
                configuration.proxyProtocol.unix = true
            } else if let network = IPNetwork(text) {
                configuration.proxyProtocol.networks.append(network)
            } else {
                throw http.error(
                    "proxyProtocol", "must be addresses or networks such as 10.0.0.0/8, or unix, not '\(text)'")
            }
        }
        configuration.speaksHTTP2 = try http.bool("http2") ?? configuration.speaksHTTP2
        if let limits = try http.section("limits") {
            configuration.limits = try LimitsSection(section: limits).read(&configuration.notices)
        }
        for text in try http.strings("forwardingFields") {
            let field = ForwardingField.allCases.first { $0.rawValue.lowercased() == text.lowercased() }
            guard let field else {
                let names = ForwardingField.allCases.map(\.rawValue).joined(separator: ", ")
                throw http.error("forwardingFields", "must be some of \(names), not '\(text)'")
            }
            configuration.forwardingFields.append(field)
        }
        if let access = try http.section("accessControl") {
            configuration.fingerprints["accessControl"] = access.fingerprint
            configuration.access = try AccessSection(section: access).read(&configuration.notices)
        }
        if let tls = try http.section("tls") { try readTLS(tls, &configuration) }
        if let auth = try http.section("auth") { try readAuth(auth, &configuration) }
    }

    /// Where clients are answered: `listen`, or zot's `address` and `port`.
    private func listens(_ http: ConfigurationSection) throws(ConfigurationError) -> [Listen] {
        let texts = try http.strings("listen")
        guard !texts.isEmpty else { return [try listen(http, port: 8080)] }
        for key in ["address", "port"] where try http.string(key) != nil {
            throw http.error(key, "goes not with listen, which has both")
        }
        var places: [Listen] = []
        for text in texts {
            let place = try place(http, "listen", text)
            guard !places.contains(place) else { throw http.error("listen", "has '\(text)' twice") }
            places.append(place)
        }
        return places
    }

    private func place(_ section: ConfigurationSection, _ key: String, _ text: String) throws(ConfigurationError)
        -> Listen
    {
        guard let listen = Listen(text, resolve: { section.resolve($0, key, paths) }) else {
            throw section.error(
                key,
                "must be ADDRESS:PORT, [ADDRESS]:PORT, unix:PATH, perhaps with ,mode=660,group=NAME, or systemd, not '\(text)'"
            )
        }
        return listen
    }

    private func listen(_ section: ConfigurationSection, port: Int) throws(ConfigurationError) -> Listen {
        let address = try section.string("address") ?? "127.0.0.1"
        if address.hasPrefix("unix:") { return try place(section, "address", address) }
        return .tcp(address: address, port: try section.integer("port", in: 0...65535) ?? port)
    }

    private func fastCGI(_ http: ConfigurationSection) throws(ConfigurationError) -> Listen? {
        guard let text = try http.string("fastcgi") else { return nil }
        return try place(http, "fastcgi", text)
    }

    private func readOperations(
        _ http: ConfigurationSection, _ configuration: inout Configuration
    ) throws(ConfigurationError) -> Listen? {
        guard let section = try http.section("operations") else { return nil }
        try section.check(notices: &configuration.notices)
        return try listen(section, port: 8081)
    }

    /// zot has one text, in which commas may stand; a list is clearer.
    private func origins(_ http: ConfigurationSection) throws(ConfigurationError) -> [WebOrigin] {
        let texts = try http.strings("allowOrigin").flatMap { $0.split(separator: ",") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
        var origins: [WebOrigin] = []
        for text in texts where text != "*" {
            guard let origin = WebOrigin(written: text) else {
                throw http.error(
                    "allowOrigin", "must be origins such as https://ui.example.org:8443, or *, not '\(text)'")
            }
            origins.append(origin)
        }
        // Any is any, whoever is named beside it.
        return texts.contains("*") ? [] : origins
    }

    /// A time of Go's, in which 0 means no limit.
    private func limit(_ section: ConfigurationSection, _ key: String) throws(ConfigurationError) -> Duration? {
        try section.duration(key).flatMap { $0 > .zero ? $0 : nil }
    }

    private func readTLS(_ tls: ConfigurationSection, _ configuration: inout Configuration) throws(ConfigurationError) {
        configuration.tls = try TLSSection(section: tls, paths: paths).read(&configuration.notices)
    }

    private func readAuth(_ auth: ConfigurationSection, _ configuration: inout Configuration) throws(ConfigurationError)
    {
        try auth.check(notices: &configuration.notices)
        for name in ["htpasswd", "ldap", "apiKeys", "sessions", "openid", "bearer", "ownerCheck", "cache"] {
            configuration.fingerprints[name] = try auth.section(name)?.fingerprint
        }
        // A certificate that was renewed under its old name makes another directory of it.
        for name in ["caCert", "clientCert", "clientKey"] {
            guard let path = try auth.section("ldap")?.path(name, paths) else { continue }
            configuration.fingerprints["ldap"]? += "\(FileSignature(path: path).debugDescription)"
        }
        if let mtls = try auth.section("mtls") {
            configuration.certificateRules = try MTLSSection(section: mtls).read(&configuration.notices)
            guard configuration.tls?.clientAuthority != nil else {
                throw auth.error(
                    "mtls", "needs http.tls with cert, key and cacert: the authority of the clients' certificates")
            }
        }
        if let htpasswd = try auth.section("htpasswd") {
            try htpasswd.check(notices: &configuration.notices)
            guard let path = try htpasswdPath(htpasswd) else { throw htpasswd.error("path", "is missing") }
            configuration.htpasswd = .init(
                path: path, isAuthoritative: try htpasswd.bool("authoritative") ?? false,
                allowTruncation: try htpasswd.bool("allowTruncation") ?? false,
                allowPlainText: try htpasswd.bool("allowPlainText") ?? false,
                limits: try limits(htpasswd, &configuration),
                groups: try htpasswd.path("groups", paths), rehash: try htpasswd.bool("rehash") ?? false)
        }
        if let ldap = try auth.section("ldap") {
            let reader = DirectorySection(section: ldap, environment: environment, paths: paths)
            configuration.directory = try reader.read(&configuration.notices)
        }
        configuration.apiKeys = try auth.bool("apikey") ?? false
        if let keys = try auth.section("apiKeys") {
            configuration.keys = try KeysSection(section: keys).read(&configuration.notices)
        }
        if let sessions = try auth.section("sessions") {
            configuration.sessions = try SessionsSection(
                section: sessions, externalOrigin: configuration.externalOrigin
            ).read(&configuration.notices)
        }
        if let openID = try auth.section("openid") {
            configuration.openID = try OpenIDSection(section: openID, environment: environment, paths: paths).read(
                &configuration.notices)
            // A secret that was replaced under its old name makes others of its providers, and so does another address to come back to.
            for file in configuration.openID?.files ?? [] {
                configuration.fingerprints["openid"]? += FileSignature(path: file).debugDescription
            }
            let origin = configuration.loginOrigin.map { "\($0)" } ?? ""
            configuration.fingerprints["openid"]? += origin
            // As in zot: whoever logs in with a browser needs keys for the command line.
            configuration.apiKeys = try auth.bool("apikey") ?? true
        }
        if let bearer = try auth.section("bearer") {
            configuration.bearer = try BearerSection(section: bearer, paths: paths).read(&configuration.notices)
            for file in configuration.bearer?.files ?? [] {
                configuration.fingerprints["bearer"]? += FileSignature(path: file).debugDescription
            }
            try checkAuthorities(bearer, configuration)
        }
        // Names of certificates join the space of names.
        configuration.fingerprints["certificates"] = "\(configuration.tls?.clientAuthority != nil)"
        if configuration.openID != nil || !(configuration.bearer?.issuers ?? []).isEmpty {
            configuration.proxies = try ProxyRules(environment: environment)
        }
        configuration.sessions.isSecure = try auth.bool("secureSession")
        if let notice = SessionsSection.notice(
            isSecure: configuration.sessions.isSecure, externalOrigin: configuration.externalOrigin)
        {
            configuration.notices.append(notice)
        }
        configuration.tokens = try auth.section("tokens").map { (section) throws(ConfigurationError) in
            try TokensSection(section: section, paths: paths).read(&configuration.notices)
        }
        configuration.failDelay = try auth.duration("failDelay") ?? configuration.failDelay
        if let cache = try auth.section("cache") {
            try cache.check(notices: &configuration.notices)
            configuration.cache.lifetime = try cache.duration("lifetime") ?? configuration.cache.lifetime
            configuration.cache.capacity =
                try cache.integer("capacity", in: 16...16_777_216) ?? configuration.cache.capacity
        }
        if let throttle = try auth.section("throttle") { try readThrottle(throttle, &configuration) }
        if let owners = try auth.section("ownerCheck") {
            try owners.check(notices: &configuration.notices)
            configuration.ownerCheck.interval = try owners.duration("interval") ?? configuration.ownerCheck.interval
            configuration.ownerCheck.grace = try owners.duration("grace") ?? configuration.ownerCheck.grace
        }
    }

    /// The file of users: with `rehash` it is changed too.
    private func htpasswdPath(_ htpasswd: ConfigurationSection) throws(ConfigurationError) -> String? {
        guard try htpasswd.bool("rehash") ?? false else { return try htpasswd.path("path", paths) }
        return try htpasswd.string("path").map { path in
            paths.resolve(path, .state) { htpasswd.error("path", $0) }
        }
    }

    /// What policies call a provider, or an issuer of tokens, is that one's alone.
    private func checkAuthorities(
        _ bearer: ConfigurationSection, _ configuration: Configuration
    ) throws(ConfigurationError) {
        var known: [GroupName: Issuer] = [:]
        for provider in configuration.openID?.providers ?? [] {
            known[provider.groupNaming.authority] = provider.issuer
        }
        for (section, issuer) in zip(try bearer.sections("oidc"), configuration.bearer?.issuers ?? []) {
            let name = issuer.settings.naming.authority
            // The same issuer may stand twice, for two audiences.
            guard known.updateValue(issuer.settings.issuer, forKey: name).map({ $0 == issuer.settings.issuer }) ?? true
            else {
                throw section.error(
                    "name",
                    "is needed, and must be another one: somebody else is called \(name), and groups are named by it")
            }
        }
    }

    /// How much verifying one hash may cost.
    private func limits(
        _ htpasswd: ConfigurationSection, _ configuration: inout Configuration
    ) throws(ConfigurationError) -> HashLimits {
        var limits = HashLimits()
        limits.maximumTime = try htpasswd.duration("maximumHashTime") ?? limits.maximumTime
        limits.maximumBcryptCost = try htpasswd.integer("maximumBcryptCost", in: 4...31)
        limits.maximumMemory =
            try htpasswd.value("maximumHashMemory", "a size such as 256MiB", SizeText.parse) ?? limits.maximumMemory
        if let times = try htpasswd.section("maximumHashTimes") {
            try times.check(notices: &configuration.notices)
            for format in HashFormat.allCases { limits.maximumTimes[format] = try times.duration("\(format)") }
        }
        return limits
    }

    private func readThrottle(
        _ section: ConfigurationSection, _ configuration: inout Configuration
    ) throws(ConfigurationError) {
        try section.check(notices: &configuration.notices)
        var options = ThrottleOptions()
        let counts = 1...1_000_000
        options.freeFailuresPerUser =
            try section.integer("freeFailuresPerUser", in: counts) ?? options.freeFailuresPerUser
        options.freeFailuresPerNetwork =
            try section.integer("freeFailuresPerNetwork", in: counts) ?? options.freeFailuresPerNetwork
        options.firstDelay = try section.duration("firstDelay") ?? options.firstDelay
        options.maximumDelay = try section.duration("maximumDelay") ?? options.maximumDelay
        options.halfLife = max(.seconds(1), try section.duration("halfLife") ?? options.halfLife)
        options.wrongSecretsPerHour =
            try section.integer("wrongSecretsPerHour", in: 1...1000) ?? options.wrongSecretsPerHour
        options.alertAfter = try section.integer("alertAfter", in: counts) ?? options.alertAfter
        options.ipv4PrefixLength = try section.integer("ipv4PrefixLength", in: 0...32) ?? options.ipv4PrefixLength
        options.ipv6PrefixLength = try section.integer("ipv6PrefixLength", in: 0...128) ?? options.ipv6PrefixLength
        options.capacity = try section.integer("capacity", in: 16...16_777_216) ?? options.capacity
        configuration.throttle = try section.bool("enabled") ?? true ? options : nil
    }

    private func readStorage(_ storage: ConfigurationSection, _ configuration: inout Configuration)
        throws(ConfigurationError)
    {
        try storage.check(notices: &configuration.notices)
        configuration.rootDirectory = try storage.path("rootDirectory", paths)
        if let database = try storage.section("postgresql") {
            configuration.fingerprints["postgresql"] = database.fingerprint
            configuration.postgreSQL = try PostgreSQLSection(section: database, paths: paths).read(
                &configuration.notices)
        }
    }

    private func readLog(_ log: ConfigurationSection, _ configuration: inout Configuration) throws(ConfigurationError) {
        try log.check(notices: &configuration.notices)
        configuration.log.level =
            try log.value("level", "trace, debug, info, notice, warning, error or critical", Self.level)
            ?? configuration.log.level
        configuration.log.format =
            try log.value("format", "text, json or journald") { .init(rawValue: $0.lowercased()) }
            ?? configuration.log.format
        switch try log.string("output") {
        case nil: break
        case "syslog": configuration.log.syslog = "/dev/log"
        case let text? where text.hasPrefix("syslog:"):
            configuration.log.syslog = log.resolve(String(text.dropFirst(7)), "output", paths)
        case let path?: configuration.log.output = log.resolve(path, "output", paths)
        }
        guard log.isGroup("audit"), let audit = try log.section("audit") else {
            configuration.log.audit = try log.path("audit", paths)
            return
        }
        try audit.check(notices: &configuration.notices)
        configuration.log.audit = try audit.path("file", paths)
        configuration.log.auditKey = try audit.path("sign", paths)
        guard configuration.log.audit != nil else { throw audit.error("file", "is missing: where the trail goes") }
    }

    /// swift-log's levels, and zot's other words for them.
    private static func level(_ text: String) -> Logger.Level? {
        switch text.lowercased() {
        case "warn": .warning
        case "fatal", "panic": .critical
        default: Logger.Level(rawValue: text.lowercased())
        }
    }
}
