import ArgumentParser
import Credentials
import Foundation
import Htpasswd
import NIOCore
import SQLiteStorage

/// How a command fails: one clear line on standard error, and an exit status.
enum Failure {
    /// Refused or not found.
    static let refused = ExitCode(1)
    /// Wrong usage, or a configuration that can't work.
    static let usage = ExitCode(2)
    /// Something is unavailable.
    static let unavailable = ExitCode(3)

    /// Says what failed.
    /// - Parameter error: what was thrown.
    /// - Returns: the exit status to end with.
    static func report(_ error: any Error) -> ExitCode {
        switch error {
        case let error as ExitCode: return error
        case let error as ConfigurationError: return say("\(error)", usage)
        case let error as HtpasswdFileError: return say("\(error)", usage)
        case let error as HtpasswdEditError:
            if case .userName = error { return say("\(error)", usage) }
            return say("\(error)", unavailable)
        case let error as OutputFailure:
            StandardOutput.noteTold()
            return say("\(error)", unavailable)
        case let error as PasswordHash.MakeError: return say("\(error)", usage)
        case let error as StorageError:
            if case .exists = error { return say("\(error)", usage) }
            return say("\(error)", unavailable)
        case let error as SourceFailure: return say("\(error)", unavailable)
        case let error as LatchkeyClient.Refusal:
            return say(
                "\(error)",
                error.status == 400 ? usage : error.status == 429 || error.status >= 500 ? unavailable : refused)
        case let error as ValidationError: return say("\(error)", usage)
        case let error as ListenError: return say(describe(error), unavailable)
        default: return say("\(error)", unavailable)
        }
    }

    /// What kept the server from listening, and what to do.
    static func describe(_ error: ListenError) -> String {
        let place = error.listen
        return switch (error.reason as? IOError)?.errnoCode {
        case EADDRINUSE: "\(place) is in use by another program: stop that one, or listen on another port (http.port)"
        case EACCES: "listening on \(place) is not allowed for this user: choose a port over 1023, or another path"
        case EADDRNOTAVAIL: "\(place) is no address of this machine: set http.address to one that is"
        default: "can't listen on \(place): \(error.reason)"
        }
    }

    private static func say(_ text: String, _ code: ExitCode) -> ExitCode {
        StandardError.say("latchkey: \(MaskedKey.text(text))")
        return code
    }
}
