import AnomalyModels

/// Companies and those who work for them.
extension WorldBuilder {
    mutating func buildCompanies() {
        for index in 0..<take("company") {
            let sector = sector(ofMember: index)
            let region = random.chance(0.8) ? sector.region : random.pick(Region.allCases)
            let size = random.heavyTailed(exponent: 1.15, max: 30)
            let name = NameForge.company(sector, &random)
            let register = region.rawValue.prefix(2).uppercased()
            let reference = add(
                EntityDraft(
                    type: "company", name: name,
                    value: unusedValue("company") { random in
                        "\(register)-\(random.integer(100_000...999_999))"
                    },
                    sector: sector,
                    region: region,
                    metadata: [
                        ("employees", .number(size * random.integer(15...90))),
                        ("founded", .number(random.integer(1924...2021))),
                        ("legal_form", .text(random.pick(["Ltd", "GmbH", "SA", "AB", "Inc"]))),
                        ("register", .text(register)),
                        ("listed", .flag(size > 8)),
                    ],
                    isPillar: size > 12))
            companies[sector, default: []].append(reference)
            companiesBySize[sector, default: []] += Array(repeating: reference, count: size)
            link(reference, random.pick(locations[region, default: []]), "located_in")
        }
        for sector in Sector.business { linkCompanies(of: sector) }
    }

    /// Suppliers and customers, mostly within the sector, and the services that they depend on.
    private mutating func linkCompanies(of sector: Sector) {
        for company in companies[sector, default: []] {
            for _ in 0..<random.heavyTailed(exponent: 1.6, max: 8) {
                let other = nearby(sector, strangers: 0.05)
                let partner = random.pick(companiesBySize[other, default: []])
                link(company, partner, random.pick(["related_to", "depends_on", "owns"]))
            }
            if random.chance(0.6) {
                link(company, preferredHost(sector), "depends_on", weight: nil)
            }
            if random.chance(0.08) {
                link(company, random.pick(contentNetworks), "depends_on")
            }
        }
    }

    /// A hosting service that the sector likes, or a popular one.
    mutating func preferredHost(_ sector: Sector) -> Int {
        popular(hosts, sector: sector, choices: 3, loyalty: 0.75)
    }

    /// A registrar that the sector likes, or a popular one.
    mutating func preferredRegistrar(_ sector: Sector) -> Int {
        popular(registrars, sector: sector, choices: 2, loyalty: 0.6)
    }

    /// One of a sector's usual choices, or of all by Zipf's law.
    private mutating func popular(
        _ all: [Int], sector: Sector, choices: Int, loyalty: Double
    ) -> Int {
        if random.chance(loyalty) {
            return all[(sector.number * choices + random.index(below: choices)) % all.count]
        }
        return all[min(all.count, random.heavyTailed(exponent: 0.6, max: all.count)) - 1]
    }

    mutating func buildPeople() {
        for index in 0..<take("person") {
            let sector: Sector = index % 25 == 24 ? .underground : sector(ofMember: index)
            addPerson(sector)
        }
        for sector in Sector.allCases { befriend(people[sector, default: []], sector) }
    }

    private mutating func addPerson(_ sector: Sector) {
        let region = random.chance(0.8) ? sector.region : random.pick(Region.allCases)
        let name = NameForge.person(&random)
        let roles = ["engineer", "analyst", "accountant", "director", "clerk", "buyer", "editor"]
        let reference = add(
            EntityDraft(
                type: "person", name: name,
                value: unusedValue("person") { random in
                    NameForge.slug(name) + "-" + NameForge.hexadecimal(4, &random)
                },
                sector: sector,
                region: region,
                metadata: [
                    ("role", .text(random.pick(roles))),
                    ("languages", .number(random.integer(1...4))),
                    ("birth_year", .number(random.integer(1948...2004))),
                    ("public_profile", .flag(random.chance(0.5))),
                ],
                isShady: sector == .underground))
        people[sector, default: []].append(reference)
        if sector != .underground, random.chance(0.85) {
            let employer = random.pick(companiesBySize[nearby(sector), default: []])
            link(reference, employer, random.chance(0.06) ? "manages" : "works_for")
        }
        if random.chance(0.45) {
            link(reference, random.pick(locations[region, default: []]), "located_in")
        }
    }

    /// Friendships: some by chance, many with the friends of friends, few far away.
    private mutating func befriend(_ circle: [Int], _ sector: Sector) {
        guard circle.count > 4 else { return }
        var friends: [Int: [Int]] = [:]
        var popular = Urn(circle, reinforcement: 0.4)
        for person in circle {
            for _ in 0..<random.integer(0...3) {
                var friend = popular.draw(&random)
                if let acquaintances = friends[person], random.chance(0.5) {
                    // Closing a triangle: a friend of somebody whom one knows already.
                    let between = random.pick(acquaintances)
                    friend = random.pick(friends[between] ?? [friend])
                } else if random.chance(0.03) {
                    friend = random.pick(people[nearby(sector, strangers: 1), default: circle])
                }
                guard friend != person, !friends[person, default: []].contains(friend),
                    link(person, friend, "friend_of")
                else { continue }
                friends[person, default: []].append(friend)
                friends[friend, default: []].append(person)
            }
        }
    }
}
