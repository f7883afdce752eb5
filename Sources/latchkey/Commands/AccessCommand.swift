import AccessControl
import ArgumentParser
import Credentials
import Foundation
import Logging

/// `latchkey access`.
struct AccessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Explain whether somebody may do something, rule by rule.",
        discussion: "Ends with 0 if they may, with 1 if they may not or nobody knows them.")

    @OptionGroup var source: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false
    @Option(
        help: ArgumentHelp("As if they came by a key with this scope; it may stand several times.", valueName: "scope"))
    var keyScope: [String] = []
    @Argument(help: "The user's name; an empty one for somebody without a credential.") var user: String
    @Argument(help: "read, create, update or delete.") var action: String
    @Argument(help: "The repository's name.") var repository: String

    func run() async throws {
        do {
            let isAllowed = try await explain()
            guard isAllowed else { throw Failure.refused }
        } catch {
            throw Failure.report(error)
        }
    }

    private func explain() async throws -> Bool {
        guard let action = Action(named: action) else {
            let names = Action.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(place: "ACTION", message: "must be one of \(names), not '\(action)'")
        }
        guard let name = RepositoryName(repository) else {
            throw ConfigurationError(
                place: "REPOSITORY", message: "is no repository's name: '\(repository)' (lower case, single . _ -)")
        }
        let configuration = try source.configuration()
        let rules = try configuration.accessRules()
        var principal: Principal?
        if !user.isEmpty {
            let silent = Logger(label: "access") { _ in SwiftLogNoOpLogHandler() }
            let assembly = try await Assembly(configuration, logger: silent, isObserver: true)
            principal = try await find(assembly, configuration)
            guard principal != nil else {
                show("denied", "no source knows '\(user)'")
                return false
            }
        }
        if let found = principal {
            let groups = found.groups.map { $0.distinguishedName ?? $0.qualifiedName.text }.joined(separator: ", ")
            show("source", "\(found.source) knows \(found.userName), groups: \(groups.isEmpty ? "none" : groups)")
        }
        if !keyScope.isEmpty {
            principal = principal?.authenticated(
                by: .apiKey(id: UUID(), scopes: keyScope.map { Scope(stored: $0) }))
        }
        let (subject, right) = (rules.subject(principal), RepositoryRight(action, name))
        for line in rules.explain(subject, right) { show("rule", line) }
        return rules.decide(subject, right).isAllowed
    }

    /// The user as the first source that has them knows them: no secret is needed for that.
    private func find(_ assembly: Assembly, _ configuration: Configuration) async throws -> Principal? {
        for directory in assembly.people(configuration) {
            switch await directory.lookUp(userName: UserName(user)) {
            case .found(let principal): return principal
            case .disabled: show("source", "\(directory.name) has '\(user)', who may not log in")
            case .absent: show("source", "\(directory.name) does not know '\(user)'")
            case .unavailable(let failure):
                show("source", "\(directory.name) is unavailable: \(failure)")
                throw Failure.unavailable
            }
        }
        return nil
    }

    private func show(_ what: String, _ text: String) {
        print(json ? LogLine.json([("what", what), ("text", text)]) : what == "rule" ? text : "\(what): \(text)")
    }
}
