import AuthService
import Htpasswd

/// Every key of the configuration.
enum ConfigurationSchema {
    static let root: [SchemaKey] =
        [
            SchemaKey("http", .group(http), "Where clients are answered, and how they are known.", usual: "{}"),
            SchemaKey("storage", .group(storage), "Where API keys are kept."),
            SchemaKey("log", .group(log), "The log and the audit trail.", usual: "{}"),
        ]
        + SchemaKey.skipped(
            "distSpecVersion", "extensions", "scheduler", "cluster", "goVersion", "commit", "releaseTag", "binaryType")

    /// The key that a path leads to.
    /// - Parameter path: the names of keys, in any case; names of the operator's choice among them.
    /// - Returns: nil if there is none.
    static func key(at path: [String]) -> SchemaKey? {
        var (value, found): (SchemaValue, SchemaKey?) = (.group(root), nil)
        for name in path {
            if case .named(let element)? = value.group {
                (value, found) = (element, nil)
                continue
            }
            guard let key = value.group?.key(name) else { return nil }
            (value, found) = (key.value, key)
        }
        return found
    }

    private static let http: [SchemaKey] =
        [
            SchemaKey("address", .text, "The address to listen on, or unix:PATH.", usual: "127.0.0.1", path: .output),
            SchemaKey("port", .number(0...65535), "The port.", usual: "8080"),
            SchemaKey(
                "listen", .texts,
                "Several places instead of the two: ADDRESS:PORT, unix:PATH,mode=660,group=NAME, systemd:NAME.",
                path: .output),
            SchemaKey("realm", .text, "What browsers show when they ask for a password.", usual: "latchkey"),
            SchemaKey("tls", .group(tls), "The certificate, and those of clients."),
            SchemaKey("trustedProxies", .texts, "Addresses and networks whose forwarding fields are believed."),
            SchemaKey(
                "forwardingFields", .list(.word(ForwardingField.allCases.map(\.rawValue))),
                "What those proxies set at each request to /auth/verify: no other is believed then."),
            SchemaKey(
                "proxyProtocol", .texts,
                "Addresses and networks whose connections begin with a header of the PROXY protocol; unix for Unix sockets."
            ),
            SchemaKey(
                "http2", .bool, "Whether clients may speak HTTP/2: by ALPN over TLS, by prior knowledge without.",
                usual: "true"),
            SchemaKey("limits", .group(limits), "What a client may take up.", usual: "{}"),
            SchemaKey("fastcgi", .text, "Where web servers ask by FastCGI: ADDRESS:PORT or unix:PATH.", path: .output),
            SchemaKey(
                "operations", .group(operations), "A listener of their own for /metrics, /readyz, /healthz and /flush."),
            SchemaKey("externalURL", .text, "Where clients come in, such as https://auth.example.org."),
            SchemaKey("allowOrigin", .texts, "Origins whose pages may call zot's routes with credentials."),
            SchemaKey(
                "maximumHeaderBytes", .number(1024...65_536), "Of the identity headers of /auth/verify together.",
                usual: "3584"),
            SchemaKey(
                "readTimeout", .duration,
                "From one answer to the next whole request; 0 for the 75 s of any idle connection.",
                usual: "0"),
            SchemaKey("writeTimeout", .duration, "From a request to its whole answer; 0 for no limit.", usual: "0"),
            SchemaKey("auth", .group(auth), "The sources of users.", usual: "{}"),
            SchemaKey("accessControl", .group(access), "Who may do what with which repositories."),
        ] + SchemaKey.skipped("ratelimit", "compat")

    private static let tls = [
        SchemaKey("cert", .text, "The certificate with its chain, PEM.", path: .read),
        SchemaKey("key", .text, "Its private key, PEM.", path: .read),
        SchemaKey("minimumVersion", .word(["1.2", "1.3"]), "The oldest version of TLS.", usual: "1.2"),
        SchemaKey("cacert", .text, "Lets clients in by certificates of this authority.", path: .read),
        SchemaKey("crl", .texts, "The certificates that it has revoked, PEM or DER.", path: .read),
    ]

