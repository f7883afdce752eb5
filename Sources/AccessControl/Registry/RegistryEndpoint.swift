/// The endpoints of the OCI distribution specification 1.1, by path.
enum RegistryEndpoint: Sendable, Hashable {
    /// `/v2/`, and `/v2`, which clients ask too.
    case ping
    /// `/v2/_catalog`.
    case catalog
    /// `/v2/<name>/tags/list`.
    case tags(RepositoryName)
    /// `/v2/<name>/manifests/<reference>`.
    case manifest(RepositoryName, RegistryReference)
    /// `/v2/<name>/blobs/<digest>`.
    case blob(RepositoryName)
    /// `/v2/<name>/blobs/uploads/`.
    case uploads(RepositoryName)
    /// `/v2/<name>/blobs/uploads/<session>`.
    case upload(RepositoryName)
    /// `/v2/<name>/referrers/<digest>`.
    case referrers(RepositoryName)

    /// Reads a path. It is read from its end: a repository may be called `a/manifests/b`, and what stands behind its name may not.
    init(_ segments: [Substring]) throws(RegistryRequest.Problem) {
        guard segments.first == "v2" else { throw .init("the path does not begin with /v2/") }
        let rest = segments.dropFirst()
        guard let last = rest.last, rest.count > 1 || !last.isEmpty else {
            self = .ping
            return
        }
        if rest.elementsEqual(["_catalog"]) {
            self = .catalog
            return
        }
        let (one, two) = (rest.dropLast().last, rest.dropLast(2).last)
        switch (two, one, last) {
        case (_, "tags", "list"): self = .tags(try Self.name(rest.dropLast(2)))
        case ("blobs", "uploads", ""): self = .uploads(try Self.name(rest.dropLast(3)))
        case ("blobs", "uploads", _):
            guard last.wholeMatch(of: /[A-Za-z0-9._~=\-]{1,512}/) != nil else {
                throw .init("the path names no upload")
            }
            self = .upload(try Self.name(rest.dropLast(3)))
        case (_, "manifests", _):
            guard let reference = RegistryReference(last) else { throw .init("the path names no tag and no digest") }
            self = .manifest(try Self.name(rest.dropLast(2)), reference)
        case (_, "blobs", _), (_, "referrers", _):
            guard RegistryReference(last) == .digest else { throw .init("the path names no digest") }
            let name = try Self.name(rest.dropLast(2))
            self = one == "blobs" ? .blob(name) : .referrers(name)
        default: throw .init("the path is none of the distribution specification's")
        }
    }

    private static func name(_ segments: ArraySlice<Substring>) throws(RegistryRequest.Problem) -> RepositoryName {
        guard let name = RepositoryName(segments.joined(separator: "/")) else {
            throw .init("the path names no repository: lower-case letters, digits and single . _ - within a component")
        }
        return name
    }
}
