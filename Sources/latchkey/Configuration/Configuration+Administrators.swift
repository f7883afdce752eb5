import AccessControl

extension Configuration {
    /// Who may act on others' keys, with the groups and the names of groups of `accessControl`.
    /// - Returns: nil if nobody may.
    func keyAdministrators() throws -> AccessRules? {
        guard let policy = keys.administrators else { return nil }
        var rules = AccessConfiguration(adminPolicy: policy)
        if let access {
            rules.groups = access.configuration.groups
            rules.groupNames = access.configuration.groupNames
        }
        return try AccessRules(rules)
    }
}
