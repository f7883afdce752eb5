import ArgumentParser
import Credentials
import Foundation
import LDAPDirectory
import Logging

/// `latchkey verify`.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Try a user's secret, read from standard input, and print what each source says.")

    @OptionGroup var source: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false
    @Argument(help: "The user's name.") var user: String

    func run() async throws {
        do {
            try await verify()
        } catch {
            throw Failure.report(error)
        }
    }

    private func verify() async throws {
        var configuration = try source.configuration()
        let name = configuration.directory?.options.name.rawValue ?? ""
        configuration.directory?.options.onStep = { print(line(name, "step", $0)) }
        let silent = Logger(label: "verify") { _ in SwiftLogNoOpLogHandler() }
        let assembly = try await Assembly(configuration, logger: silent, isObserver: true)
        let credential = BasicCredential(
            userName: UserName(user), secret: SecretInput.read(prompt: "Secret of \(user): "))
        if let reason = CredentialRules.refusal(of: credential) {
            print(line("rules", "refused", reason.rawValue))
            throw Failure.refused
        }
        var (isAuthenticated, isUnavailable) = (false, false)
        for (name, verdict) in await assembly.resolver.explain(credential) {
            switch verdict {
            case .authenticated(let principal):
                isAuthenticated = true
                print(
                    line(name.rawValue, "authenticated", "\(principal.userName) by \(principal.method.name)", principal)
                )
            case .rejected(let reason, _): print(line(name.rawValue, "rejected", reason.rawValue))
            case .unknownUser: print(line(name.rawValue, "unknown-user", "no such user"))
            case .unavailable(let failure):
                isUnavailable = true
                print(line(name.rawValue, "unavailable", failure.description))
            }
        }
        if !isAuthenticated { throw isUnavailable ? Failure.unavailable : Failure.refused }
    }

    private func line(_ source: String, _ verdict: String, _ detail: String, _ principal: Principal? = nil) -> String {
        let groups = principal?.groups.map(\.qualifiedName.text).joined(separator: ", ") ?? ""
        if json {
            return LogLine.json([("source", source), ("verdict", verdict), ("detail", detail), ("groups", groups)])
        }
        return "\(source): \(verdict): \(detail)" + (groups.isEmpty ? "" : ", groups \(groups)")
    }
}
