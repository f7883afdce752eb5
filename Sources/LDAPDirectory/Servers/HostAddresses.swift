import Foundation

/// The addresses of a host, by the system's resolver. No pointer of its leaves this file.
enum HostAddresses {
    /// One address with a port.
    struct Address: Sendable {
        /// The address family, such as AF_INET.
        let family: Int32
        /// The address in its usual form.
        let text: String
        private let storage: sockaddr_storage
        private let length: socklen_t

        fileprivate init(_ entry: addrinfo) {
            family = entry.ai_family
            length = entry.ai_addrlen
            var storage = sockaddr_storage()
            memcpy(&storage, entry.ai_addr, min(Int(entry.ai_addrlen), MemoryLayout<sockaddr_storage>.size))
            self.storage = storage
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let status = getnameinfo(
                entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            self.text =
                status == 0
                ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : "?"
        }

        /// Lends the address to a call of the socket API.
        func withPointer<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
            withUnsafePointer(to: storage) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
            }
        }
    }

    /// Asks the resolver. Blocks for as long as it does.
    /// - Returns: the addresses in their usual form; nil if the host has none.
    static func find(_ host: String) -> [String]? {
        resolve(host, port: "389").map { $0.map(\.text) }
    }

    /// Asks the resolver. Blocks for as long as it does; not at all for an address.
    /// - Returns: the addresses, best first; nil if the host has none.
    static func resolve(_ host: String, port: String) -> [Address]? {
        var list: UnsafeMutablePointer<addrinfo>?
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        guard getaddrinfo(host, port, &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        var (addresses, next) = ([Address](), list)
        while let entry = next?.pointee {
            addresses.append(Address(entry))
            next = entry.ai_next
        }
        return addresses
    }
}
