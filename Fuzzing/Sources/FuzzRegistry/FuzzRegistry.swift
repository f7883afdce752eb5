import AccessControl
import Credentials

/// Any path is read without a crash, and what gets through names its repository plainly, right behind `/v2/`. Any text is read as a
/// glob without a crash and in bounded time, and agrees with itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        for method in ["GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"] {
            guard case .rights(let rights)? = try? RegistryRequest(method: method, target: String(line)) else {
                continue
            }
            precondition(line.hasPrefix("/v2/\(rights[0].repository)/"))
        }
        guard line.utf8.count < 64, let glob = try? Glob(String(line)), let name = RepositoryName("team/a-b/c.d") else {
            continue
        }
        precondition(glob.vanity == nil || !glob.matches(name))
        if let own = RepositoryName(line) { precondition(glob.matches(own)) }
        if let scope = Scope(String(line)) { _ = KeyScopes([scope]).allow(.read, on: name) }
    }
    return 0
}
