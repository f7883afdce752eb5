import Credentials
import LDAPDirectory

/// Any text is read as a distinguished name and as a filter without a crash; a name is equal to itself, and what is prepared
/// stays as it is when it is prepared again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    if let name = DistinguishedName(text) {
        precondition(name == DistinguishedName(name.text))
        precondition(Group(name: "", distinguishedName: text).matches(text))
    }
    let prepared = StringPreparation.caseIgnore(text)
    precondition(StringPreparation.caseIgnore(prepared) == prepared)
    precondition(DistinguishedName("cn=\(DistinguishedName.escape(text)),dc=x")?.firstValue == text)
    _ = SearchFilter.problem(in: text)
    return 0
}
