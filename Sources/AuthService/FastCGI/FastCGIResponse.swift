import HTTPTypes

/// An answer as an authorizer gives it (FastCGI 1.0, 6.3; RFC 3875, 6): a yes with variables for the web server, anything else as it goes to the client.
enum FastCGIResponse {
    /// The variables that a yes sets, each always, and empty where there is nothing to say.
    private static let variables = [
        (FieldNames.remoteUser, "REMOTE_USER"), (FieldNames.remoteGroups, "REMOTE_GROUPS"),
        (FieldNames.remoteName, "REMOTE_NAME"), (FieldNames.remoteEmail, "REMOTE_EMAIL"),
    ]

    /// What is written to the web server.
    static func bytes(of response: AuthResponse) -> [UInt8] {
        var text = "Status: \(response.status.code) \(response.status.reasonPhrase)\r\n"
        guard response.status != .ok else {
            // HTTPTypes lets no value hold a line end: what a value is can't become a second variable.
            for (field, name) in variables { text += "Variable-\(name): \(response.headers[field] ?? "")\r\n" }
            return Array((text + "\r\n").utf8)
        }
        for field in response.headers { text += "\(field.name.rawName): \(field.value)\r\n" }
        return Array((text + "\r\n").utf8) + response.body
    }
}
