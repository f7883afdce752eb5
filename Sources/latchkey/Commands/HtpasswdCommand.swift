import ArgumentParser
import Credentials
import Foundation
import Htpasswd

/// `latchkey htpasswd`.
struct HtpasswdCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "htpasswd", abstract: "Change and look through htpasswd files.",
        subcommands: [Add.self, Remove.self, Verify.self, List.self, Audit.self])

    /// Reads a file for a command that only looks.
    static func table(_ path: String, _ limits: HashLimits = .init()) throws(ConfigurationError) -> HtpasswdTable {
        let bytes = try InputFile.read(path)
        var table = HtpasswdTable.Limits()
        (table.allowPlainText, table.hashes) = (true, limits)
        return HtpasswdTable(bytes: bytes, limits: table)
    }

    /// The limits of a server: those of its configuration, or the usual ones.
    struct ServerLimits: ParsableArguments {
        @Option(help: "The server's configuration, for its limits on what a hash may cost; without it the usual ones.")
        var config: String?

        func read() throws(ConfigurationError) -> HashLimits {
            guard let config else { return HashLimits() }
            return try ConfigurationFile(path: config).read().htpasswd?.limits ?? HashLimits()
        }
    }

    /// Runs a command's work and reports its failure.
    static func reporting(_ work: () throws -> Void) throws {
        do { try work() } catch { throw Failure.report(error) }
    }

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a user, or change their password, which is read from the terminal or standard input.")
        enum Method: String, ExpressibleByArgument, CaseIterable { case bcrypt, yescrypt, sha512 }

        @Argument(help: "The htpasswd file; made if it is missing.") var file: String
        @Argument(help: "The user's name.") var user: String
        @Option(help: "How the password is hashed.") var method = Method.bcrypt
        @Option(help: "bcrypt's cost, 4 to 16.") var cost = 12

        func validate() throws {
            guard (4...16).contains(cost) else { throw ValidationError("--cost must be 4 to 16") }
        }

        func run() throws {
            try HtpasswdCommand.reporting {
                // Nobody types a password twice to hear that the name won't do.
                if let problem = HtpasswdEditor.problem(of: UserName(user)) {
                    throw HtpasswdEditError.userName(problem)
                }
                let secret = SecretInput.read(prompt: "New password of \(user): ")
                if isatty(STDIN_FILENO) == 1 {
                    let again = SecretInput.read(prompt: "Once more: ")
                    guard secret.isEqualInConstantTime(to: again.bytes) else {
                        throw ConfigurationError(place: "password", message: "the two are not the same")
                    }
                }
                let how: HashMethod =
                    switch method {
                    case .bcrypt: .bcrypt(cost: cost)
                    case .yescrypt: .yescrypt
                    case .sha512: .sha512Crypt
                    }
                let existed = try HtpasswdEditor(path: file).set(
                    UserName(user), to: PasswordHash(of: secret, method: how))
                print(existed ? "changed the password of \(user)" : "added \(user)")
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a user.")
        @Argument(help: "The htpasswd file.") var file: String
        @Argument(help: "The user's name.") var user: String

        func run() throws {
            try HtpasswdCommand.reporting {
                guard try HtpasswdEditor(path: file).remove(UserName(user)) else {
                    print("there is no user \(user)")
                    throw Failure.refused
                }
                print("removed \(user)")
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try a user's password, read from the terminal or standard input.")
        @Argument(help: "The htpasswd file.") var file: String
        @Argument(help: "The user's name.") var user: String
        @OptionGroup var limits: ServerLimits

        func run() throws {
            try HtpasswdCommand.reporting {
                let limits = try limits.read()
                let entry = try HtpasswdCommand.table(file, limits).entry(of: UserName(user))
                let secret = SecretInput.read(prompt: "Password of \(user): ")
                let answer =
                    switch entry {
                    case nil: "there is no user \(user)"
                    case .unusable: "the hash of \(user) can't be verified"
                    case .hash(let hash): "\(hash.verify(secret, limits: limits))"
                    }
                print(answer)
                if answer != "match" { throw Failure.refused }
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the users with the format of their hash.")
        @Argument(help: "The htpasswd file.") var file: String
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            try HtpasswdCommand.reporting {
                for user in try HtpasswdCommand.table(file).users {
                    let format = user.hash.map { "\($0)" } ?? "unusable"
                    print(
                        json ? LogLine.json([("user", user.name.text), ("format", format)]) : "\(user.name)\t\(format)")
                }
            }
        }
    }

    struct Audit: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: """
                Judge each user's hash by a server's limits; exit status 1 if one is weak, unusable, too costly or there \
                twice.
                """)
        @Argument(help: "The htpasswd file.") var file: String
        @Flag(help: "Print JSON.") var json = false
        @OptionGroup var limits: ServerLimits

        func run() throws {
            try HtpasswdCommand.reporting {
                let limits = try limits.read()
                // Not among the rows, which other programs read.
                StandardError.say("limits: \(limits)")
                let table = try HtpasswdCommand.table(file, limits)
                var isFine = table.diagnosticCount == 0
                for user in table.users {
                    let weakness = user.hash.map { $0.weakness } ?? "it can't be verified"
                    if weakness != nil { isFine = false }
                    line(
                        user.name.text, user.hash.map { "\($0)" } ?? "unusable", weakness.map { "weak: \($0)" } ?? "ok")
                }
                for diagnostic in table.diagnostics { line(diagnostic.userName?.text ?? "-", "-", "\(diagnostic)") }
                if !isFine { throw Failure.refused }
            }
        }

        private func line(_ user: String, _ format: String, _ verdict: String) {
            let fields = [("user", user), ("format", format), ("verdict", verdict)]
            print(json ? LogLine.json(fields) : fields.map(\.1).joined(separator: "\t"))
        }
    }
}
