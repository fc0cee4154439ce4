import AnomalyModels

/// What all others stand on: places, networks, addresses, registrars and hosting.
extension WorldBuilder {
    mutating func buildGround() {
        buildLocations()
        buildNetworks()
        buildServices()
        buildAddresses()
    }

    private mutating func buildLocations() {
        for index in 0..<take("location") {
            let region = Region.allCases[index % Region.allCases.count]
            let city = NameForge.city(&random)
            let value = unusedValue("location") { _ in
                "\(region.rawValue.lowercased())/\(city.lowercased())"
            }
            let metadata: [(key: String, value: JSONValue)] = [
                ("region", .text(region.rawValue)),
                ("population", .number(random.integer(4...900) * 1000)),
                ("hours_from_utc", .number(Int(region.secondsFromUTC / 3600))),
            ]
            locations[region, default: []].append(
                add(
                    EntityDraft(
                        type: "location", name: city, value: value, region: region,
                        metadata: metadata, isPillar: true)))
        }
    }

    private mutating func buildNetworks() {
        let documentation = Array(64496...64511) + Array(65536...65551)
        networks = Urn([], reinforcement: 0.75)
        for index in 0..<take("network") {
            // Beyond the 32 numbers for documentation there are those for private use.
            let number =
                index < documentation.count
                ? documentation[index] : 4_200_000_000 + index - documentation.count
            let name = NameForge.stem(&random).capitalizedFirst + " Backbone"
            let reference = add(
                EntityDraft(
                    type: "network", name: name,
                    value: unusedValue("network") { _ in "AS\(number)" },
                    tags: ["network"],
                    metadata: [
                        ("prefixes", .number(random.heavyTailed(exponent: 0.9, max: 4000))),
                        ("holder", .text(name)),
                        ("peering", .text(random.pick(["open", "selective", "restrictive"]))),
                    ],
                    isPillar: true))
            networks.add(reference)
        }
    }

    private mutating func buildServices() {
        let total = take("service")
        for index in 0..<total {
            let stem = NameForge.stem(&random).capitalizedFirst
            let (kind, name): (String, String) =
                switch index {
                case ..<max(5, total / 12): ("registrar", "\(stem) Registrar")
                case ..<max(8, total / 12 + 3): ("cdn", "\(stem) Edge")
                case ..<max(8, total * 2 / 3): ("hosting", "\(stem) Hosting")
                default:
                    (random.pick(["mail", "analytics", "payment", "storage"]), "\(stem) Cloud")
                }
            let reference = add(
                EntityDraft(
                    type: "service", name: name,
                    value: unusedValue("service") { random in
                        "\(NameForge.slug(name)).\(NameForge.suffix(&random))"
                    },
                    tags: [kind],
                    metadata: [
                        ("kind", .text(kind)),
                        ("abuse_contact", .flag(random.chance(0.8))),
                        ("since", .number(random.integer(1998...2022))),
                    ],
                    isPillar: true))
            switch kind {
            case "registrar": registrars.append(reference)
            case "cdn": contentNetworks.append(reference)
            default: hosts.append(reference)
            }
            if random.chance(0.7) { link(reference, networks.draw(&random), "connected_to") }
        }
    }

    private mutating func buildAddresses() {
        let count = take("ip_address")
        for sector in Sector.allCases { addresses[sector] = Urn([], reinforcement: 0.45) }
        for index in 0..<count {
            // Each content network answers from a handful of addresses; each sector has its own.
            let isContent = index < contentNetworks.count * 4
            let sector: Sector =
                isContent ? .finance : index % 12 == 11 ? .underground : drawSector()
            let reference = addAddress(isContent ? nil : sector, isPillar: isContent)
            if isContent {
                contentAddresses.append(reference)
                let owner = contentNetworks[index % contentNetworks.count]
                link(owner, reference, "uses")
            } else {
                addresses[sector]?.add(reference)
            }
            link(reference, networks.draw(&random), "part_of")
            if random.chance(0.4) {
                link(reference, random.pick(locations[sector.region, default: []]), "located_in")
            }
        }
    }

    private mutating func addAddress(_ sector: Sector?, isPillar: Bool) -> Int {
        // There are 762 short ones in all; half of them stay free, for what happens later.
        let isShort = taken["ip_address", default: []].count < 700 && random.chance(0.55)
        let value = unusedValue("ip_address") { random in
            isShort ? SampleGraph.shortAddress(&random) : SampleGraph.longAddress(&random)
        }
        return add(
            EntityDraft(
                type: "ip_address",
                name: NameForge.slug(NameForge.stem(&random)) + ".host.example",
                value: value,
                sector: sector,
                region: sector?.region,
                tags: isPillar ? ["cdn"] : [],
                metadata: [
                    ("version", .number(value.contains(":") ? 6 : 4)),
                    (
                        "open_ports",
                        .list(
                            [80, 443, 22, 25].prefix(random.integer(1...4)).map {
                                .number($0)
                            })
                    ),
                    ("reverse_dns", .flag(random.chance(0.6))),
                    ("hosting_kind", .text(random.pick(["cloud", "dedicated", "residential"]))),
                ],
                isPillar: isPillar,
                isShady: sector == .underground))
    }
}

extension SampleGraph {
    /// An address of the IPv4 blocks for documentation (RFC 5737).
    static func shortAddress(_ random: inout SeededRandom) -> String {
        random.pick(["192.0.2.", "198.51.100.", "203.0.113."]) + String(random.integer(1...254))
    }

    /// An address of the IPv6 block for documentation (RFC 3849).
    static func longAddress(_ random: inout SeededRandom) -> String {
        let parts = (0..<3).map { _ in String(random.integer(1...0xffff), radix: 16) }
        return "2001:db8:" + parts[0] + ":" + parts[1] + "::" + parts[2]
    }
}
