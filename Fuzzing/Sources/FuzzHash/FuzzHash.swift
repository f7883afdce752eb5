import Credentials
import Htpasswd

/// What costs at most a millisecond.
private let limits = {
    var limits = HtpasswdTable.Limits()
    limits.hashes.maximumTime = .milliseconds(1)
    limits.hashes.maximumMemory = 1 << 20
    return limits
}()

/// Any hash is read without a crash, and what is cheap to verify is: no input is the hash of this secret.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard !bytes.contains(0),
        case .hash(let hash) = HtpasswdTable(bytes: Array("a:".utf8) + bytes, limits: limits).entry(of: "a")
    else { return 0 }
    precondition(hash.verify(Secret("a secret that no seed was made of"), limits: limits.hashes) != .match)
    return 0
}
