import Foundation
import SQLiteStorage

/// Where the relative paths of a configuration lead: from the file's folder and, for what is only read and is not there, from the working
/// folder, as zot's own examples need. `credential:NAME` is a secret that systemd hands over (`LoadCredential=`, systemd.exec(5)).
///
/// What Latchkey writes is looked for in one place alone: else the folder in which somebody happens to start it would decide which keys are
/// good.
final class RelativePaths {
    private let folder: URL
    /// What the operator should know: paths that were taken from the working folder.
    private(set) var notices: [String] = []
    /// All that were resolved.
    private(set) var resolved: Set<String> = []
    /// State that lies where older versions looked for it too, and is not where it belongs: what keeps a server from starting.
    private(set) var misplaced: [ConfigurationError] = []

    private let credentials: String

    /// - Parameters:
    ///   - configuration: the path of the configuration.
    ///   - environment: what systemd has said.
    init(configuration: String, environment: [String: String]) {
        folder = URL(filePath: configuration).deletingLastPathComponent()
        // Where they are for the unit of the package: so that the error names a place if they are not handed over.
        credentials = environment["CREDENTIALS_DIRECTORY"] ?? "/run/credentials/latchkey.service"
    }

    /// Makes a path of the file absolute.
    /// - Parameters:
    ///   - path: as it is written.
    ///   - use: what is done with what it names.
    ///   - complain: makes the error of an operator who must move something first; nil to say nothing.
    func resolve(_ path: String, _ use: PathUse, complain: ((String) -> ConfigurationError)? = nil) -> String {
        let whole = absolute(path, use, complain)
        resolved.insert(whole)
        return whole
    }

    private func absolute(_ path: String, _ use: PathUse, _ complain: ((String) -> ConfigurationError)?) -> String {
        guard !path.hasPrefix("/") else { return path }
        if path.hasPrefix("credential:") { return "\(credentials)/\(path.dropFirst(11))" }
        let beside = folder.appending(path: path).path
        let files = FileManager.default
        let isBeside = use == .state ? Self.isState(beside) : files.fileExists(atPath: beside)
        guard !isBeside, files.fileExists(atPath: path) else { return beside }
        let here = URL(filePath: files.currentDirectoryPath).appending(path: path).path
        guard here != beside else { return beside }
        switch use {
        case .read:
            notices.append("\(path) is taken from the working folder (\(here)): there is none beside the configuration")
            return here
        case .state:
            if Self.isState(here), let complain {
                misplaced.append(complain(Self.complaint(beside, here)))
            }
            return beside
        case .output: return beside
        }
    }

    /// What an operator should know, and do, about state that lies where older versions looked for it too.
    private static func complaint(_ beside: String, _ here: String) -> String {
        """
        leads to \(beside), where there is no state yet, and the working folder has \(here), which older versions took: move that \
        to \(beside), or write its whole path here; to begin without it, start the server in another folder
        """
    }

    /// Whether Latchkey may have written what is at a path: a file, or a folder with a store or a key in it.
    private static func isState(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return false }
        guard isFolder.boolValue else { return true }
        let folder = URL(filePath: path)
        return SQLiteStore.exists(in: folder)
            || FileManager.default.fileExists(atPath: folder.appending(path: TokenKeyFiles.usualName).path)
    }
}
