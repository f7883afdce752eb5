import CLDAP
import Credentials
import Foundation

/// One connection to a directory, through libldap. No pointer of libldap's leaves this file.
///
/// All calls block up to their deadline: use it on a lane.
///
/// `@unchecked Sendable`: a handle must not be used by two threads at once. ``ConnectionPool`` hands each connection
/// to one caller at a time, under its lock; nobody else has a reference.
final class LDAPConnection: @unchecked Sendable {
    /// An entry that a search found.
    struct Entry: Sendable {
        var name: String
        /// The values of each attribute that was asked for, by the attribute's name in lower case. Values that are not
        /// UTF-8 are left out.
        var values: [String: [String]]
    }

    private let handle: OpaquePointer
    private let address: String
    private let operationTimeout: Duration

    /// Connects, and turns to TLS if the options say so. No bind yet.
    init(_ options: DirectoryOptions) throws(LDAPError) {
        var handle: OpaquePointer?
        let address = options.urls.joined(separator: " ")
        let status = ldap_initialize(&handle, address)
        guard status == LDAP_SUCCESS, let handle else {
            throw Self.error(status, "the address '\(address)' is no LDAP URL", nil)
        }
        self.handle = handle
        self.address = address
        self.operationTimeout = options.operationTimeout
        try configure(options)
        try check(ldap_connect(handle), "can't connect")
        if options.startTLS, ldap_tls_inplace(handle) == 0 {
            try check(ldap_start_tls_s(handle, nil, nil), "StartTLS failed")
        }
    }

    deinit { ldap_unbind_ext_s(handle, nil, nil) }

    /// Binds with a name and a password (RFC 4513, 5.1.3).
    func bind(_ name: String, _ secret: Secret) throws(LDAPError) {
        // RFC 4513, 5.1.2: a server takes an empty password for an anonymous bind and says yes.
        guard !secret.bytes.isEmpty else {
            throw Self.error(LDAP_INVALID_CREDENTIALS, "an empty password is never sent", nil)
        }
        var password = secret.bytes.map { CChar(bitPattern: $0) }
        let count = password.count
        var message: Int32 = 0
        let status = password.withUnsafeMutableBufferPointer { buffer in
            var value = berval(bv_len: ber_len_t(count), bv_val: buffer.baseAddress)
            defer { buffer.baseAddress.map { explicit_bzero($0, count) } }
            return ldap_sasl_bind(handle, name, nil, &value, nil, nil, &message)
        }
        try check(status, "can't send a bind")
        let answer = try result(of: message, "bind as '\(name)'")
        defer { ldap_msgfree(answer) }
        try checkResult(answer, "bind as '\(name)' was refused")
    }

    /// Searches. Referrals are not followed.
    /// - Parameters:
    ///   - base: the entry where the search starts.
    ///   - scope: how far below it; nil for the entry itself.
    ///   - filter: an RFC 4515 filter.
    ///   - attributes: the attributes to read.
    ///   - limit: how many entries to read at most. Reaching it is no error.
    func search(
        base: String, scope: DirectoryOptions.SearchScope?, filter: String, attributes: [String], limit: Int32
    ) throws(LDAPError) -> [Entry] {
        var names = attributes.map { strdup($0) } + [nil]
        defer { names.forEach { free($0) } }
        var timeout = Self.timeval(operationTimeout)
        var message: Int32 = 0
        let scope = scope.map { $0 == .subtree ? LDAP_SCOPE_SUBTREE : LDAP_SCOPE_ONELEVEL } ?? LDAP_SCOPE_BASE
        let status = ldap_search_ext(handle, base, scope, filter, &names, 0, nil, nil, &timeout, limit, &message)
        try check(status, "can't search '\(base)' with \(filter)")
        let answer = try result(of: message, "search of '\(base)'")
        defer { ldap_msgfree(answer) }
        do {
            try checkResult(answer, "search of '\(base)' with \(filter) failed")
        } catch  where error.code == LDAP_SIZELIMIT_EXCEEDED {
            // The caller asked for no more: what came is what it wanted to know.
        }
        return entries(of: answer)
    }

