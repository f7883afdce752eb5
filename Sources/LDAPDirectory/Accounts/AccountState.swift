import Credentials
import Foundation

/// What the attributes of an entry say of the account, without a bind.
enum AccountState {
    /// The attributes that are read for it. A directory that does not have one leaves it out.
    static let attributes = [
        "userAccountControl", "accountExpires", "nsAccountLock", "pwdAccountLockedTime", "shadowExpire",
    ]

    /// Why nobody may log in as this entry, nor use its keys.
    ///
    /// An account that is locked for a while after wrong passwords is not among it: whoever guesses at a person's password
    /// must not take their keys' use away.
    /// - Parameters:
    ///   - entry: the user's entry.
    ///   - now: the time.
    /// - Returns: the reason; nil if the entry says nothing against it.
    static func refusal(of entry: LDAPConnection.Entry, at now: Date = .now) -> RefusalReason? {
        // Active Directory: ADS_UF_ACCOUNTDISABLE.
        if let control = entry.first("userAccountControl").flatMap({ Int($0) }), control & 2 != 0 {
            return .accountDisabled
        }
        // 389-ds.
        if entry.first("nsAccountLock")?.lowercased() == "true" { return .accountDisabled }
        // OpenLDAP: locked until an administrator says otherwise (draft-behera-ldap-password-policy, 5.3.3).
        if entry.first("pwdAccountLockedTime")?.hasPrefix("000001010000") == true { return .accountDisabled }
        if let expiry = expiry(of: entry), expiry <= now { return .accountExpired }
        return nil
    }

    private static func expiry(of entry: LDAPConnection.Entry) -> Date? {
        // Active Directory: 100 nanoseconds since 1601; 0 and the largest number mean never.
        if let ticks = entry.first("accountExpires").flatMap({ Int64($0) }), ticks > 0, ticks < .max {
            return Date(timeIntervalSince1970: Double(ticks) / 1e7 - 11_644_473_600)
        }
        // Days since 1970 (shadow(5)); 0 and less are not to be relied on.
        if let days = entry.first("shadowExpire").flatMap({ Int64($0) }), days > 0, days < 1_000_000 {
            return Date(timeIntervalSince1970: Double(days) * 86_400)
        }
        return nil
    }
}
