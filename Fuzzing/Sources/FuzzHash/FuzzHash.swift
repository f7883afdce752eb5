import Credentials
import Htpasswd

/// Any hash is read without a crash, and what is cheap to verify is: no input is the hash of this secret.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let hash = try? PasswordHash(bytes) else { return 0 }
    switch hash.format {
    case .apr1, .sha1, .saltedSHA1, .des, .md5Crypt:
        precondition(hash.verify(Secret("a secret that no seed was made of")) != .match)
    default: break
    }
    return 0
}