    private static let limits = [
        SchemaKey(
            "connections", .number(1...10_000_000),
            "Connections of clients at once; by default what the system lets the process open, less 256."),
        SchemaKey(
            "connectionsPerAddress", .number(1...10_000_000),
            "Those of one IPv4 address or one IPv6 network of 64 bits; any number by default."),
        SchemaKey("requestsPerConnection", .number(1...10_000_000), "Then it ends; any number by default."),
        SchemaKey("headerBytes", .number(1024...80_000), "A request's line and its fields.", usual: "65536"),
        SchemaKey("headerFields", .number(8...10_000), "How many fields.", usual: "128"),
        SchemaKey("bodyBytes", .number(256...65_536), "A request's body; by default what its route takes."),
        SchemaKey("requestTimeout", .duration, "From a request's first byte to its last.", usual: "30s"),
    ]

    private static let operations = [
        SchemaKey("address", .text, "The address to listen on, or unix:PATH.", usual: "127.0.0.1", path: .output),
        SchemaKey("port", .number(0...65535), "The port.", usual: "8081"),
    ]

    private static let auth: [SchemaKey] =
        [
            SchemaKey("htpasswd", .group(htpasswd), "A file of users, asked first."),
            SchemaKey("ldap", .group(DirectorySchema.keys), "A directory, asked next."),
            SchemaKey("mtls", .group(mtls), "What of a client's certificate says who it is."),
            SchemaKey("tokens", .group(tokens), "The tokens that are signed for registries."),
            SchemaKey("apikey", .bool, "API keys, and their REST API.", usual: "false"),
            SchemaKey("apiKeys", .group(apiKeys), "What is allowed of API keys.", usual: "{}"),
            SchemaKey("sessions", .group(sessions), "How long browsers stay logged in.", usual: "{}"),
            SchemaKey(
                "secureSession", .bool,
                "Whether browsers come over TLS; by default by the server's own and by externalURL."),
            SchemaKey(
                "failDelay", .duration, "A refusal is answered no earlier than this after the request; 0 for none.",
                usual: "1s"),
            SchemaKey("cache", .group(cache), "Verified passwords, under a keyed SHA-256.", usual: "{}"),
            SchemaKey(
                "throttle", .group(throttle), "Failures slow down the user at a network, and the network.", usual: "{}"),
            SchemaKey("ownerCheck", .group(ownerCheck), "An API key lives no longer than its owner.", usual: "{}"),
            SchemaKey("openid", .group(openID), "The providers that people log in with."),
            SchemaKey("bearer", .group(bearer), "Tokens that somebody else has signed."),
        ] + SchemaKey.skipped("sessionKeysFile", "sessionDriver")

    private static let htpasswd = [
        SchemaKey("path", .text, "The file; read again within a second of a change.", path: .read),
        SchemaKey("authoritative", .bool, "Whether its no is final for users that it knows.", usual: "false"),
        SchemaKey("groups", .text, "A group file in the form of Apache's AuthGroupFile.", path: .read),
        SchemaKey("rehash", .bool, "Replace a weak hash by bcrypt when its user logs in.", usual: "false"),
        SchemaKey("maximumHashTime", .duration, "A hash that takes longer on this machine is refused.", usual: "2s"),
        SchemaKey(
            "maximumHashTimes", .group(HashFormat.allCases.map { SchemaKey("\($0)", .duration, "For \($0) alone.") }),
            "Other times for single formats."),
        SchemaKey(
            "maximumHashMemory", .size,
            "Memory that a hash may take; by default a quarter of the machine's, at most 1 GiB."),
        SchemaKey("maximumBcryptCost", .number(4...31), "An exact limit for bcrypt instead of a time."),
        SchemaKey(
            "allowPlainText", .bool, "Take {PLAIN} and unmarked text for passwords in the clear.", usual: "false"),
        SchemaKey("allowTruncation", .bool, "Cut secrets of over 72 bytes for bcrypt, as Apache does.", usual: "false"),
    ]

