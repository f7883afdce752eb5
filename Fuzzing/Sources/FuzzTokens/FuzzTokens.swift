import Credentials
import Dispatch
import Foundation
import OpenIDConnect
import Sessions

/// A key that signs nothing here.
private let signer = RegistryTokenSigner(
    service: "registry",
    key: """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQVI4G4uAVp1dRhMAUGVzj10sKDoF
        nLE4FXE5NDx+8UlL261Kqd+5RaaI2kD42QRB8Cg0dKlcj2RDNE9Lbx+asQ==
        -----END PUBLIC KEY-----
        """)
private let source = BearerSource(issuers: [], signer: signer)
private let seal = LoginSeal(key: nil)
private let cookie = SessionCookie(domain: nil, isSecure: true)

/// Any token, sealed login, cookie, key set or expression is read without a crash, and none is good.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    precondition(signer != nil && seal?.open(text) == nil)
    _ = cookie.find(in: text.split(separator: "\n").map { String($0) })
    _ = ClaimPath(text)
    _ = RegistryTokenSigner(service: "registry", key: text)
    let secret = Secret(bytes: bytes)
    let done = DispatchSemaphore(value: 0)
    Task {
        // What has no form of a token the resolver would not ask about.
        if case .authenticated = await source.judge(BasicCredential(bearer: secret)) {
            preconditionFailure("somebody has signed a token without the key")
        }
        done.signal()
    }
    done.wait()
    return 0
}
