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

        /// The first value of an attribute.
        func first(_ attribute: String) -> String? { values[attribute.lowercased()]?.first }
    }

    private let handle: OpaquePointer
    private let address: String
    private let operationTimeout: Duration

    /// Connects, and turns to TLS if the options say so. No bind yet.
    init(_ url: String, _ options: DirectoryOptions, _ deadline: Deadline) throws(LDAPError) {
        var handle: OpaquePointer?
        let status = ldap_initialize(&handle, url)
        guard status == LDAP_SUCCESS, let handle else {
            throw Self.error(status, "the address '\(url)' is no LDAP URL", nil)
        }
        self.handle = handle
        self.address = url
        self.operationTimeout = options.operationTimeout
        do {
            try configure(options, deadline)
            try check(ldap_connect(handle), "can't connect")
            if options.startTLS, ldap_tls_inplace(handle) == 0 {
                try check(ldap_start_tls_s(handle, nil, nil), "StartTLS failed")
            }
        } catch {
            throw error.whileConnecting()
        }
    }

    deinit { ldap_unbind_ext_s(handle, nil, nil) }

    /// Asks the DNS for the servers of a domain: `_ldap._tcp` (RFC 2782), best first. Blocks as long as the resolver does.
    /// - Returns: `host:port` of each.
    static func servers(ofDomain domain: String) throws(LDAPError) -> [String] {
        var list: UnsafeMutablePointer<CChar>?
        let status = ldap_domain2hostlist(domain, &list)
        defer { ldap_memfree(list) }
        guard status == LDAP_SUCCESS, let list else {
            throw LDAPError(code: LDAP_SERVER_DOWN, detail: "the DNS has no SRV records _ldap._tcp.\(domain)")
                .whileConnecting()
        }
        return String(cString: list).split(separator: " ").map(String.init)
    }

    /// The certificate that the server has shown (DER); nil without TLS.
    func peerCertificate() -> [UInt8]? {
        var certificate = berval()
        guard ldap_get_option(handle, LDAP_OPT_X_TLS_PEERCERT, &certificate) == LDAP_OPT_SUCCESS,
            let bytes = certificate.bv_val
        else { return nil }
        defer { ldap_memfree(bytes) }
        return UnsafeBufferPointer(start: bytes, count: Int(certificate.bv_len)).map { UInt8(bitPattern: $0) }
    }

    /// Binds with a name and a password (RFC 4513, 5.1.3).
    /// - Parameters:
    ///   - name: the DN.
    ///   - secret: the password.
    ///   - deadline: when there is no time left.
    /// - Returns: what the server's password policy says of an account whose password was right.
    func bind(_ name: String, _ secret: Secret, _ deadline: Deadline) throws(LDAPError) -> PasswordPolicyError? {
        // RFC 4513, 5.1.2: a server takes an empty password for an anonymous bind and says yes.
        guard !secret.bytes.isEmpty else {
            throw Self.error(LDAP_INVALID_CREDENTIALS, "an empty password is never sent", nil)
        }
        var message: Int32 = 0
        let status = Self.withPolicyControl { controls in
            var password = secret.bytes.map { CChar(bitPattern: $0) }
            let count = password.count
            return password.withUnsafeMutableBufferPointer { buffer in
                var value = berval(bv_len: ber_len_t(count), bv_val: buffer.baseAddress)
                defer { buffer.baseAddress.map { explicit_bzero($0, count) } }
                return ldap_sasl_bind(handle, name, nil, &value, controls, nil, &message)
            }
        }
        try check(status, "can't send a bind")
        let answer = try result(of: message, "bind as '\(name)'", deadline)
        defer { ldap_msgfree(answer) }
        return try checkResult(answer, "bind as '\(name)' was refused")
    }

    /// Searches. Referrals are not followed here.
    func search(_ request: SearchRequest, _ deadline: Deadline) throws(LDAPError) -> [Entry] {
        var names = request.attributes.map { strdup($0) } + [nil]
        defer { names.forEach { free($0) } }
        var timeout = Self.timeval(deadline.remaining(atMost: operationTimeout))
        var message: Int32 = 0
        let scope =
            switch request.scope {
            case .base: LDAP_SCOPE_BASE
            case .oneLevel: LDAP_SCOPE_ONELEVEL
            case .subtree: LDAP_SCOPE_SUBTREE
            }
        let status = ldap_search_ext(
            handle, request.base, scope, request.filter, &names, 0, nil, nil, &timeout, request.limit, &message)
        try check(status, "can't search '\(request.base)' with \(request.filter)")
        let answer = try result(of: message, "search of '\(request.base)'", deadline)
        defer { ldap_msgfree(answer) }
        let found = entries(of: answer)
        do {
            try checkResult(answer, "search of '\(request.base)' with \(request.filter) failed")
        } catch  where error.code == LDAP_SIZELIMIT_EXCEEDED && found.count >= Int(request.limit) {
            // The caller asked for no more: what came is what it wanted to know. A limit of the server's own is an error:
            // a second entry of the same name may lie behind it.
        }
        return found
    }

    private func configure(_ options: DirectoryOptions, _ deadline: Deadline) throws(LDAPError) {
        var version = LDAP_VERSION3
        try set(LDAP_OPT_PROTOCOL_VERSION, &version)
        let patience = deadline.remaining(atMost: options.connectTimeout)
        var connectTimeout = Self.timeval(patience)
        try set(LDAP_OPT_NETWORK_TIMEOUT, &connectTimeout)
        try set(LDAP_OPT_TIMEOUT, &connectTimeout)
        // What the other side has not even acknowledged by then is lost: a network that drops packets shows so on a
        // connection that is open already as fast as on a new one (RFC 5482).
        var unacknowledged = UInt32(clamping: options.connectTimeout.components.seconds * 1000)
        if unacknowledged > 0 { try set(LDAP_OPT_TCP_USER_TIMEOUT, &unacknowledged) }
        // LDAP_OPT_OFF is a null pointer: libldap itself would chase a referral anonymously, and wait for it.
        try check(ldap_set_option(handle, LDAP_OPT_REFERRALS, nil), "can't set an option")
        // Reading the authorities takes longer than all the rest: not for a connection that never speaks TLS.
        if options.startTLS || address.hasPrefix("ldaps:") { try configureTLS(options) }
    }

    private func configureTLS(_ options: DirectoryOptions) throws(LDAPError) {
        var demand: Int32 = options.trust == .anything ? LDAP_OPT_X_TLS_NEVER : LDAP_OPT_X_TLS_DEMAND
        try set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand)
        if let path = Self.authorities(options.trust) {
            try check(ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, path), "can't use the CA file \(path)")
        }
        if let own = options.clientCertificate {
            try check(ldap_set_option(handle, LDAP_OPT_X_TLS_CERTFILE, own.certificate), "can't set an option")
            try check(ldap_set_option(handle, LDAP_OPT_X_TLS_KEYFILE, own.key), "can't set an option")
        }
        var minimum: Int32 = 3 << 8 | (options.minimumTLSVersion == .v1_3 ? 4 : 3)
        try set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &minimum)
        var isServer: Int32 = 0
        let context = ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &isServer)
        guard context == LDAP_SUCCESS else {
            let own = options.clientCertificate.map { ", are \($0.certificate) and \($0.key) a pair?" } ?? "?"
            throw Self.error(LDAP_CONNECT_ERROR, "TLS can't be set up: is \(options.trust) a PEM file\(own)", nil)
        }
    }

    /// Asks for the password-policy response control, and takes a server without one as it is.
    private static func withPolicyControl<T>(
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?) -> T
    ) -> T {
        var name = Array(LDAP_CONTROL_PASSWORDPOLICYREQUEST.utf8CString)
        return name.withUnsafeMutableBufferPointer { name in
            var control = LDAPControl(
                ldctl_oid: name.baseAddress, ldctl_value: berval(bv_len: 0, bv_val: nil), ldctl_iscritical: 0)
            return withUnsafeMutablePointer(to: &control) { control in
                var controls: [UnsafeMutablePointer<LDAPControl>?] = [control, nil]
                return controls.withUnsafeMutableBufferPointer { body($0.baseAddress) }
            }
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
    private func result(
        of message: Int32, _ what: String, _ deadline: Deadline
    ) throws(LDAPError) -> OpaquePointer {
        var answer: OpaquePointer?
        let patience = deadline.remaining(atMost: operationTimeout)
        var timeout = Self.timeval(patience)
        let kind = ldap_result(handle, message, Int32(LDAP_MSG_ALL), &timeout, &answer)
        if kind > 0, let answer { return answer }
        if let answer { ldap_msgfree(answer) }
        if kind == 0 {
            ldap_abandon_ext(handle, message, nil, nil)
            var error = Self.error(LDAP_TIMEOUT, "\(address): no answer to the \(what) within \(patience)", nil)
            error.wasSent = true
            throw error
        }
        var code: Int32 = LDAP_SERVER_DOWN
        ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &code)
        throw Self.error(code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code, "\(address): \(what)", diagnosticMessage())
    }

    @discardableResult
    private func checkResult(_ answer: OpaquePointer, _ what: String) throws(LDAPError) -> PasswordPolicyError? {
        var code: Int32 = 0
        var text: UnsafeMutablePointer<CChar>?
        var referrals: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        var controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?
        let status = ldap_parse_result(handle, answer, &code, nil, &text, &referrals, &controls, 0)
        defer {
            ldap_memfree(text)
            ldap_memvfree(UnsafeMutableRawPointer(referrals)?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self))
            ldap_controls_free(controls)
        }
        try check(status, "can't read the answer to a \(what)")
        let policy = policy(in: controls)
        guard code == LDAP_SUCCESS else {
            var error = Self.error(code, "\(address): \(what)", text.map { String(cString: $0) })
            error.policy = policy
            var next = referrals
            while let url = next?.pointee {
                error.referrals.append(String(cString: url))
                next = next?.advanced(by: 1)
            }
            throw error
        }
        return policy
    }

    private func policy(
        in controls: UnsafeMutablePointer<UnsafeMutablePointer<LDAPControl>?>?
    ) -> PasswordPolicyError? {
        guard let control = ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, controls, nil) else { return nil }
        var error = LDAPPasswordPolicyError(rawValue: 0)
        let status = ldap_parse_passwordpolicy_control(handle, control, nil, nil, &error)
        return status == LDAP_SUCCESS ? PasswordPolicyError(rawValue: error.rawValue) : nil
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
        let suffix = said.flatMap { $0.isEmpty ? nil : ", \($0)" } ?? ""
        return LDAPError(code: code, detail: "\(what): \(meaning)\(suffix)", diagnostic: said ?? "")
    }

    private static func timeval(_ duration: Duration) -> Foundation.timeval {
        let (seconds, attoseconds) = duration.components
        return Foundation.timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