    private static let mtls = [
        SchemaKey(
            "identityAttributes", .texts, "CommonName, Subject, Email, URI, DNSName: the first that yields a name.",
            usual: "[CommonName]"),
        SchemaKey(
            "uriSanPattern", .text, "A regular expression that must fit as a whole; its first group is the name."),
        SchemaKey("uriSanIndex", .number(0...100), "Which of several URIs counts.", usual: "0"),
        SchemaKey("dnsSanIndex", .number(0...100), "Which of several DNS names counts.", usual: "0"),
        SchemaKey("emailSanIndex", .number(0...100), "Which of several addresses counts.", usual: "0"),
    ]

    private static let tokens = [
        SchemaKey("issuer", .text, "As the registry's configuration names it."),
        SchemaKey("services", .texts, "The registries that tokens are made for, as each calls itself."),
        SchemaKey("key", .text, "The private key; by default one is made in storage.rootDirectory.", path: .state),
        SchemaKey("certificate", .text, "Its certificate; by default beside it.", path: .state),
        SchemaKey("previousKeys", .texts, "Keys that signed before, still published.", path: .read),
        SchemaKey("algorithm", .word(["ES256", "RS256"]), "For a key that is made.", usual: "ES256"),
        SchemaKey("lifetime", .duration, "How long a token is good: 1m to 24h.", usual: "5m"),
        SchemaKey("refreshLifetime", .duration, "How long a refresh token is.", usual: "90d"),
        SchemaKey("x5c", .bool, "Whether tokens carry the certificate.", usual: "false"),
    ]

    private static let apiKeys = [
        SchemaKey("maxLifetime", .duration, "A key ends no later than this after it was made."),
        SchemaKey("defaultLifetime", .duration, "When one ends whose creator has not said; never by default."),
        SchemaKey("maxPerUser", .number(1...1_000_000), "How many a user may have."),
        SchemaKey("requireExpiry", .bool, "Whether each key must have an end.", usual: "false"),
        SchemaKey("requireLabel", .bool, "Whether each key must have a label.", usual: "false"),
        SchemaKey("allowedScopes", .texts, "The scopes of a key must lie within these."),
        SchemaKey("unusedLifetime", .duration, "A key that nobody has used for so long is blocked."),
        SchemaKey(
            "passwords", .word(["anywhere", "keyManagementOnly"]),
            "Where passwords are good: everywhere, or to manage keys alone.", usual: "anywhere"),
        SchemaKey(
            "freshLogin", .word(FreshLogin.allCases.map(\.rawValue)),
            "Where managing keys by a session takes a login of the last ten minutes: everywhere, or on our pages alone.",
            usual: "everywhere"),
        SchemaKey("tombstones", .duration, "How long keys that have ended stay visible.", usual: "90d"),
        SchemaKey("administrators", .group(people), "Who may list and end others' keys."),
        SchemaKey(
            "alertAfterNetworks", .number(0...1_000_000),
            "A key used from more networks within an hour is an alert; 0 for none.", usual: "10"),
        SchemaKey("cache", .size, "Memory for all that is remembered of keys that were used lately.", usual: "64MiB"),
    ]

    private static let sessions = [
        SchemaKey("enabled", .bool, "Whether browsers can log in; by default where there are API keys."),
        SchemaKey("idle", .duration, "A session ends when it was not used for so long.", usual: "2h"),
        SchemaKey("lifetime", .duration, "It ends so long after the login in any case.", usual: "24h"),
        SchemaKey("maximumPerUser", .number(1...10_000), "One more ends the one used longest ago.", usual: "100"),
        SchemaKey(
            "cookieDomain", .text, "The domain that the cookie is for, with all hosts below it; one host by default."),
    ]

    private static let openID = [
        SchemaKey(
            "providers", .named(.group(provider + GroupNamingSection.keys)),
            "By a name of your choice, as it stands in addresses."),
        SchemaKey("identities", .list(.group(linkedIdentity)), "Who some people of the providers are, by your word."),
        SchemaKey("callbackAllowOrigins", .texts, "Origins that a browser may be sent to after its login."),
        SchemaKey(
            "loginValidFor", .duration, "Keys of people who have not logged in for so long are refused.", usual: "90d"),
    ]

