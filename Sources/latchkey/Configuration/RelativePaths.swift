import Foundation

/// Where the relative paths of a configuration lead: from the file's folder or, if there is nothing, from the working folder,
/// as zot's own examples need. `credential:NAME` is a secret that systemd hands over (`LoadCredential=`, systemd.exec(5)).
final class RelativePaths {
    private let folder: URL
    /// What the operator should know: paths that were taken from the working folder.
    private(set) var notices: [String] = []
    /// All that were resolved.
    private(set) var resolved: Set<String> = []

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
    func resolve(_ path: String) -> String {
        let whole = absolute(path)
        resolved.insert(whole)
        return whole
    }

    private func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        if path.hasPrefix("credential:") { return "\(credentials)/\(path.dropFirst(11))" }
        let beside = folder.appending(path: path).path
        let files = FileManager.default
        guard !files.fileExists(atPath: beside), files.fileExists(atPath: path) else { return beside }
        let here = URL(filePath: files.currentDirectoryPath).appending(path: path).path
        if here != beside {
            notices.append("\(path) is taken from the working folder (\(here)): there is none beside the configuration")
        }
        return here
    }
}
