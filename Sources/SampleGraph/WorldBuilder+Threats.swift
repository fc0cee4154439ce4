import AnomalyModels

/// The underground: actors, their campaigns and tools, and the traces that these leave.
extension WorldBuilder {
    mutating func buildThreats() {
        buildMalware()
        let actors = buildActors()
        buildCampaigns(actors)
        buildIndicators()
    }

    private mutating func buildMalware() {
        for _ in 0..<take("malware") {
            let name = NameForge.malware(&random)
            let reference = add(
                EntityDraft(
                    type: "malware", name: name,
                    value: unusedValue("malware") { random in
                        NameForge.slug(name) + "." + NameForge.stem(&random)
                    },
                    sector: .underground,
                    tags: [random.pick(["stealer", "loader", "ransomware", "implant", "wiper"])],
                    metadata: [
                        ("platform", .text(random.pick(["windows", "linux", "android"]))),
                        ("first_sample", .number(random.integer(2014...2024))),
                        ("samples", .number(random.heavyTailed(exponent: 0.8, max: 5000))),
                        ("packed", .flag(random.chance(0.6))),
                    ]))
            if let sibling = malware.last, random.chance(0.35) {
                link(reference, sibling, "similar_to")
            }
            malware.append(reference)
            if !vulnerabilities.isEmpty, random.chance(0.5) {
                link(reference, random.pick(vulnerabilities), "uses")
            }
            for _ in 0..<random.heavyTailed(exponent: 1.1, max: 10) {
                guard addresses[.underground]?.isEmpty == false,
                    let address = addresses[.underground]?.draw(&random)
                else { break }
                link(reference, address, "communicates_with", weight: drawAmount(3))
            }
        }
    }

    private mutating func buildActors() -> [Int] {
        (0..<take("threat_actor")).map { _ in
            let name = NameForge.codename(&random)
            let reference = add(
                EntityDraft(
                    type: "threat_actor", name: name,
                    value: unusedValue("threat_actor") { random in
                        NameForge.slug(name) + "-" + NameForge.stem(&random)
                    },
                    sector: .underground,
                    tags: [random.pick(["espionage", "crime", "sabotage"])],
                    metadata: [
                        ("active_since", .number(random.integer(2009...2023))),
                        ("aliases", .number(random.integer(0...6))),
                        ("motive", .text(random.pick(["money", "secrets", "noise"]))),
                    ]))
            for _ in 0..<random.integer(1...4) { link(reference, random.pick(malware), "uses") }
            if random.chance(0.4) {
                link(random.pick(people[.underground, default: []]), reference, "part_of")
            }
            return reference
        }
    }

    private mutating func buildCampaigns(_ actors: [Int]) {
        for _ in 0..<take("campaign") {
            let name = "Operation " + NameForge.codename(&random)
            let victim = drawSector()
            let reference = add(
                EntityDraft(
                    type: "campaign", name: name,
                    value: unusedValue("campaign") { random in
                        NameForge.slug(name) + "-" + NameForge.stem(&random)
                    },
                    sector: .underground,
                    tags: ["targets-" + victim.rawValue],
                    metadata: [
                        ("victims", .number(random.heavyTailed(exponent: 1, max: 300))),
                        ("lure", .text(random.pick(["invoice", "parcel", "job", "survey"]))),
                    ]))
            link(reference, random.pick(actors), "attributed_to")
            for _ in 0..<random.integer(1...3) { link(reference, random.pick(malware), "uses") }
            for _ in 0..<random.integer(1...4) {
                link(reference, random.pick(companiesBySize[victim, default: []]), "targets")
            }
            for _ in 0..<random.integer(1...6) {
                link(reference, random.pick(domains[.underground, default: []]), "uses")
            }
        }
    }

    private mutating func buildIndicators() {
        var families = Urn(malware, reinforcement: 0.7)
        for _ in 0..<take("indicator") {
            let kind = random.pick(["sha256", "sha256", "url", "mutex", "pattern"])
            let reference = add(
                EntityDraft(
                    type: "indicator",
                    name: kind + " " + NameForge.stem(&random),
                    value: unusedValue("indicator") { random in
                        switch kind {
                        case "sha256": NameForge.hexadecimal(64, &random)
                        case "url":
                            "https://\(NameForge.stem(&random)).invalid/"
                                + NameForge.hexadecimal(8, &random)
                        default: kind + ":" + NameForge.hexadecimal(16, &random)
                        }
                    },
                    sector: .underground,
                    tags: [kind],
                    metadata: [
                        ("kind", .text(kind)),
                        ("detections", .number(random.integer(0...60))),
                        ("shareable", .flag(random.chance(0.7))),
                        ("expires_days", .number(random.pick([30, 90, 180, 365]))),
                    ]))
            link(reference, families.draw(&random), "indicator_of")
            if random.chance(0.4) {
                link(reference, random.pick(domains[.underground, default: []]), "related_to")
            }
        }
    }

    /// What a source once reported and nobody linked to anything.
    mutating func buildLoners() {
        let missing = options.entityCount - entities.count
        for index in 0..<missing {
            let sector = drawSector()
            let kind = ["person", "email", "domain", "phone"][index % 4]
            let stem = NameForge.stem(&random)
            let value = unusedValue(kind) { random in
                switch kind {
                case "person": stem + "-" + NameForge.hexadecimal(6, &random)
                case "email":
                    "\(stem).\(NameForge.stem(&random))@mail.\(NameForge.suffix(&random))"
                case "domain":
                    "\(stem)-\(NameForge.stem(&random)).\(NameForge.suffix(&random))"
                default:
                    "+1 \(random.integer(201...989)) 555 01\(random.integer(10...99))"
                }
            }
            add(
                EntityDraft(
                    type: kind, name: stem.capitalizedFirst, value: value, sector: sector,
                    region: sector.region))
        }
    }
}
