import AccessControl
import ArgumentParser
import Credentials
import Foundation
import Htpasswd
import LDAPDirectory
import Logging
import OpenIDConnect
import PostgreSQLStorage

/// `latchkey check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the configuration, its files and its directory.")

    @OptionGroup var source: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        var results: [CheckResult] = []
        do {
            let configuration = try source.configuration()
            results.append(.init(what: "configuration", verdict: .ok, text: source.config ?? "from options"))
            results += configuration.notices.map { .init(what: "configuration", verdict: .note, text: $0) }
            results += await ConfigurationCheck(configuration).run()
        } catch {
            results.append(.init(what: "configuration", verdict: .wrong, text: "\(error)"))
        }
        for result in results { print(json ? result.json : result.line) }
        if results.contains(where: { $0.verdict == .wrong }) { throw Failure.usage }
        if results.contains(where: { $0.verdict == .unavailable }) { throw Failure.unavailable }
    }
}

/// One line of what `latchkey check` found.
struct CheckResult {
    enum Verdict: String {
        case ok
        case note
        /// The configuration, or a file, must be changed.
        case wrong
        /// Something that it names does not answer.
        case unavailable
    }

    var what: String
    var verdict: Verdict
    var text: String

    var line: String { "\(what): \(verdict.rawValue): \(text)" }
    var json: String { LogLine.json([("what", what), ("verdict", verdict.rawValue), ("text", text)]) }
}

/// Tries what a configuration names.
private struct ConfigurationCheck {
    private let configuration: Configuration
    private let silent: Logger
    private let directorySource: DirectorySource?

    init(_ configuration: Configuration) {
        self.configuration = configuration
        let silent = Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
        self.silent = silent
        directorySource = configuration.directory.map { DirectorySource($0.options, logger: silent) }
    }

    func run() async -> [CheckResult] {
        let (users, source) = await htpasswd()
        let links = LinkCheck(links: configuration.openID?.links ?? [:], htpasswd: source)
        let names = NameCheck(configuration: configuration, htpasswd: source, directory: directorySource)
        return await users + directory() + logins() + access(source?.table) + names.run() + links.run() + tls()
            + dataFolder()
    }

    /// - Parameter table: the users of the htpasswd file, if it could be read.
    private func access(_ table: HtpasswdTable?) async -> [CheckResult] {
        guard var settings = configuration.access ?? administrators else { return [] }
        settings.configuration.authorities = configuration.groupAuthorities
        let groups = configuration.htpasswd?.groups.flatMap { try? Data(contentsOf: URL(filePath: $0)) }
        return await AccessCheck(
            settings: settings, groupFile: groups.map { HtpasswdGroups(bytes: Array($0)).members } ?? [:],
            htpasswd: table,
            directory: directorySource,
            naming: configuration.groupNaming,
            others: configuration.keys.administrators?.groups ?? [], otherUsers: configuration.usersNamed,
            hasProviders: configuration.openID != nil
        ).run()
    }

    /// Users and groups of those who may act on others' keys mean something without access control too.
    private var administrators: AccessSection.Settings? {
        guard configuration.keys.administrators != nil else { return nil }
        return .init(configuration: AccessConfiguration(), rules: .open)
    }

    private func htpasswd() async -> ([CheckResult], HtpasswdSource?) {
        guard let settings = configuration.htpasswd else { return ([], nil) }
        do {
            let lane = WorkLane(name: "hashing", threads: 1, maximumQueued: 1)
            let source = try await HtpasswdSource(
                path: settings.path, hashing: lane, options: Assembly.options(settings), logger: silent)
            let table = source.table
            let odd = table.diagnostics.map { CheckResult(what: "htpasswd", verdict: .note, text: "\($0)") }
            let sum = CheckResult(
                what: "htpasswd", verdict: .ok, text: "\(settings.path): \(table.userCount) user(s)")
            return ([sum] + odd, source)
        } catch {
            return ([.init(what: "htpasswd", verdict: .wrong, text: "\(error)")], nil)
        }
    }

    private func directory() async -> [CheckResult] {
        guard let directorySource else { return [] }
        return await directorySource.examine().map { finding in
            let what = "\(finding.server): \(finding.step.rawValue)"
            guard let problem = finding.problem else {
                return .init(what: "ldap", verdict: .ok, text: "\(what): \(finding.detail)")
            }
            return .init(what: "ldap", verdict: .unavailable, text: "\(what): \(problem): \(finding.detail)")
        }
    }

    /// Asks the providers that people log in with, and the issuers of tokens.
    private func logins() async -> [CheckResult] {
        let client = ProviderClient(configuration.proxies)
        var results: [CheckResult] = []
        for settings in configuration.openID?.providers ?? [] {
            var problem: LoginProblem?
            do throws(LoginProblem) {
                let authority = configuration.openID?.authorities[settings.name]
                try await IdentityProvider(settings, transport: client.transport(authority: authority)).examine()
            } catch {
                problem = error
            }
            results.append(Self.result("openid", "\(settings.name): \(settings.issuer)", problem))
        }
        if let bearer = Assembly.bearer(configuration, client, OwnerCheck(directories: [])) {
            results += await bearer.examine().map { Self.result("bearer", $0.issuer.text, $0.problem) }
        }
        await client.shutdown()
        return results
    }

    private static func result(_ what: String, _ name: String, _ problem: LoginProblem?) -> CheckResult {
        problem.map { .init(what: what, verdict: .unavailable, text: "\(name): \($0)") }
            ?? .init(what: what, verdict: .ok, text: name)
    }

    private func tls() -> [CheckResult] {
        guard let tls = configuration.tls else { return [] }
        do {
            _ = try TLSFiles.context(tls)
            _ = try ClientCertificates(configuration.certificateRules, tls)
            return [.init(what: "tls", verdict: .ok, text: tls.certificate)]
        } catch {
            return [.init(what: "tls", verdict: .wrong, text: "\(error)")]
        }
    }

    /// Looks without opening: the store may be in use by the server that is checked.
    private func dataFolder() -> [CheckResult] {
        if let options = configuration.postgreSQL {
            do {
                return [
                    .init(what: "storage", verdict: .ok, text: "PostgreSQL \(try PostgreSQLStore.examine(options))")
                ]
            } catch {
                return [.init(what: "storage", verdict: .unavailable, text: "\(error)")]
            }
        }
        guard configuration.apiKeys, let path = configuration.rootDirectory else { return [] }
        var folder = URL(filePath: path)
        while !FileManager.default.fileExists(atPath: folder.path), folder.pathComponents.count > 1 {
            folder.deleteLastPathComponent()
        }
        guard FileManager.default.isWritableFile(atPath: folder.path) else {
            return [.init(what: "storage", verdict: .unavailable, text: "\(path) can't be written: see \(folder.path)")]
        }
        return [.init(what: "storage", verdict: .ok, text: path)]
    }
}
