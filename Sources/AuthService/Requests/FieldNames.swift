import HTTPTypes

/// The header fields that HTTPTypes has no name for. Each is optional by its type alone: a test shows that none is nil.
enum FieldNames {
    static let remoteUser = HTTPField.Name("Remote-User")
    static let remoteGroups = HTTPField.Name("Remote-Groups")
    static let remoteEmail = HTTPField.Name("Remote-Email")
    static let remoteName = HTTPField.Name("Remote-Name")
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")
    static let link = HTTPField.Name("Link")
    static let registryVersion = HTTPField.Name("Docker-Distribution-Api-Version")

    static let all = [remoteUser, remoteGroups, remoteEmail, remoteName, link, registryVersion, referrerPolicy]

    // Those of requests, which a server may keep in any form.
    static let authorization = "Authorization"
    static let origin = "Origin"
    static let cookie = "Cookie"
    static let fetchSite = "Sec-Fetch-Site"
    static let fetchMode = "Sec-Fetch-Mode"
    static let requestedWith = "X-Requested-With"
    static let userAgent = "User-Agent"
    static let zotClient = "X-ZOT-API-CLIENT"
    static let requestID = "X-Request-Id"
}

extension HTTPFields {
    /// The value of a field that has a name.
    subscript(name: HTTPField.Name?) -> String? {
        get { name.flatMap { self[$0] } }
        set { if let name { self[name] = newValue } }
    }
}
