import Credentials
import Foundation

/// Where a browser goes when it is logged in: somewhere on this server, or at an origin that the operator names, and nowhere else (open
/// redirects: zot's `ValidateCallbackUI`, CVE-2026-26205 is of this class).
struct ReturnTarget: Sendable {
    private let origins: Set<WebOrigin>
    /// Hosts below which any name will do, as the session's cookie is for all of them.
    private let domain: String?
    /// How many bytes one may have.
    private static let maximumLength = 2048

    /// - Parameters:
    ///   - origins: such as `https://app.example.org`.
    ///   - domain: the domain of the session's cookie; nil if it is for one host.
    init(origins: [WebOrigin], domain: String? = nil) {
        self.origins = Set(origins)
        self.domain = domain
    }

    /// The target that a request names.
    /// - Parameter text: what it names, percent-decoded once.
    /// - Returns: nil if that is no place where a browser may be sent.
    func allowed(_ text: String) -> String? {
        let bytes = text.utf8
        guard !bytes.isEmpty, bytes.count <= Self.maximumLength, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            !bytes.contains(UInt8(ascii: "\\")),
            // Bytes, not characters: a mark that combines with what stands before it hides that from a comparison of characters.
            // What a browser or a proxy might decode once more must not become another place either. Behind the path it is the application's own.
            let decoded = String(text.prefix { $0 != "?" && $0 != "#" }).removingPercentEncoding?.utf8,
            decoded.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") })
        else { return nil }
        if bytes.first == UInt8(ascii: "/") {
            return bytes.starts(with: "//".utf8) || decoded.starts(with: "//".utf8) ? nil : text
        }
        guard let origin = WebOrigin(ofAddress: text) else { return nil }
        return origins.contains(origin) || isBelow(origin) ? text : nil
    }

    private func isBelow(_ origin: WebOrigin) -> Bool {
        guard let domain else { return false }
        return origin.isSecure && origin.port == 443 && origin.isWithin(domain)
    }
}
