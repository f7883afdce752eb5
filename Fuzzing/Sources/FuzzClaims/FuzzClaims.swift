import Credentials
import Crypto
import Dispatch
import Foundation
import OpenIDConnect
import Synchronization

private let key = P256.Signing.PrivateKey()
private let trusted = RegistryTokenSigner(service: "registry", key: key.publicKey.pemRepresentation)
private let source = BearerSource(issuers: [], signer: trusted)
/// What one input may take, instrumented as it is: a stranger's bytes must cost a look.
private let limit: UInt64 = 50_000_000

private func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}

private final class Result: Sendable {
    let verdict = Mutex<Verdict?>(nil)
}

private func judge(_ token: String) -> Verdict {
    let (done, result) = (DispatchSemaphore(value: 0), Result())
    Task {
        let judged = await source.judge(BasicCredential(bearer: Secret(token)))
        result.verdict.withLock { $0 = judged }
        done.signal()
    }
    done.wait()
    return result.verdict.withLock { $0 } ?? .rejected(.tokenUntrusted)
}

/// Any claims are read in a bounded time, whether somebody has signed them or not, and without a signature they let in nobody.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let begun = processorTime()
    let signed = "\(base64URL(#"{"alg":"ES256"}"#.utf8)).\(base64URL(bytes))"
    if case .authenticated = judge("\(signed).\(base64URL(Array(repeating: 0, count: 64)))") {
        preconditionFailure("nobody has signed it")
    }
    // The same as a head, and as keys.
    _ = judge("\(base64URL(bytes)).\(base64URL("{}".utf8)).AAAA")
    _ = RegistryTokenSigner(service: "registry", key: String(decoding: bytes, as: UTF8.self))
    if let signature = try? key.signature(for: Data(signed.utf8)) {
        _ = judge("\(signed).\(base64URL(signature.rawRepresentation))")
    }
    let taken = processorTime() - begun
    precondition(taken < limit, "\(count) bytes took \(taken / 1_000_000) ms of CPU")
    return 0
}

/// The CPU time of this process, in nanoseconds.
private func processorTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
