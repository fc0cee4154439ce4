import AnomalyModels

/// Machines, what they talk to and what is wrong with them.
extension WorldBuilder {
    mutating func buildDevices() {
        buildVulnerabilities()
        let kinds = ["laptop", "server", "router", "camera", "printer", "controller", "phone"]
        for _ in 0..<take("device") {
            let sector = drawSector()
            let kind = random.pick(kinds)
            let company = random.pick(companiesBySize[sector, default: []])
            let reference = add(
                EntityDraft(
                    type: "device",
                    name: "\(kind)-\(NameForge.stem(&random))",
                    // The block of hardware addresses for documentation (RFC 7042).
                    value: unusedValue("device") { random in
                        let digits = NameForge.hexadecimal(2, &random)
                        return "00:00:5e:00:53:" + digits + "/" + NameForge.stem(&random)
                    },
                    sector: sector, region: sector.region, tags: [kind],
                    metadata: [
                        ("kind", .text(kind)),
                        ("patched", .flag(random.chance(0.7))),
                        ("memory_gb", .number(1 << random.integer(0...7))),
                        ("managed", .flag(random.chance(0.8))),
                    ]))
            devices[sector, default: []].append(reference)
            link(company, reference, "owns")
            if random.chance(0.3) {
                link(random.pick(people[sector, default: []]), reference, "uses")
            }
            if random.chance(0.4) { link(reference, preferredHost(sector), "uses") }
            connect(reference, sector)
            for _ in 0..<(random.chance(0.3) ? random.integer(1...3) : 0) {
                let index = random.heavyTailed(exponent: 0.5, max: vulnerabilities.count) - 1
                link(reference, vulnerabilities[index], "vulnerable_to")
            }
        }
    }

    /// Traffic to addresses and to machines nearby; several rows for busy pairs.
    private mutating func connect(_ device: Int, _ sector: Sector) {
        for _ in 0..<random.integer(0...3) {
            let home = nearby(sector, strangers: 0.04)
            guard addresses[home]?.isEmpty == false,
                let address = addresses[home]?.draw(&random)
            else { continue }
            for _ in 0..<random.heavyTailed(exponent: 1.5, max: 5) {
                link(device, address, "communicates_with", weight: drawAmount(40))
            }
        }
        let neighbors = devices[sector, default: []]
        if random.chance(0.5) {
            link(device, random.pick(neighbors), "connected_to", weight: drawAmount(5))
        }
    }

    private mutating func buildVulnerabilities() {
        for _ in 0..<take("vulnerability") {
            let product = NameForge.stem(&random).capitalizedFirst
            let reference = add(
                EntityDraft(
                    type: "vulnerability",
                    name: "\(product) \(random.pick(["overflow", "injection", "bypass"]))",
                    // No catalogue has a year 0000.
                    value: unusedValue("vulnerability") { random in
                        "CVE-0000-\(random.integer(10_000...99_999))"
                    },
                    tags: ["vulnerability"],
                    metadata: [
                        ("cvss_tenths", .number(random.integer(31...100))),
                        ("exploited", .flag(random.chance(0.2))),
                        ("product", .text(product)),
                    ]))
            vulnerabilities.append(reference)
        }
    }
}
