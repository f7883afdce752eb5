/// What somebody wants to do with a repository: zot's words.
public enum Action: String, Sendable, Hashable, CaseIterable {
    /// Pull: read manifests, blobs, tags, referrers.
    case read
    /// Push what was not there: blobs, manifests, new tags.
    case create
    /// Move a tag that exists to another manifest.
    case update
    /// Delete manifests, tags, blobs.
    case delete
    /// Delete a manifest that several tags point to, in zot. Nothing that a proxy hands on asks for it.
    case detectManifestCollision

    /// Reads an action's name.
    /// - Parameter name: the name, without regard to case.
    public init?(named name: some StringProtocol) {
        let name = name.lowercased()
        guard let action = Self.allCases.first(where: { $0.rawValue.lowercased() == name }) else { return nil }
        self = action
    }
}