    private static let linkedIdentity = [
        SchemaKey("provider", .text, "The provider's name."),
        SchemaKey("subject", .text, "The name that it never gives to a second person (sub; GitHub's number)."),
        SchemaKey("user", .text, "The user name here, of whatever source."),
    ]

    private static let provider = [
        SchemaKey("type", .word(["oidc", "github"]), "What it speaks; oidc, but for the name github."),
        SchemaKey("name", .text, "Its name for people."),
        SchemaKey("issuer", .text, "The address by which it names itself."),
        SchemaKey("clientid", .text, "As the provider has registered this server."),
        SchemaKey("clientsecret", .text, "The secret that belongs to it.", isSecret: true),
        SchemaKey("clientsecretFile", .text, "A file that holds it, instead.", path: .read),
        SchemaKey("credentialsFile", .text, "zot's file of clientid and clientsecret, instead.", path: .read),
        SchemaKey(
            "tokenAuthMethod", .word(["client_secret_basic", "client_secret_post"]),
            "How the secret goes to it; by default as it publishes."),
        SchemaKey("keypath", .text, "A private key, PEM, instead of a secret (private_key_jwt).", path: .read),
        SchemaKey("keyid", .text, "What the provider calls that key."),
        SchemaKey("discoveryURL", .text, "Where its metadata is, if not below the issuer."),
        SchemaKey(
            "certificateAuthorityFile", .text,
            "The authority of its TLS certificate, PEM, where it is none of the system's.", path: .read),
        SchemaKey("certificateAuthority", .text, "The same, as a text in this file."),
        SchemaKey("authurl", .text, "Where people log in, if not where the provider says."),
        SchemaKey("tokenurl", .text, "Where codes are exchanged, likewise."),
        SchemaKey("scopes", .texts, "What is asked for."),
        SchemaKey(
            "requiredClaims", .named(.texts),
            "What claims must say for a login to count, such as hd: example.org at Google. Compared as JSON."),
        SchemaKey(
            "trustNames", .bool,
            "Whether its people can't choose their names: a name that your rules give rights to is then theirs whose it is there.",
            usual: "false"),
        SchemaKey(
            "organizations", .texts, "The organizations of GitHub whose members may log in: being in one is enough."),
        SchemaKey(
            "anybody", .bool, "Lets in whoever has an account at a provider that gives anybody one.", usual: "false"),
        SchemaKey(
            "authTime", .word(["required", "none"]),
            "Whether the provider says when people have shown it who they are (auth_time).", usual: "required"),
        SchemaKey(
            "logoutRevokesKeys", .bool,
            "Whether a logout that the provider tells of revokes the person's API keys too.", usual: "false"),
        SchemaKey("algorithms", .texts, "The signatures that count; all that are safe by default."),
        SchemaKey(
            "claimMapping",
            .group([
                SchemaKey("username", .text, "The claim of the user name, or the path to it; email by default."),
                SchemaKey(
                    "groups", .text,
                    "The claim of the groups, or the path to it; groups by default, and an empty text for none."),
            ]), "Which claims say who somebody is."),
    ]

    private static let bearer = [
        SchemaKey("realm", .text, "Where clients get tokens; they are told so if it is an address."),
        SchemaKey("service", .text, "What the registry calls itself: for whom tokens must be."),
        SchemaKey(
            "cert", .text, "The key, its certificate, or a JSON Web Key Set, by which registry tokens are signed.",
            path: .read),
        SchemaKey("issuer", .text, "Who must have made those; anybody who has the key by default."),
        SchemaKey(
            "oidc", .list(.group(tokenIssuer + GroupNamingSection.keys)), "Issuers of tokens that programs come with."),
        SchemaKey("awsSecretsManager", .refused, "zot's keys at Amazon, which Latchkey does not fetch: see cert."),
        SchemaKey("upstreamTokenEndpoint", .refused, "zot's token proxy: Latchkey signs tokens itself, see tokens."),
    ]

