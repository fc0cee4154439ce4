import AnomalyModels

/// Mail addresses, telephone numbers and social accounts of people and companies.
extension WorldBuilder {
    mutating func buildAccounts() {
        buildEmails()
        buildPhones()
        buildHandles()
    }

    private mutating func buildEmails() {
        for index in 0..<take("email") {
            let sector: Sector = index % 14 == 13 ? .underground : drawSector()
            let owner = random.pick(people[sector, default: []])
            let domain = random.pick(domains[sector, default: []])
            let host = entities[domain - 1].value
            let words = NameForge.slug(entities[owner - 1].name ?? NameForge.person(&random))
            let reference = add(
                EntityDraft(
                    type: "email", name: nil,
                    value: unusedValue("email") { random in
                        let number = random.chance(0.4) ? String(random.integer(1...99)) : ""
                        return words.split(separator: "-").joined(separator: ".") + number
                            + "@" + host
                    },
                    sector: sector, region: sector.region,
                    metadata: [
                        ("kind", .text(random.pick(["work", "private", "role"]))),
                        ("breaches", .number(random.heavyTailed(exponent: 1.4, max: 12) - 1)),
                        ("deliverable", .flag(random.chance(0.85))),
                    ],
                    isShady: sector == .underground))
            link(owner, reference, "uses")
            link(reference, domain, "part_of")
            emails[sector, default: []].append(reference)
            // Mail between two people is seen again and again: several rows for one pair.
            if index > 0, random.chance(0.3) {
                let other = random.pick(people[sector, default: []])
                for _ in 0..<random.heavyTailed(exponent: 1.3, max: 6) {
                    link(reference, other, "communicates_with", weight: drawAmount(12))
                }
            }
        }
        for sector in Sector.allCases { nameRegistrants(of: sector) }
    }

    /// One domain in four names the mail address of its registrant; agents have dozens.
    private mutating func nameRegistrants(of sector: Sector) {
        guard let circle = emails[sector], !circle.isEmpty else { return }
        var registrants = Urn(circle, reinforcement: 0.65)
        for domain in domains[sector, default: []] where random.chance(0.25) {
            link(domain, registrants.draw(&random), "registered_by")
        }
    }

    private mutating func buildPhones() {
        for _ in 0..<take("phone") {
            let sector = drawSector()
            let reference = add(
                EntityDraft(
                    type: "phone", name: "Line of " + NameForge.stem(&random).capitalizedFirst,
                    // Numbers that are kept free for fiction in two countries.
                    value: unusedValue("phone") { random in
                        random.chance(0.5)
                            ? "+44 1632 960\(random.integer(100...999))"
                            : "+1 \(random.integer(201...989)) 555 01\(random.integer(10...99))"
                    },
                    sector: sector, region: sector.region,
                    metadata: [
                        ("kind", .text(random.pick(["mobile", "fixed", "voip"]))),
                        ("prepaid", .flag(random.chance(0.3))),
                    ]))
            link(random.pick(people[sector, default: []]), reference, "uses")
            if random.chance(0.35) {
                link(random.pick(companiesBySize[sector, default: []]), reference, "uses")
            }
        }
    }

    private mutating func buildHandles() {
        for index in 0..<take("social_handle") {
            let sector: Sector = index % 12 == 11 ? .underground : drawSector()
            let owner = random.pick(people[sector, default: []])
            // One account in ten has been dead for half a year, after a lively time.
            let isDormant = index % 10 == 4
            let word = NameForge.stem(&random)
            let reference = add(
                EntityDraft(
                    type: "social_handle", name: word.capitalizedFirst,
                    value: unusedValue("social_handle") { random in
                        "@" + word + (random.chance(0.5) ? "_\(random.integer(1...999))" : "")
                    },
                    sector: sector, region: sector.region,
                    tags: [random.pick(["microblog", "forum", "video", "chat"])],
                    metadata: [
                        ("followers", .number(random.heavyTailed(exponent: 0.7, max: 900_000))),
                        ("posts", .number(random.heavyTailed(exponent: 0.8, max: 20_000))),
                        ("protected", .flag(random.chance(0.15))),
                    ],
                    isShady: sector == .underground && !isDormant, isDormant: isDormant))
            handles[sector, default: []].append(reference)
            if random.chance(0.8) { link(owner, reference, "uses") }
            if random.chance(0.12) {
                link(random.pick(companiesBySize[nearby(.media), default: []]), reference, "uses")
            }
        }
        for sector in Sector.allCases { follow(handles[sector, default: []], sector) }
    }

    private mutating func follow(_ circle: [Int], _ sector: Sector) {
        guard circle.count > 2 else { return }
        var popular = Urn(circle, reinforcement: 0.65)
        for handle in circle {
            for _ in 0..<random.heavyTailed(exponent: 1.1, max: 15) {
                let isStranger = random.chance(0.04)
                let other =
                    isStranger
                    ? random.pick(handles[drawSector(), default: circle]) : popular.draw(&random)
                link(handle, other, "follows")
            }
        }
    }

    /// An amount such as megabytes or messages, with a long tail.
    mutating func drawAmount(_ median: Double) -> Double {
        SampleGraph.rounded(random.logNormal(median: median, spread: 1.2))
    }
}
