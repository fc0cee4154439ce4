import AnomalyModels

/// Domains and what hangs on them: owners, registrars, addresses, hosting, web sites.
extension WorldBuilder {
    mutating func buildDomains() {
        let total = remaining["domain", default: 0]
        registerInBulk(campaignCount: max(2, total / 400))
        for index in 0..<take("domain") {
            let sector: Sector = index % 9 == 8 ? .underground : sector(ofMember: index)
            addDomain(sector)
        }
        buildWebsites()
    }

    /// A company protects its brand: dozens of domains on one working day, all in good order.
    private mutating func registerInBulk(campaignCount: Int) {
        for _ in 0..<campaignCount {
            let sector = drawSector()
            let company = random.pick(companiesBySize[sector, default: []])
            let calendar = rhythms[company - 1].calendar
            let lower = max(entities[company - 1].createdAt, options.start + 12 * 86_400)
            let upper = options.now - 3 * 86_400
            guard rhythms[company - 1].silentFrom == nil, lower < upper else { continue }
            var moment = calendar.moment(from: lower, to: upper, &random)
            let registrar = preferredRegistrar(sector)
            let brand = NameForge.stem(&random)
            for _ in 0..<take("domain", random.integer(20...40)) {
                moment += random.exponential(mean: 300)
                let domain = addDomain(
                    sector, owner: company, registrar: registrar, brand: brand, at: moment)
                domains[sector, default: []].append(domain)
            }
        }
    }

    private mutating func addDomain(_ sector: Sector) {
        let isShady = sector == .underground
        let brand = NameForge.stem(&random)
        let owner: Int? =
            isShady || random.chance(0.18)
            ? nil : random.pick(companiesBySize[nearby(sector, strangers: 0.02), default: []])
        let domain = addDomain(
            sector, owner: owner, registrar: preferredRegistrar(sector), brand: brand, at: nil)
        domains[sector, default: []].append(domain)
    }

    private mutating func addDomain(
        _ sector: Sector, owner: Int?, registrar: Int, brand: String, at moment: Double?
    ) -> Int {
        let isShady = sector == .underground
        let value = unusedValue("domain") { random in
            let word = NameForge.slug(random.pick(sector.companyWords))
            let host =
                switch random.uniform() {
                case ..<0.4: "\(brand)-\(word)"
                case ..<0.6: brand
                case ..<0.8: "\(brand)\(random.integer(2...99))"
                default: "\(random.pick(["my", "get", "the", "go", "app"]))\(brand)"
                }
            return host + "." + NameForge.suffix(&random)
        }
        let reference = add(
            EntityDraft(
                type: "domain", name: value, value: value, sector: sector, region: sector.region,
                tags: isShady && random.chance(0.6) ? ["suspicious"] : [],
                metadata: [
                    ("registered", .number(random.integer(2004...2024))),
                    ("name_servers", .number(random.integer(2...4))),
                    ("dnssec", .flag(random.chance(0.3))),
                    ("certificates", .number(random.heavyTailed(exponent: 1, max: 60))),
                    ("mail", .flag(random.chance(0.6))),
                ],
                createdAt: moment,
                isShady: isShady))
        let prompt = moment != nil
        if let owner { link(owner, reference, "owns", prompt: prompt) }
        link(registrar, reference, "manages", prompt: prompt)
        resolve(reference, sector, prompt: prompt)
        if owner == nil, random.chance(0.7) || isShady {
            link(reference, drawRegistrant(sector), "registered_by", prompt: prompt)
        }
        return reference
    }

    /// A person who registers domains, mostly one who has done so before: agents hold many.
    private mutating func drawRegistrant(_ sector: Sector) -> Int {
        let beginners = Urn(people[sector, default: []], reinforcement: 0.6)
        return personRegistrants[sector, default: beginners].draw(&random)
    }

    /// Addresses and hosting; one domain in eight sits behind a content network.
    private mutating func resolve(_ domain: Int, _ sector: Sector, prompt: Bool) {
        if sector != .underground, random.chance(0.12) {
            let index = random.heavyTailed(exponent: 0.8, max: contentNetworks.count) - 1
            link(domain, contentNetworks[index], "hosted_on", prompt: prompt)
            let own = contentAddresses.indices.filter { $0 % contentNetworks.count == index }
            for _ in 0..<random.integer(1...2) {
                link(domain, contentAddresses[random.pick(own)], "resolves_to", prompt: prompt)
            }
            return
        }
        if random.chance(0.75) {
            link(domain, preferredHost(sector), "hosted_on", prompt: prompt)
        }
        let home = nearby(sector, strangers: 0.02)
        for _ in 0..<random.heavyTailed(exponent: 1.8, max: 6) {
            // In place: a copy of the urn for each draw would make a large world quadratic.
            guard addresses[home]?.isEmpty == false,
                let address = addresses[home]?.draw(&random)
            else { break }
            link(domain, address, "resolves_to", prompt: prompt)
        }
    }

    private mutating func buildWebsites() {
        for _ in 0..<take("website") {
            let sector = drawSector()
            let domain = random.pick(domains[sector, default: []])
            let host = entities[domain - 1].value
            let page = random.pick(["shop", "news", "portal", "jobs", "help", "login", "blog"])
            let reference = add(
                EntityDraft(
                    type: "website", name: page.capitalizedFirst + " of " + host,
                    value: unusedValue("website") { random in
                        "https://\(host)/\(page)/\(NameForge.stem(&random))"
                    },
                    sector: sector, region: sector.region,
                    metadata: [
                        ("status", .number(random.pick([200, 200, 200, 301, 403, 503]))),
                        ("language", .text(random.pick(["en", "de", "fr", "es"]))),
                        ("framework", .text(random.pick(["static", "cms", "shop"]))),
                    ]))
            link(reference, domain, "part_of")
            if random.chance(0.5) {
                link(random.pick(companiesBySize[sector, default: []]), reference, "owns")
            }
            for _ in 0..<random.integer(0...3) {
                let other = random.pick(domains[nearby(sector, strangers: 0.06), default: [domain]])
                link(reference, other, "references")
            }
        }
    }
}
