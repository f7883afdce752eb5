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
    private let socket: ServerSocket
    private let watchdog: Watchdog
    /// Whether it has been used, kept, and taken up again: then it may have died meanwhile.
    var isKept = false
    /// Whether it is of no use any more.
    private(set) var isBroken = false

    /// Connects, and turns to TLS if the options say so. No bind yet.
    /// - Parameters:
    ///   - url: the server.
    ///   - options: how it is spoken to.
    ///   - tools: what connections to one directory share.
    ///   - deadline: when there is no time left; `connectTimeout` is an end of its own.
    init(_ url: String, _ options: DirectoryOptions, _ tools: Tools, _ deadline: Deadline) throws(LDAPError) {
        guard let server = ServerAddress(url) else { throw .connecting("the address '\(url)' is no LDAP URL") }
        let deadline = deadline.within(options.connectTimeout)
        let descriptor = try TCPConnecting.connect(to: server, deadline, unacknowledged: options.connectTimeout)
        guard let socket = ServerSocket(descriptor) else {
            close(descriptor)
            throw .connecting("no descriptor is left: raise the limit of open files")
        }
        var handle: OpaquePointer?
        guard ldap_init_fd(descriptor, LDAP_PROTO_TCP, url, &handle) == LDAP_SUCCESS, let handle else {
            close(descriptor)
            throw .connecting("the address '\(url)' is no LDAP URL")
        }
        self.handle = handle
        self.address = url
        self.operationTimeout = options.operationTimeout
        self.socket = socket
        self.watchdog = tools.watchdog
        try configure()
        if options.startTLS || url.hasPrefix("ldaps:") {
            do throws(LDAPError) {
                try secure(try tools.contexts.current(), startTLS: !url.hasPrefix("ldaps:"), deadline)
            } catch {
                throw error.at(.tls)
            }
        }
    }

    /// What the connections to one directory share.
    struct Tools: Sendable {
        let watchdog = Watchdog()
        let contexts: TLSContexts

        init(_ options: DirectoryOptions) {
            contexts = TLSContexts(options)
        }
    }

    deinit {
        // Saying goodbye writes, which must not block either.
        if isBroken { socket.shutDown() }
        watchdog.guarding(socket, until: .now + .seconds(1)) { _ = ldap_unbind_ext_s(handle, nil, nil) }
    }

    /// Whether the server has closed it, as one does with connections that nobody uses. Never waits.
    var isClosed: Bool { socket.isClosed }

    /// Asks the DNS for the servers of a domain: `_ldap._tcp` (RFC 2782), best first. Blocks as long as the resolver does.
    /// - Returns: `host:port` of each.
    static func servers(ofDomain domain: String) throws(LDAPError) -> [String] {
        var list: UnsafeMutablePointer<CChar>?
        let status = ldap_domain2hostlist(domain, &list)
        defer { ldap_memfree(list) }
        guard status == LDAP_SUCCESS, let list else {
            throw .connecting("the DNS has no SRV records _ldap._tcp.\(domain)")
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

    /// The version of TLS that is spoken, such as `TLS1.2`; nil without TLS.
    var tlsVersion: String? {
        var name: UnsafeMutablePointer<CChar>?
        guard ldap_get_option(handle, LDAP_OPT_X_TLS_VERSION, &name) == LDAP_OPT_SUCCESS, let name else { return nil }
        defer { ldap_memfree(name) }
        return String(cString: name)
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
        let answer = try result(of: "bind as '\(name)'", deadline.within(operationTimeout)) { message in
            Self.withPolicyControl { controls in
                var password = secret.bytes.map { CChar(bitPattern: $0) }
                let count = password.count
                return password.withUnsafeMutableBufferPointer { buffer in
                    var value = berval(bv_len: ber_len_t(count), bv_val: buffer.baseAddress)
                    defer { buffer.baseAddress.map { explicit_bzero($0, count) } }
                    return ldap_sasl_bind(handle, name, nil, &value, controls, nil, &message)
                }
            }
        }
        defer { ldap_msgfree(answer) }
        return try checkResult(answer, "bind as '\(name)' was refused")
    }

    /// Searches. Referrals are not followed here.
    func search(_ request: SearchRequest, _ deadline: Deadline) throws(LDAPError) -> [Entry] {
        var names = request.attributes.map { strdup($0) } + [nil]
        defer { names.forEach { free($0) } }
        // What may be dead is not waited for as long: a search can be done again on another connection.
        let patience = isKept ? operationTimeout / 2 : operationTimeout
        let deadline = deadline.within(patience)
        var timeout = Self.timeval(deadline.remaining(atMost: patience))
        let scope =
            switch request.scope {
            case .base: LDAP_SCOPE_BASE
            case .oneLevel: LDAP_SCOPE_ONELEVEL
            case .subtree: LDAP_SCOPE_SUBTREE
            }
        let answer = try result(of: "search of '\(request.base)' with \(request.filter)", deadline) { message in
            ldap_search_ext(
                handle, request.base, scope, request.filter, &names, 0, nil, nil, &timeout, request.limit, &message)
        }
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

    private func configure() throws(LDAPError) {
        var version = LDAP_VERSION3
        try check(ldap_set_option(handle, LDAP_OPT_PROTOCOL_VERSION, &version), "can't set an option")
        // No time-outs of libldap's own, which an ldap.conf may set: with one it makes the socket non-blocking, and spins in
        // a handshake that nobody answers. The watchdog ends what takes too long.
        var none = Foundation.timeval(tv_sec: -1, tv_usec: 0)
        try check(ldap_set_option(handle, LDAP_OPT_NETWORK_TIMEOUT, &none), "can't set an option")
        // LDAP_OPT_OFF is a null pointer: libldap itself would chase a referral anonymously, and wait for it.
        try check(ldap_set_option(handle, LDAP_OPT_REFERRALS, nil), "can't set an option")
    }

    private func secure(_ context: TLSContext, startTLS: Bool, _ deadline: Deadline) throws(LDAPError) {
        try context.install(on: handle)
        if startTLS {
            let answer = try result(of: "StartTLS", deadline) { ldap_start_tls(handle, nil, nil, &$0) }
            defer { ldap_msgfree(answer) }
            try checkResult(answer, "StartTLS was refused")
        }
        let status = watchdog.guarding(socket, until: deadline.moment) { ldap_install_tls(handle) }
        guard !socket.wasShutDown else { throw timeOut("TLS handshake") }
        try check(status, "the TLS handshake failed")
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

    /// Sends a request and waits for all of its answer, up to the deadline.
    private func result(
        of what: String, _ deadline: Deadline, _ send: (inout Int32) -> Int32
    ) throws(LDAPError) -> OpaquePointer {
        let acknowledged = socket.acknowledgedBytes
        var (message, status, kind): (Int32, Int32, Int32) = (0, 0, 0)
        var answer: OpaquePointer?
        watchdog.guarding(socket, until: deadline.moment) {
            status = send(&message)
            guard status == LDAP_SUCCESS else { return }
            let patience = deadline.remaining(atMost: operationTimeout)
            // What does not even reach the other side of a kept connection is not waited for: it died while nobody looked.
            let first = isKept ? min(patience, Self.acknowledgementTime) : patience
            kind = receive(message, first, &answer)
            guard kind == 0, first < patience, acknowledged == nil || acknowledged != socket.acknowledgedBytes else {
                return
            }
            kind = receive(message, deadline.remaining(atMost: operationTimeout), &answer)
        }
        if kind > 0, let answer { return answer }
        if let answer { ldap_msgfree(answer) }
        isBroken = true
        var error: LDAPError
        if socket.wasShutDown || (status == LDAP_SUCCESS && kind == 0) {
            error = timeOut(what)
        } else {
            var code = status
            if status == LDAP_SUCCESS { ldap_get_option(handle, LDAP_OPT_RESULT_CODE, &code) }
            error = Self.error(
                code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code, "\(address): \(what)", diagnosticMessage())
        }
        error.isUnacknowledged = acknowledged != nil && acknowledged == socket.acknowledgedBytes
        throw error
    }

    /// How long the other side's TCP may take to acknowledge what it was sent.
    private static let acknowledgementTime = Duration.seconds(1)

    private func receive(_ message: Int32, _ patience: Duration, _ answer: inout OpaquePointer?) -> Int32 {
        var timeout = Self.timeval(patience)
        return ldap_result(handle, message, Int32(LDAP_MSG_ALL), &timeout, &answer)
    }

    private func timeOut(_ what: String) -> LDAPError {
        LDAPError(code: LDAP_TIMEOUT, detail: "\(address): no answer in time to the \(what)")
    }

    @discardableResult
    private func checkResult(_ answer: OpaquePointer, _ what: String) throws(LDAPError) -> PasswordPolicyError? {
        do throws(LDAPError) {
            return try parse(answer, what)
        } catch {
            if error.breaksConnection { isBroken = true }
            throw error
        }
    }

    private func parse(_ answer: OpaquePointer, _ what: String) throws(LDAPError) -> PasswordPolicyError? {
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
        let isBinary = IdentityAttribute.isBinary(String(cString: attribute))
        return (0..<Int(ldap_count_values_len(list))).compactMap { index in
            guard let value = list[index]?.pointee, let bytes = value.bv_val else { return nil }
            if isBinary {
                return UnsafeRawBufferPointer(start: bytes, count: Int(value.bv_len)).hexadecimal
            }
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
        // What libldap says of a certificate that it does not like tells nobody anything: see TLSDiagnosis.
        let suffix = said.flatMap { $0.isEmpty || $0 == "(unknown error code)" ? nil : ", \($0)" } ?? ""
        return LDAPError(code: code, detail: "\(what): \(meaning)\(suffix)", diagnostic: said ?? "")
    }

    private static func timeval(_ duration: Duration) -> Foundation.timeval {
        let (seconds, attoseconds) = duration.components
        return Foundation.timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
