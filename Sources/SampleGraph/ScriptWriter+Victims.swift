import AnomalyModels

/// Who is attacked: found in the graph, so that each scenario fits the world it is played in.
extension ScriptWriter {
    /// A company's domain with a name that can be misspelt in many ways.
    mutating func lookAlikeVictim() -> String {
        let owned = graph.relationships.filter {
            $0.type == "owns" && graph.entity($0.target).type == "domain"
        }.map { graph.entity($0.target).value }
        let long = owned.filter { Self.host(of: $0).count >= 11 }
        return random.pick(long.isEmpty ? owned : long)
    }

    /// A name that resembles another at a glance: a letter swapped, doubled, dropped or replaced.
    static func lookAlike(of domain: String, _ random: inout SeededRandom) -> String {
        var letters = Array(host(of: domain))
        let similar: [Character: Character] = [
            "o": "0", "l": "1", "i": "l", "e": "3", "a": "4", "s": "5", "t": "7", "g": "q",
        ]
        for _ in 0..<random.integer(1...2) {
            let index = random.index(below: letters.count - 1)
            switch random.integer(0...3) {
            case 0: letters.swapAt(index, index + 1)
            case 1: letters.insert(letters[index], at: index)
            case 2 where letters.count > 6: letters.remove(at: index)
            default: letters[index] = similar[letters[index]] ?? letters[index + 1]
            }
        }
        let words = ["", "", "-login", "-secure", "-pay", "-support", "-account"]
        let name = String(letters) + random.pick(words)
        return name.trimmingHyphens() + "." + random.pick(["test", "example", "example.net"])
    }

    private static func host(of domain: String) -> Substring {
        domain.prefix { $0 != "." }
    }

    /// Domains whose owners are as many different companies as there can be.
    mutating func unrelatedDomains(_ count: Int) -> [Int] {
        var byOwner: [Int: [Int]] = [:]
        var owners: [Int] = []
        for relationship in graph.relationships
        where relationship.type == "owns" && graph.entity(relationship.target).type == "domain" {
            if byOwner[relationship.source] == nil { owners.append(relationship.source) }
            byOwner[relationship.source, default: []].append(relationship.target)
        }
        let shuffled = random.sample(owners.count, below: owners.count).map { owners[$0] }
        var chosen: [Int] = []
        var seen: Set<Int> = []
        var round = 0
        // One from each owner, then a second from each, until there are enough.
        while chosen.count < count, round < graph.entities.count {
            for owner in shuffled where chosen.count < count {
                guard let domains = byOwner[owner], round < domains.count,
                    seen.insert(domains[round]).inserted
                else { continue }
                chosen.append(domains[round])
            }
            round += 1
        }
        return chosen
    }

    /// The two business sectors with the fewest links between them for their size.
    mutating func distantSectors() -> (Sector, Sector) {
        var links: [Set<Sector>: Int] = [:]
        var sizes: [Sector: Int] = [:]
        for relationship in graph.relationships {
            guard let first = graph.entity(relationship.source).sector,
                let second = graph.entity(relationship.target).sector
            else { continue }
            sizes[first, default: 0] += 1
            sizes[second, default: 0] += 1
            links[[first, second], default: 0] += 1
        }
        // Of the five most distant pairs chance takes one, so that seeds differ.
        var pairs: [(sectors: (Sector, Sector), nearness: Double)] = []
        for (position, first) in Sector.business.enumerated() {
            for second in Sector.business.dropFirst(position + 1) {
                let expected = Double(sizes[first, default: 1]) * Double(sizes[second, default: 1])
                let nearness = Double(links[[first, second], default: 0]) / expected
                pairs.append(((first, second), nearness))
            }
        }
        pairs.sort { $0.nearness < $1.nearness }
        return random.pick(Array(pairs.prefix(5))).sectors
    }

    /// The best connected people and companies of a sector.
    func centre(of sector: Sector, _ count: Int) -> [Int] {
        let members = references("person", in: sector) + references("company", in: sector)
        let ranked = members.sorted { first, second in
            let (one, two) = (degree(of: first), degree(of: second))
            return one == two ? first < second : one > two
        }
        return Array(ranked.prefix(count))
    }

    /// A device or person with one or two neighbours, elsewhere.
    mutating func obscureMember(outside sectors: [Sector]) -> Int {
        let members = (references("device") + references("person")).filter { reference in
            let entity = graph.entity(reference)
            guard let sector = entity.sector, sector != .underground else { return false }
            return (1...2).contains(degree(of: reference)) && !sectors.contains(sector)
        }
        return random.pick(members)
    }

    /// An account with a lively past and no sign of life for more than 150 days.
    mutating func sleeper() -> Int {
        var updateCounts: [Int: Int] = [:]
        for observation in graph.observations {
            guard case .entity(let reference) = observation.subject else { continue }
            updateCounts[reference, default: 0] += 1
        }
        var lastContact: [Int: Double] = [:]
        for relationship in graph.relationships {
            for end in [relationship.source, relationship.target] {
                lastContact[end] = max(lastContact[end] ?? 0, relationship.createdAt)
            }
        }
        let limit = now - AttackScenario.dormantSeconds
        let sleepers = references("social_handle").filter { reference in
            let entity = graph.entity(reference)
            return updateCounts[reference, default: 0] >= AttackScenario.livelyUpdateCount
                && max(entity.updatedAt, entity.lastSeen) < limit
                && lastContact[reference, default: 0] < limit
        }
        return random.pick(sleepers)
    }
}

extension AttackScenario {
    /// How long a dormant account has been silent at least.
    package static let dormantSeconds = 150 * 86_400.0
    /// How many updates it had before, at least.
    package static let livelyUpdateCount = 12
}

extension String {
    /// The text without hyphens at its ends and with single ones inside, as host names need it.
    fileprivate func trimmingHyphens() -> String {
        split(separator: "-").joined(separator: "-")
    }
}
