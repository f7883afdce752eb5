import AuthService
import Credentials
import HTTPTypes

/// Any Authorization header is read without a crash, and none is a known credential.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let service = AuthService(resolver: CredentialResolver(entries: []), ring: nil)
    let request = AuthRequest(
        method: .get, target: "/auth/verify", headers: [.authorization: text], peer: IPAddress(text))
    precondition(service.answerIfKnown(request)?.status != .ok)
    return 0
}
