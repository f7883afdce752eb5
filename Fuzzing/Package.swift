// swift-tools-version: 6.2
import PackageDescription

// A package of its own: its flags would keep others from depending on Latchkey.
let fuzzer: [SwiftSetting] = [.unsafeFlags(["-parse-as-library"])]

let package = Package(
    name: "fuzzing",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "latchkey", path: ".."),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "FuzzHtpasswd", dependencies: [.product(name: "Htpasswd", package: "latchkey")],
            swiftSettings: fuzzer),
        .executableTarget(
            name: "FuzzHash",
            dependencies: [
                .product(name: "Htpasswd", package: "latchkey"), .product(name: "Credentials", package: "latchkey"),
            ],
            swiftSettings: fuzzer),
        .executableTarget(
            name: "FuzzName",
            dependencies: [
                .product(name: "LDAPDirectory", package: "latchkey"),
                .product(name: "Credentials", package: "latchkey"),
            ],
            swiftSettings: fuzzer),
        .executableTarget(
            name: "FuzzRegistry",
            dependencies: [
                .product(name: "AccessControl", package: "latchkey"),
                .product(name: "Credentials", package: "latchkey"),
            ],
            swiftSettings: fuzzer),
        .executableTarget(
            name: "FuzzAuthorization",
            dependencies: [
                .product(name: "AuthService", package: "latchkey"), .product(name: "Credentials", package: "latchkey"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: fuzzer),
        .executableTarget(
            name: "FuzzFastCGI",
            dependencies: [
                .product(name: "AuthService", package: "latchkey"), .product(name: "Credentials", package: "latchkey"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: fuzzer),
        .executableTarget(
            name: "FuzzProxyProtocol", dependencies: [.product(name: "AuthService", package: "latchkey")],
            swiftSettings: fuzzer),
        .executableTarget(
            name: "FuzzTokens",
            dependencies: [
                .product(name: "OpenIDConnect", package: "latchkey"), .product(name: "Sessions", package: "latchkey"),
                .product(name: "Credentials", package: "latchkey"),
            ],
            swiftSettings: fuzzer),
        .executableTarget(
            name: "FuzzClaims",
            dependencies: [
                .product(name: "OpenIDConnect", package: "latchkey"),
                .product(name: "Credentials", package: "latchkey"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: fuzzer),
        .executableTarget(
            name: "FuzzPages",
            dependencies: [
                .product(name: "AuthService", package: "latchkey"), .product(name: "Sessions", package: "latchkey"),
                .product(name: "Credentials", package: "latchkey"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: fuzzer),
    ],
    swiftLanguageModes: [.v6]
)
