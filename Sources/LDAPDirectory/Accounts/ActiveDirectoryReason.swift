import Credentials

/// Active Directory's reasons for a refused bind. They stand in the diagnostic message, in hexadecimal, as in
/// `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data 52e, v2580`; the numbers are Windows's
/// own error codes (ERROR_LOGON_FAILURE and its neighbours).
enum ActiveDirectoryReason {
    private static let reasons: [Substring: RefusalReason] = [
        "525": .unknownUser,
        "52e": .wrongPassword,
        "530": .loginNotAllowedNow,
        "531": .loginNotAllowedNow,
        "532": .passwordExpired,
        "533": .accountDisabled,
        "701": .accountExpired,
        "773": .passwordMustChange,
        "775": .accountLocked,
    ]

    /// Reads a diagnostic message.
    /// - Returns: the reason; nil if it is none of Active Directory's.
    static func read(_ diagnostic: String) -> RefusalReason? {
        for part in diagnostic.split(separator: ",") {
            let words = part.split(separator: " ")
            if words.count == 2, words[0] == "data" { return reasons[Substring(words[1].lowercased())] }
        }
        return nil
    }
}
