import Credentials

/// The service account as it is now: where it stands in a file, that is read again when it changes, and when a server
/// refuses its password.
final class ServiceAccounts: Sendable {
    private struct State: Sendable {
        var account: DirectoryOptions.ServiceAccount?
        var signature: FileSignature?
    }

    private let file: DirectoryOptions.ServiceAccountFile?
    private let state: Locked<State>

    init(_ options: DirectoryOptions) {
        file = options.serviceAccountFile
        state = Locked(
            State(
                account: options.serviceAccount,
                signature: options.serviceAccountFile.flatMap { FileSignature(path: $0.path) }))
    }

    /// The account; nil to search anonymously.
    var current: DirectoryOptions.ServiceAccount? { state.withLock { $0.account } }

    /// Reads the file again if it has changed. Blocks for as long as the file system does.
    /// - Returns: whether there is another name or password now.
    func refreshIfChanged() throws -> Bool {
        guard let file, let signature = FileSignature(path: file.path),
            signature != state.withLock({ $0.signature })
        else { return false }
        return try refresh()
    }

    /// Reads the file again. What can't be read leaves the account of before in force.
    /// - Returns: whether there is another name or password now.
    func refresh() throws -> Bool {
        guard let file else { return false }
        // Before the file: what is written while it is read is a change for the next look.
        let signature = FileSignature(path: file.path)
        defer { state.withLock { $0.signature = signature } }
        let account = try file.read(file.path)
        return state.withLock { state in
            let isSame = state.account.map {
                $0.bindDN == account.bindDN && $0.password.isEqualInConstantTime(to: account.password.bytes)
            }
            state.account = account
            return isSame != true
        }
    }
}
