import AuthService
import NIOCore
import NIOSSL

/// The certificate that a client has shown on its connection, and whose it is.
struct ShownCertificate {
    /// For how long an answer holds at most: a list of revoked certificates may have come to its end.
    private static let lifetime = Duration.seconds(60)

    /// In DER; nil if the client has shown none.
    private let bytes: [UInt8]?
    private var judged: (whose: ClientCertificate, generation: Int, at: ContinuousClock.Instant)?

    /// Of a connection without TLS, or before its handshake.
    init() { bytes = nil }

    /// Of a connection whose handshake is done.
    init(_ context: ChannelHandlerContext) {
        let peer = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        // One that can't be read is one all the same, and nobody's.
        bytes = peer.map { (try? $0.toDERBytes()) ?? [] }
    }

    /// Whose it is: found out anew when what is in force has changed, such as a list of revoked ones.
    mutating func whose(_ answerer: LoopService, at now: ContinuousClock.Instant) -> ClientCertificate? {
        guard let bytes else { return nil }
        if let judged, judged.generation == answerer.generation, now - judged.at < Self.lifetime {
            return judged.whose
        }
        // Whoever has shown one where none is asked for any more is still not nobody.
        let whose = answerer.certificates?.judge(bytes) ?? .unusable
        judged = (whose, answerer.generation, now)
        return whose
    }
}
