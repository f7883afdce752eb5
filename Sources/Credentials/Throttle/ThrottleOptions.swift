/// How failures slow a client down (rule 9).
public struct ThrottleOptions: Sendable, Hashable {
    /// Different wrong secrets for one user from one network that cost nothing yet.
    public var freeFailuresPerUser = 3
    /// Failures from one network, over all users, that cost nothing yet.
    public var freeFailuresPerNetwork = 50
    /// The wait after the first failure that costs; each further one doubles it.
    public var firstDelay = Duration.seconds(1)
    /// The longest wait.
    public var maximumDelay = Duration.seconds(300)
    /// The time in which half of the failures are forgiven.
    public var halfLife = Duration.seconds(600)
    /// Different wrong secrets an hour, for one user from one network, after which even somebody who has logged in from
    /// there is slowed: the verified cache must not answer guesses faster than this.
    public var wrongSecretsPerHour = 100
    /// Consecutive failures on one account, over all networks, that are worth an alert (NIST SP 800-63B, 5.2.2).
    public var alertAfter = 100
    /// How much of an IPv4 address makes a network, in bits.
    public var ipv4PrefixLength = 32
    /// How much of an IPv6 address makes a network, in bits.
    public var ipv6PrefixLength = 64
    /// How many users at networks, and how many networks, are remembered at most.
    public var capacity = 65_536

    /// The network that an address counts for; nil for this machine's own.
    func network(of client: IPAddress?) -> IPNetwork? {
        client.map { IPNetwork($0, prefixLength: $0.isIPv4 ? ipv4PrefixLength : ipv6PrefixLength) }
    }

    /// Options that a person who mistypes does not notice and a guesser does.
    public init() {}
}
