import Htpasswd

/// Any file is read without a crash, and each user that it lists is found.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let table = HtpasswdTable(bytes: Array(UnsafeBufferPointer(start: start, count: count)))
    precondition(table.users.count <= table.userCount && table.usableCount <= table.userCount)
    for user in table.users { precondition(table.entry(of: user.name) != nil) }
    return 0
}
