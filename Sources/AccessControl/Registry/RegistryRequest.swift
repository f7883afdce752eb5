/// What a request to a registry asks for, by the OCI distribution specification 1.1 and zot's actions.
///
/// It is read by a service that stands beside the registry: what the registry might read in another way is refused here, never
/// guessed at (CVE-2026-40912, CVE-2026-48020 and CVE-2026-26205 are of that class).
public enum RegistryRequest: Sendable, Hashable {
    /// It names no resource: the ping of `GET /v2/`, and `OPTIONS`.
    case login
    /// The list of all repositories, which only the registry itself could filter.
    case catalog
    /// Each of these rights.
    case rights([RepositoryRight])

    /// Why a request is refused without a look at any right: 400.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong, for whoever sent it.
        public let description: String

        /// Refuses a request.
        /// - Parameter description: what is wrong, for whoever sent it.
        public init(_ description: String) {
            self.description = description
        }
    }

    /// The longest path with its query, in bytes.
    public static let maximumTargetLength = 4096

    /// Reads a request.
    /// - Parameters:
    ///   - method: the method, such as `GET`; methods tell upper from lower case.
    ///   - target: the path with its query, as the request line has it.
    /// - Throws: ``Problem`` for a path that is malformed, ambiguous, or none of the specification's.
    public init(method: String, target: String) throws(Problem) {
        let target = try RegistryTarget(target)
        let endpoint = try RegistryEndpoint(target.segments)
        switch (method, endpoint) {
        case ("OPTIONS", _), ("GET", .ping), ("HEAD", .ping): self = .login
        case ("GET", .catalog), ("HEAD", .catalog): self = .catalog
        case ("GET", .tags(let name)), ("HEAD", .tags(let name)), ("GET", .manifest(let name, _)),
            ("HEAD", .manifest(let name, _)), ("GET", .blob(let name)), ("HEAD", .blob(let name)),
            ("GET", .upload(let name)), ("HEAD", .upload(let name)), ("GET", .referrers(let name)),
            ("HEAD", .referrers(let name)):
            self = .rights([.init(.read, name)])
        case ("PUT", .manifest(let name, let reference)):
            self = .rights(try Self.push(name, reference, target))
        case ("POST", .uploads(let name)):
            self = .rights(try [.init(.create, name)] + Self.sources(target))
        case ("PATCH", .upload(let name)), ("PUT", .upload(let name)):
            self = .rights([.init(.create, name)])
        case ("DELETE", .manifest(let name, _)), ("DELETE", .blob(let name)), ("DELETE", .upload(let name)):
            self = .rights([.init(.delete, name)])
        default: throw Problem("the distribution specification has no such method at this path")
        }
    }

    /// What pushing a manifest needs. Whether a tag exists, and so whether it is made or moved, only the registry knows
    /// (CVE-2026-31801 was a guess at that).
    private static func push(
        _ name: RepositoryName, _ reference: RegistryReference, _ target: RegistryTarget
    ) throws(Problem) -> [RepositoryRight] {
        let tags = target.query.filter { $0.name == "tag" }
        for tag in tags where RegistryReference(tag.value[...]) != .tag { throw Problem("the query names no tag") }
        let create = RepositoryRight(.create, name)
        return reference == .digest && tags.isEmpty ? [create] : [create, .init(.update, name)]
    }

    /// The repositories that a blob is to be mounted from: who mounts it reads it.
    private static func sources(_ target: RegistryTarget) throws(Problem) -> [RepositoryRight] {
        let mounts = target.query.filter { $0.name == "mount" }
        let sources = target.query.filter { $0.name == "from" }
        guard mounts.count < 2, sources.count < 2 else { throw Problem("the query has mount or from twice") }
        if let mount = mounts.first {
            guard RegistryReference(mount.value[...]) == .digest else { throw Problem("the query mounts no digest") }
            // The registry would look for the blob in every repository.
            guard !sources.isEmpty else { throw Problem("the query does not say from which repository to mount") }
        }
        guard let source = sources.first else { return [] }
        guard let name = RepositoryName(source.value) else { throw Problem("the query mounts from no repository") }
        return [.init(.read, name)]
    }
}
