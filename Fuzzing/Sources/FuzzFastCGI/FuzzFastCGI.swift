import AuthService
import Credentials
import HTTPTypes

/// Any bytes of a web server are read without a crash, in two pieces as in one, and nobody comes in who has shown nothing.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let service = AuthService(resolver: CredentialResolver(entries: []), ring: nil)
    func actions(_ pieces: [ArraySlice<UInt8>]) -> [FastCGIConnection.Action] {
        var (connection, all): (FastCGIConnection, [FastCGIConnection.Action]) = (.init(), [])
        for piece in pieces {
            guard let actions = try? connection.receive(piece) else { return all }
            for action in actions {
                guard case .answer(let variables) = action else { continue }
                let response = service.answerIfKnown(AuthRequest(fastCGI: variables))
                precondition(response?.status != .ok)
                if let response { all += connection.finish(response) }
            }
            all += actions
        }
        return all
    }
    _ = actions([bytes[...]])
    _ = actions([bytes.prefix(count / 2), bytes.dropFirst(count / 2)])
    return 0
}