    private static let tokenIssuer = [
        SchemaKey("issuer", .text, "As its tokens and its metadata name it."),
        SchemaKey("audiences", .texts, "For whom tokens must be: one of these."),
        SchemaKey(
            "requiredClaims", .named(.texts),
            "What claims must say for a token to count, such as repository_owner: acme. Compared as JSON."),
        SchemaKey("anybody", .bool, "Lets in every token of the issuer that is for us.", usual: "false"),
        SchemaKey("discoveryURL", .text, "Where its metadata is, if not below the issuer."),
        SchemaKey(
            "claimMapping",
            .group([
                SchemaKey(
                    "username", .text, "The claim of the user name.", usual: "claims.iss + '/' + claims.sub"),
                SchemaKey("groups", .text, "The claim of the groups; none by default."),
                SchemaKey("variables", .refused, "zot's variables in CEL, which Latchkey can't work out."),
                SchemaKey("validations", .refused, "zot's conditions in CEL, which Latchkey can't honour."),
            ]), "Which claims say who it is."),
        SchemaKey("algorithms", .texts, "The signatures that count; all that are safe by default."),
        SchemaKey("certificateAuthority", .text, "The authority of its TLS certificate, PEM."),
        SchemaKey("certificateAuthorityFile", .text, "A file that holds it, instead.", path: .read),
        SchemaKey("skipIssuerVerification", .refused, "zot's; an issuer whose metadata names another is not believed."),
        SchemaKey("name", .text, "What policies call it, before the names of its groups; its host by default."),
    ]

    private static let people = [
        SchemaKey("users", .texts, "By name."),
        SchemaKey("groups", .texts, "By the name, or the DN, of a group."),
    ]

    private static let cache = [
        SchemaKey("lifetime", .duration, "How long; 0 turns it off.", usual: "60s"),
        SchemaKey("capacity", .number(16...16_777_216), "How many.", usual: "65536"),
    ]

    private static let throttle = [
        SchemaKey("enabled", .bool, "Whether there is one.", usual: "true"),
        SchemaKey("freeFailuresPerUser", .number(1...1_000_000), "Wrong secrets that cost nothing yet.", usual: "3"),
        SchemaKey("freeFailuresPerNetwork", .number(1...1_000_000), "The same of a network.", usual: "50"),
        SchemaKey("firstDelay", .duration, "After the first that costs; each further one doubles it.", usual: "1s"),
        SchemaKey("maximumDelay", .duration, "The longest delay.", usual: "5m"),
        SchemaKey("halfLife", .duration, "The time in which half of the failures are forgiven.", usual: "10m"),
        SchemaKey(
            "wrongSecretsPerHour", .number(1...1000), "For somebody who has logged in from there before.", usual: "100"),
        SchemaKey(
            "alertAfter", .number(1...1_000_000), "Failures of one account in a row that are worth an alert.",
            usual: "100"),
        SchemaKey("ipv4PrefixLength", .number(0...32), "How much of an address makes a network.", usual: "32"),
        SchemaKey("ipv6PrefixLength", .number(0...128), "The same for IPv6.", usual: "64"),
        SchemaKey("capacity", .number(16...16_777_216), "How many are remembered.", usual: "65536"),
    ]

    private static let ownerCheck = [
        SchemaKey("interval", .duration, "How often a directory is asked.", usual: "5m"),
        SchemaKey("grace", .duration, "How long its last answer counts while it is away.", usual: "1h"),
    ]

    private static let actions = SchemaValue.list(
        .word(["read", "create", "update", "delete", "detectManifestCollision"]))

    private static let policy =
        people + [
            SchemaKey("actions", actions, "What they may do."),
            SchemaKey("conditions", .refused, "zot's conditions in CEL, which Latchkey can't honour."),
        ]

