import AuthService

/// Any bytes of a proxy are read without a crash; a header is no longer than what has come, and the same however much follows it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let header = try? ProxyProtocolHeader(bytes) else { return 0 }
    precondition(header.length <= count)
    precondition((try? ProxyProtocolHeader(bytes.prefix(header.length))) == header)
    precondition(((try? ProxyProtocolHeader(bytes.prefix(header.length - 1))) ?? nil) == nil)
    return 0
}
