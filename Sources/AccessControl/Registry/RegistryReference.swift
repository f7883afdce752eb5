/// What names a manifest within its repository.
enum RegistryReference: Sendable, Hashable {
    /// A tag: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
    case tag
    /// A digest: an algorithm, a colon, and what is encoded (OCI image specification, "Digests"). Of algorithms that are not
    /// registered at least 32 characters are wanted, as in Distribution: a short one may be anything.
    case digest

    /// Reads a reference.
    /// - Returns: nil if it is neither.
    init?(_ text: Substring) {
        if text.wholeMatch(of: /[a-zA-Z0-9_][a-zA-Z0-9._\-]{0,127}/) != nil {
            self = .tag
        } else if text.hasPrefix("sha256:") {
            guard text.wholeMatch(of: /sha256:[a-f0-9]{64}/) != nil else { return nil }
            self = .digest
        } else if text.hasPrefix("sha512:") {
            guard text.wholeMatch(of: /sha512:[a-f0-9]{128}/) != nil else { return nil }
            self = .digest
        } else if text.wholeMatch(of: /[a-z0-9]+(?:[+._\-][a-z0-9]+)*:[a-zA-Z0-9=_\-]{32,256}/) != nil {
            self = .digest
        } else {
            return nil
        }
    }
}
