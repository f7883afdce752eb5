import CLDAP
import Credentials
import Foundation

/// The TLS context that all connections to a directory share: reading the authorities takes milliseconds. It is made anew
/// when one of its files changes.
final class TLSContexts: Sendable {
    private struct State: Sendable {
        var context: TLSContext?
        var signatures: [FileSignature?] = []
    }

    private let options: DirectoryOptions
    private let state = Locked(State())

    init(_ options: DirectoryOptions) {
        self.options = options
    }

    /// The context as the files are now. Blocks for as long as reading them takes.
    func current() throws(LDAPError) -> TLSContext {
        let paths = [
            TLSContext.authorities(options.trust), options.clientCertificate?.certificate,
            options.clientCertificate?.key,
        ]
        let signatures = paths.map { $0.flatMap { FileSignature(path: $0) } }
        let known = state.withLock { $0.signatures == signatures ? $0.context : nil }
        if let known { return known }
        let context = try TLSContext(options)
        state.withLock { $0 = State(context: context, signatures: signatures) }
        return context
    }
}

/// One TLS context of libldap. No pointer of libldap's leaves this file but to be set on a handle.
///
/// `@unchecked Sendable`: the context is never changed once it is made, and libldap counts its holders under a lock.
final class TLSContext: @unchecked Sendable {
    /// Holds the context for as long as this lives.
    private let template: OpaquePointer
    private let context: UnsafeMutableRawPointer
    private let demand: Int32

    /// Reads the files that the options name.
    init(_ options: DirectoryOptions) throws(LDAPError) {
        var handle: OpaquePointer?
        guard ldap_initialize(&handle, nil) == LDAP_SUCCESS, let handle else {
            throw .misconfigured("libldap can't be started")
        }
        template = handle
        demand = options.trust == .anything ? LDAP_OPT_X_TLS_NEVER : LDAP_OPT_X_TLS_DEMAND
        do throws(LDAPError) {
            context = try Self.make(handle, options, demand)
        } catch {
            ldap_unbind_ext_s(handle, nil, nil)
            throw error
        }
    }

    deinit { ldap_unbind_ext_s(template, nil, nil) }

    /// Lets a connection use the context.
    func install(on handle: OpaquePointer) throws(LDAPError) {
        // Whether the name is checked is the connection's own affair.
        var demand = demand
        guard ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == LDAP_SUCCESS,
            ldap_set_option(handle, LDAP_OPT_X_TLS_CTX, context) == LDAP_SUCCESS
        else { throw .misconfigured("libldap takes no TLS context") }
    }

    /// The file of trusted authorities. Debian's is named outright: libldap knows it only from an ldap.conf, which a
    /// container may not have.
    static func authorities(_ trust: DirectoryOptions.Trust) -> String? {
        let debian = "/etc/ssl/certs/ca-certificates.crt"
        return switch trust {
        case .file(let path): path
        case .system: FileManager.default.isReadableFile(atPath: debian) ? debian : nil
        case .anything: nil
        }
    }

    /// GnuTLS's own way to say which versions are spoken ("Priority strings" of its manual); nil for another library.
    private static func priorities(_ handle: OpaquePointer, _ options: DirectoryOptions) -> String? {
        var name: UnsafeMutablePointer<CChar>?
        guard ldap_get_option(handle, LDAP_OPT_X_TLS_PACKAGE, &name) == LDAP_OPT_SUCCESS, let name else { return nil }
        defer { ldap_memfree(name) }
        guard String(cString: name) == "GnuTLS" else { return nil }
        if options.looksAtOldTLS { return "NORMAL:+VERS-TLS1.0:+VERS-TLS1.1" }
        return "NORMAL:-VERS-ALL:+VERS-TLS1.3" + (options.minimumTLSVersion == .v1_3 ? "" : ":+VERS-TLS1.2")
    }

    private static func make(
        _ handle: OpaquePointer, _ options: DirectoryOptions, _ demand: Int32
    ) throws(LDAPError) -> UnsafeMutableRawPointer {
        var demand = demand
        var minimum = options.looksAtOldTLS ? 0x301 : options.minimumTLSVersion.protocolNumber
        var isRight = ldap_set_option(handle, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == LDAP_SUCCESS
        if let path = authorities(options.trust) {
            isRight = ldap_set_option(handle, LDAP_OPT_X_TLS_CACERTFILE, path) == LDAP_SUCCESS && isRight
        }
        if let own = options.clientCertificate {
            isRight = ldap_set_option(handle, LDAP_OPT_X_TLS_CERTFILE, own.certificate) == LDAP_SUCCESS && isRight
            isRight = ldap_set_option(handle, LDAP_OPT_X_TLS_KEYFILE, own.key) == LDAP_SUCCESS && isRight
        }
        isRight = ldap_set_option(handle, LDAP_OPT_X_TLS_PROTOCOL_MIN, &minimum) == LDAP_SUCCESS && isRight
        // Over GnuTLS, as Debian builds it, libldap takes the oldest version and does nothing with it.
        if let priorities = priorities(handle, options) {
            isRight = ldap_set_option(handle, LDAP_OPT_X_TLS_CIPHER_SUITE, priorities) == LDAP_SUCCESS && isRight
        }
        var isServer: Int32 = 0
        isRight = ldap_set_option(handle, LDAP_OPT_X_TLS_NEWCTX, &isServer) == LDAP_SUCCESS && isRight
        // Asking for it counts one more holder, which is never given back: one context for each change of the files.
        var context: UnsafeMutableRawPointer?
        guard isRight, ldap_get_option(handle, LDAP_OPT_X_TLS_CTX, &context) == LDAP_OPT_SUCCESS, let context else {
            let own = options.clientCertificate.map { ", are \($0.certificate) and \($0.key) a pair?" } ?? "?"
            throw .misconfigured("TLS can't be set up: is \(options.trust) a PEM file\(own)")
        }
        return context
    }
}