    private static let access = [
        SchemaKey(
            "repositories",
            .named(
                .group([
                    SchemaKey("policies", .list(.group(policy)), "Who may do what."),
                    SchemaKey("defaultPolicy", actions, "What anybody may who is known."),
                    SchemaKey("anonymousPolicy", actions, "What anybody may who is not."),
                ])),
            "By pattern: of those that take a repository the longest counts."),
        SchemaKey("adminPolicy", .group(policy), "Who may do what everywhere."),
        SchemaKey(
            "groups", .named(.group([SchemaKey("users", .texts, "Who is in it.")])), "Groups of your own."),
        SchemaKey(
            "groupNames", .word(["dn", "short", "both"]), "How policies name a directory's groups.", usual: "dn"),
        SchemaKey(
            "metrics",
            .group([
                SchemaKey("users", .texts, "By name."), SchemaKey("anonymousPolicy", actions, "[read] for anybody."),
            ]), "Who may read /metrics; anybody by default."),
    ]

    private static let storage: [SchemaKey] =
        [
            SchemaKey("rootDirectory", .text, "The folder of the API keys.", path: .state),
            SchemaKey(
                "postgresql", .group(postgreSQL),
                "A database that several nodes share, instead of a file in that folder."),
        ]
        + SchemaKey.skipped(
            "dedupe", "remoteCache", "gc", "commit", "gcDelay", "gcInterval", "retention", "storageDriver",
            "cacheDriver", "subPaths", "gcReferrers", "gcMaxSchedulerDelay", "untaggedImageRetentionDelay",
            "maxRepos", "redirectBlobURL", "gcTimeWindow", "fastRestart")

    private static let postgreSQL = [
        SchemaKey(
            "url", .text, "Where it is: postgresql://user@host1,host2/database?target_session_attrs=read-write.",
            isSecret: true),
        SchemaKey("host", .text, "Its host, or several with commas, instead of url."),
        SchemaKey("port", .number(1...65_535), "Its port, with host.", usual: "5432"),
        SchemaKey("database", .text, "Its name, with host; latchkey by default."),
        SchemaKey("user", .text, "The user, with host; latchkey by default."),
        SchemaKey("password", .text, "The password; better in a file.", isSecret: true),
        SchemaKey("passwordFile", .text, "A file that holds it.", path: .read),
        SchemaKey(
            "sslmode", .word(["disable", "require", "verify-ca", "verify-full"]),
            "How far TLS is demanded, with host; verify-full by default, but on this very machine."),
        SchemaKey("sslrootcert", .text, "The authority of its certificate, PEM; with host.", path: .read),
        SchemaKey("listenUrl", .text, "Where to listen at, if url leads to a pooler.", isSecret: true),
        SchemaKey("listenHost", .text, "The same, if host does."),
        SchemaKey("listenPort", .number(1...65_535), "Its port."),
        SchemaKey("pool", .number(1...256), "Connections at most, beside one that listens.", usual: "4"),
        SchemaKey("connectTimeout", .duration, "How long connecting may take.", usual: "5s"),
        SchemaKey("statementTimeout", .duration, "How long a statement may take, with its locks.", usual: "5s"),
        SchemaKey(
            "preparedStatements", .bool, "Off behind a pooler that gives each transaction another connection.",
            usual: "true"),
        SchemaKey("grace", .duration, "How long what is known goes on while it is away.", usual: "60s"),
    ]

    private static let log = [
        SchemaKey(
            "level",
            .word(["trace", "debug", "info", "notice", "warning", "error", "critical", "warn", "fatal", "panic"]),
            "What is logged.", usual: "info"),
        SchemaKey("format", .word(["text", "json", "journald"]), "How.", usual: "text"),
        SchemaKey("output", .text, "A file, syslog, or syslog:SOCKET; standard error by default.", path: .output),
        SchemaKey(
            "audit",
            .either(
                .text,
                .group([
                    SchemaKey("file", .text, "The file.", path: .state),
                    SchemaKey(
                        "sign", .text, "The key of signed checkpoints; it is made if it is not there.", path: .state),
                ])), "The audit trail: one JSON object a line, each linked to the one before.", path: .state),
    ]
}
