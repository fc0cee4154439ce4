/// How entities of one type usually look: what is known of them and how often it changes.
struct TypeTraits {
    /// The share of all entities.
    var share: Double
    /// Mean and spread of the confidence.
    var confidence: (mean: Double, spread: Double)
    /// Mean and spread of the risk score.
    var risk: (mean: Double, spread: Double)
    /// The share without a risk score.
    var riskMissing: Double
    /// The share without a name.
    var nameMissing: Double
    /// The median time between two updates, in days.
    var updateGapDays: Double
    /// The share that is updated by a schedule rather than by chance.
    var scheduled: Double
    /// The share that an analyst has confirmed.
    var verified: Double
    /// Who reports it.
    var sources: [String]

    /// The types in the order in which they take their part of the entities.
    static let types: [String] = [
        "domain", "ip_address", "person", "email", "social_handle", "company", "device",
        "indicator", "website", "phone", "service", "vulnerability", "location", "network",
        "malware", "campaign", "threat_actor",
    ]

    /// The types whose metadata comes from registers, complete but for a field here and there.
    static let registered: Set<String> = [
        "company", "service", "network", "vulnerability", "device", "malware", "location",
    ]

    /// How many of a type live at night.
    static func nightShare(of type: String) -> Double {
        ["person", "social_handle", "email"].contains(type) ? 0.03 : 0
    }

    static func of(_ type: String) -> TypeTraits {
        switch type {
        case "domain":
            traits(0.255, (0.78, 0.12), (0.18, 0.12), 0.15, 0.30, 45, 0.04, 0.25, webSources)
        case "ip_address":
            traits(0.17, (0.74, 0.13), (0.20, 0.14), 0.18, 0.70, 22, 0.06, 0.15, webSources)
        case "person":
            traits(0.13, (0.68, 0.15), (0.15, 0.12), 0.55, 0.03, 40, 0.01, 0.20, peopleSources)
        case "email":
            traits(0.09, (0.70, 0.14), (0.16, 0.13), 0.40, 0.75, 60, 0.01, 0.15, peopleSources)
        case "social_handle":
            traits(0.075, (0.62, 0.16), (0.20, 0.14), 0.35, 0.35, 7, 0.03, 0.10, peopleSources)
        case "company":
            traits(0.06, (0.86, 0.08), (0.12, 0.10), 0.20, 0.003, 25, 0.05, 0.55, companySources)
        case "device":
            traits(0.06, (0.76, 0.12), (0.24, 0.15), 0.25, 0.15, 12, 0.12, 0.20, deviceSources)
        case "indicator":
            traits(0.05, (0.66, 0.17), (0.72, 0.14), 0.08, 0.60, 16, 0.08, 0.30, threatSources)
        case "website":
            traits(0.035, (0.78, 0.12), (0.16, 0.11), 0.25, 0.20, 20, 0.08, 0.20, webSources)
        case "phone":
            traits(0.025, (0.66, 0.15), (0.12, 0.10), 0.60, 0.85, 70, 0.00, 0.15, peopleSources)
        case "service":
            traits(0.017, (0.88, 0.07), (0.16, 0.10), 0.10, 0.00, 8, 0.35, 0.60, deviceSources)
        case "vulnerability":
            traits(0.012, (0.90, 0.06), (0.62, 0.18), 0.05, 0.10, 30, 0.05, 0.70, threatSources)
        case "location":
            traits(0.010, (0.93, 0.05), (0.08, 0.06), 0.60, 0.00, 120, 0.00, 0.80, companySources)
        case "network":
            traits(0.008, (0.92, 0.05), (0.15, 0.10), 0.10, 0.02, 7, 0.45, 0.70, deviceSources)
        case "malware":
            traits(0.007, (0.80, 0.11), (0.86, 0.08), 0.03, 0.00, 10, 0.10, 0.60, threatSources)
        case "campaign":
            traits(0.006, (0.70, 0.14), (0.80, 0.10), 0.10, 0.00, 12, 0.02, 0.45, threatSources)
        case "threat_actor":
            traits(0.004, (0.68, 0.15), (0.88, 0.07), 0.05, 0.00, 14, 0.02, 0.40, threatSources)
        default:
            preconditionFailure("the world has only the types listed above")
        }
    }

    private static func traits(
        _ share: Double, _ confidence: (Double, Double), _ risk: (Double, Double),
        _ riskMissing: Double, _ nameMissing: Double, _ updateGapDays: Double,
        _ scheduled: Double, _ verified: Double, _ sources: [String]
    ) -> TypeTraits {
        TypeTraits(
            share: share, confidence: confidence, risk: risk, riskMissing: riskMissing,
            nameMissing: nameMissing, updateGapDays: updateGapDays, scheduled: scheduled,
            verified: verified, sources: sources)
    }

    private static let webSources = [
        "passive-dns", "certificate-log", "whois-archive", "scan-census", "crawler",
        "partner-feed",
    ]
    private static let peopleSources = [
        "social-crawl", "corporate-register", "press-archive", "whois-archive", "tip-line",
        "leak-index",
    ]
    private static let companySources = [
        "corporate-register", "press-archive", "annual-reports", "crawler", "partner-feed",
    ]
    private static let deviceSources = [
        "scan-census", "routing-table", "asset-register", "netflow", "partner-feed",
    ]
    private static let threatSources = [
        "sandbox", "honeynet", "analyst-desk", "partner-feed", "abuse-inbox", "tip-line",
        "advisories",
    ]
}

/// How an entity's updates are spread over time.
struct Rhythm {
    /// The mean time between two updates, in days.
    var gapDays: Double
    /// Whether updates come by a schedule, with little jitter.
    var isScheduled: Bool
    /// When its surroundings are awake.
    var calendar: WorkCalendar
    /// From when on nothing was heard of it; `nil` for the lively.
    var silentFrom: Double?
    /// When it came back; `nil` if it did not.
    var silentUntil: Double?
}