    private func configure(_ options: DirectoryOptions) throws(LDAPError) {
        var version = LDAP_VERSION3
        try set(LDAP_OPT_PROTOCOL_VERSION, &version)
        var connectTimeout = Self.timeval(options.connectTimeout)
        try set(LDAP_OPT_NETWORK_TIMEOUT, &connectTimeout)
        var timeout = Self.timeval(options.operationTimeout)
        try set(LDAP_OPT_TIMEOUT, &timeout)
        // LDAP_OPT_OFF is a null pointer: libldap itself would chase a referral anonymously, and wait for it.
        try check(ldap_set_option(handle, LDAP_OPT_REFERRALS, nil), "can't set an option")
        var demand: Int32 = options.trust == .anything ? LDAP_OPT_X_TLS_NEVER : LDAP_OPT_X_TLS_DEMAND
        try set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand)
        if let path = Self.authorities(options.trust) {
            try check(ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, path), "can't use the CA file \(path)")
        }
        var minimum: Int32 = 3 << 8 | 3  // TLS 1.2
        try set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &minimum)
        var isServer: Int32 = 0
        let context = ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &isServer)
        guard context == LDAP_SUCCESS else {
            throw Self.error(LDAP_CONNECT_ERROR, "TLS can't be set up: is \(options.trust) a PEM file?", nil)
        }
    }

    /// The file of trusted authorities. Debian's is named outright: libldap knows it only from an ldap.conf, which a
    /// container may not have.
    private static func authorities(_ trust: DirectoryOptions.Trust) -> String? {
        let debian = "/etc/ssl/certs/ca-certificates.crt"
        return switch trust {
        case .file(let path): path
        case .system: FileManager.default.isReadableFile(atPath: debian) ? debian : nil
        case .anything: nil
        }
    }

    private func set<T: BitwiseCopyable>(_ option: Int32, _ value: inout T) throws(LDAPError) {
        try check(ldap_set_option(handle, option, &value), "can't set an option")
    }

    /// Waits for all of an answer, up to the deadline.
    private func result(of message: Int32, _ what: String) throws(LDAPError) -> OpaquePointer {
        var answer: OpaquePointer?
        var timeout = Self.timeval(operationTimeout)
        let kind = ldap_result(handle, message, Int32(LDAP_MSG_ALL), &timeout, &answer)
        if kind > 0, let answer { return answer }
        if let answer { ldap_msgfree(answer) }
        if kind == 0 {
            ldap_abandon_ext(handle, message, nil, nil)
            throw Self.error(LDAP_TIMEOUT, "\(address): no answer to the \(what) within \(operationTimeout)", nil)
        }
        var code: Int32 = LDAP_SERVER_DOWN
        ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &code)
        throw Self.error(code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code, "\(address): \(what)", diagnosticMessage())
    }

    private func checkResult(_ answer: OpaquePointer, _ what: String) throws(LDAPError) {
        var code: Int32 = 0
        var text: UnsafeMutablePointer<CChar>?
        let status = ldap_parse_result(handle, answer, &code, nil, &text, nil, nil, 0)
        defer { ldap_memfree(text) }
        try check(status, "can't read the answer to a \(what)")
        guard code == LDAP_SUCCESS else {
            throw Self.error(code, "\(address): \(what)", text.map { String(cString: $0) })
        }
    }

    private func entries(of answer: OpaquePointer) -> [Entry] {
        var entries: [Entry] = []
        var next = ldap_first_entry(handle, answer)
        while let entry = next {
            if let name = ldap_get_dn(handle, entry) {
                entries.append(Entry(name: String(cString: name), values: values(of: entry)))
                ldap_memfree(name)
            }
            next = ldap_next_entry(handle, entry)
        }
        return entries
    }

    private func values(of entry: OpaquePointer) -> [String: [String]] {
        var values: [String: [String]] = [:]
        var cursor: OpaquePointer?
        var next = ldap_first_attribute(handle, entry, &cursor)
        defer { ber_free(cursor, 0) }
        while let attribute = next {
            values[String(cString: attribute).lowercased()] = self.values(of: attribute, in: entry)
            ldap_memfree(attribute)
            next = ldap_next_attribute(handle, entry, cursor)
        }
        return values
    }

    private func values(of attribute: UnsafePointer<CChar>, in entry: OpaquePointer) -> [String] {
        guard let list = ldap_get_values_len(handle, entry, attribute) else { return [] }
        defer { ldap_value_free_len(list) }
        return (0..<Int(ldap_count_values_len(list))).compactMap { index in
            guard let value = list[index]?.pointee, let bytes = value.bv_val else { return nil }
            return String(validating: UnsafeBufferPointer(start: bytes, count: Int(value.bv_len)), as: UTF8.self)
        }
    }

    private func check(_ status: Int32, _ what: String) throws(LDAPError) {
        guard status != LDAP_SUCCESS else { return }
        throw Self.error(status, "\(address): \(what)", diagnosticMessage())
    }

    private func diagnosticMessage() -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard ldap_get_option(handle, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text) == LDAP_SUCCESS, let text else { return nil }
        defer { ldap_memfree(text) }
        return String(cString: text)
    }

    private static func error(_ code: Int32, _ what: String, _ said: String?) -> LDAPError {
        let meaning = String(cString: ldap_err2string(code))
        let said = said.flatMap { $0.isEmpty ? nil : ", \($0)" } ?? ""
        return LDAPError(code: code, detail: "\(what): \(meaning)\(said)")
    }

    private static func timeval(_ duration: Duration) -> Foundation.timeval {
        let (seconds, attoseconds) = duration.components
        return Foundation.timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
