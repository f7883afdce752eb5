import Credentials
import Testing

@testable import Htpasswd

/// The known answers of crypt_blowfish 1.3 (its wrapper.c): 8-bit characters, the sign-extension bug that `2x` keeps, the
/// countermeasure of `2a`, the empty password and the 72-byte edge.
@Suite("bcrypt's own vectors")
struct BcryptVectorTests {
    private static let signed = "$05$/OK.fbVrR/bpIqNJ5ianF."
    private static let alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    private static let longTail: [UInt8] = [0xFF, 0xA3, 0x33, 0x34, 0xFF, 0xFF, 0xFF, 0xA3, 0x33, 0x34, 0x35]

    private static let vectors: [([UInt8], String)] = [
        (Array("U*U".utf8), "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
        (Array("U*U*".utf8), "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
        (Array("U*U*U".utf8), "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
        (Array(alphabet.utf8), "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"),
        (
            Array((alphabet + "chars after 72 are ignored").utf8),
            "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
        ),
        ([0xA3], "$2x" + signed + "CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
        ([0xFF, 0xFF, 0xA3], "$2x" + signed + "CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
        ([0xFF, 0xFF, 0xA3], "$2y" + signed + "CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
        ([0xFF, 0xFF, 0xA3], "$2b" + signed + "CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
        ([0xFF, 0xFF, 0xA3], "$2a" + signed + "nqd1wy.pTMdcvrRWxyiGL2eMz.2a85."),
        ([0xA3], "$2y" + signed + "Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
        ([0xA3], "$2a" + signed + "Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
        ([0xA3], "$2b" + signed + "Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
        ([0x31, 0xA3, 0x33, 0x34, 0x35], "$2x" + signed + "o./n25XVfn6oAPaUvHe.Csk4zRfsYPi"),
        ([0xFF, 0xA3, 0x33, 0x34, 0x35], "$2x" + signed + "o./n25XVfn6oAPaUvHe.Csk4zRfsYPi"),
        (longTail, "$2x" + signed + "o./n25XVfn6oAPaUvHe.Csk4zRfsYPi"),
        (longTail, "$2y" + signed + "o./n25XVfn6oAPaUvHe.Csk4zRfsYPi"),
        (longTail, "$2a" + signed + "ZC1JEJ8Z4gPfpe1JOr/oyPXTWl9EFd."),
        ([0xFF, 0xA3, 0x33, 0x34, 0x35], "$2y" + signed + "nRht2l/HRhr6zmCp9vYUvvsqynflf9e"),
        ([0xFF, 0xA3, 0x33, 0x34, 0x35], "$2a" + signed + "nRht2l/HRhr6zmCp9vYUvvsqynflf9e"),
        ([0xA3, 0x61, 0x62], "$2a" + signed + "6IflQkJytoRVc1yuaNtHfiuq.FRlSIS"),
        ([0xA3, 0x61, 0x62], "$2x" + signed + "6IflQkJytoRVc1yuaNtHfiuq.FRlSIS"),
        ([0xA3, 0x61, 0x62], "$2y" + signed + "6IflQkJytoRVc1yuaNtHfiuq.FRlSIS"),
        ([0xD1, 0x91], "$2x$05$6bNw2HLQYeqHYyBfLMsv/OiwqTymGIGzFsA4hOTWebfehXHNprcAS"),
        ([0xD0, 0xC1, 0xD2, 0xCF, 0xCC, 0xD8], "$2x$05$6bNw2HLQYeqHYyBfLMsv/O9LIGgn8OMzuDoHfof8AQimSGfcSWxnS"),
        (
            Array(repeating: 0xAA, count: 72) + Array("chars after 72 are ignored as usual".utf8),
            "$2a" + signed + "swQOIzjOiJ9GHEPuhEkvqrUyvWhEMx6"
        ),
        (Array(repeatElement([0xAA, 0x55], count: 36).joined()), "$2a" + signed + "R9xrDjiycxMbQE2bp.vgqlYpW5wx2yy"),
        (
            Array(repeatElement([0x55, 0xAA, 0xFF], count: 24).joined()),
            "$2a" + signed + "9tQZzcJfm3uj2NvJ/n5xkhpqLrMpWCe"
        ),
        ([], "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
    ]

    @Test("Each known answer verifies, what is past the 72nd byte only with the switch, and its neighbours do not")
    func answers() throws {
        for (secret, text) in Self.vectors {
            let hash = try PasswordHash(Array(text.utf8))
            #expect(hash.verify(Secret(bytes: secret)) == (secret.count > 72 ? .tooLong : .match), "\(text)")
            #expect(hash.verify(Secret(bytes: secret), allowTruncation: true) == .match, "\(text)")
            #expect(hash.verify(Secret(bytes: [0x21] + secret), allowTruncation: true) == .mismatch, "\(text)")
        }
    }

    @Test(
        "A setting that names no variant or no possible cost is no hash",
        arguments: ["2a$03", "2a$32", "2c$05", "2z$05", "2`$05", "2{$05", "2$05", "2aa$05", "2a$5", "2a$005"])
    func settings(setting: String) {
        let text = "$\(setting)$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
        #expect(throws: PasswordHash.Defect.self) { try PasswordHash(Array(text.utf8)) }
    }
}
