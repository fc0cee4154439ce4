import AnomalyModels

/// The world while it is being built: entities, relationships, and who belongs where.
///
/// Entities come first in an order that lets each find its partners; what happened to them since
/// is added by `HistoryWriter`.
struct WorldBuilder {
    let options: SampleGraph.Options
    var random: SeededRandom
    var entities: [SampleEntity] = []
    var relationships: [SampleRelationship] = []
    /// How each entity is updated, by position.
    var rhythms: [Rhythm] = []
    /// How many entities of each type are still to be made.
    var remaining: [String: Int] = [:]
    /// The values of each type that are taken.
    var taken: [String: Set<String>] = [:]

    // Who there is, for linking.
    var locations: [Region: [Int]] = [:]
    var networks = Urn([], reinforcement: 0)
    var registrars: [Int] = []
    var hosts: [Int] = []
    var contentNetworks: [Int] = []
    var contentAddresses: [Int] = []
    var addresses: [Sector: Urn] = [:]
    var companies: [Sector: [Int]] = [:]
    var people: [Sector: [Int]] = [:]
    var personRegistrants: [Sector: Urn] = [:]
    var emails: [Sector: [Int]] = [:]
    var domains: [Sector: [Int]] = [:]
    var handles: [Sector: [Int]] = [:]
    var devices: [Sector: [Int]] = [:]
    var vulnerabilities: [Int] = []
    var malware: [Int] = []
    /// The companies of each sector, each repeated by its size.
    var companiesBySize: [Sector: [Int]] = [:]

    init(_ options: SampleGraph.Options) {
        self.options = options
        random = SeededRandom(seed: options.seed, stream: 1)
    }

    mutating func build() {
        apportion()
        buildGround()
        buildCompanies()
        buildPeople()
        buildDomains()
        buildAccounts()
        buildDevices()
        buildThreats()
        buildLoners()
    }

    /// Splits the entities among the types; one in a hundred stays a loner of any type.
    private mutating func apportion() {
        let loners = options.entityCount / 100
        var left = options.entityCount - loners
        let total = TypeTraits.types.reduce(0) { $0 + TypeTraits.of($1).share }
        for type in TypeTraits.types.dropFirst() {
            let share = TypeTraits.of(type).share / total
            let count = max(6, Int(share * Double(options.entityCount - loners)))
            remaining[type] = count
            left -= count
        }
        remaining["domain"] = left
    }

    /// How many entities of a type are left to make, at most `wanted`; takes them off.
    mutating func take(_ type: String, _ wanted: Int = .max) -> Int {
        let count = min(wanted, remaining[type, default: 0])
        remaining[type, default: 0] -= count
        return count
    }

    /// A business sector, large ones more often.
    mutating func drawSector() -> Sector {
        let total = Sector.business.reduce(0) { $0 + $1.share }
        var rest = random.uniform() * total
        for sector in Sector.business {
            rest -= sector.share
            if rest < 0 { return sector }
        }
        return .finance
    }

    /// The sector of the next member of a kind: each has two before the draw decides.
    mutating func sector(ofMember index: Int) -> Sector {
        let business = Sector.business
        return index < business.count * 2 ? business[index % business.count] : drawSector()
    }

    /// The given sector, or now and then another one: the few links between communities.
    mutating func nearby(_ sector: Sector, strangers: Double = 0.03) -> Sector {
        random.chance(strangers) ? drawSector() : sector
    }

    /// A value that no entity of the type has yet.
    mutating func unusedValue(_ type: String, _ make: (inout SeededRandom) -> String) -> String {
        var value = make(&random)
        var attempt = 1
        while !taken[type, default: []].insert(value).inserted {
            attempt += 1
            value = make(&random)
            // Where fresh draws do not help, a number does: short lists of syllables run dry.
            if attempt > 12 { value = Self.distinguished(value, attempt) }
        }
        return value
    }

    /// Puts a number into a value before its last part, where host names and addresses allow it.
    private static func distinguished(_ value: String, _ number: Int) -> String {
        if let at = value.firstIndex(of: "@") ?? value.firstIndex(of: ".") {
            return value[..<at] + "\(number)" + value[at...]
        }
        return "\(value)-\(number)"
    }
}
