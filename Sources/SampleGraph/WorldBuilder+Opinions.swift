import AnomalyModels

/// Ratings, honest bursts, and the oddities that every collection has.
extension WorldBuilder {
    /// People and accounts rate companies, sellers and services; most are content.
    mutating func buildRatings() {
        var popular: [Sector: Urn] = [:]
        for sector in Sector.business {
            let known = companiesBySize[sector, default: []] + handles[sector, default: []]
            popular[sector] = Urn(known + hosts.prefix(3), reinforcement: 0.55)
        }
        var qualities: [Int: Double] = [:]
        for _ in 0..<(options.entityCount * 45 / 100) {
            let sector = drawSector()
            let circle = random.chance(0.6) ? people[sector] : handles[sector]
            guard let circle, !circle.isEmpty else { continue }
            let rater = random.pick(circle)
            let home = nearby(sector, strangers: 0.05)
            guard let target = popular[home]?.draw(&random) else { continue }
            let quality = qualities[target] ?? 4.6 + 1.3 * random.bell()
            qualities[target] = quality
            // Some never are content, and everybody has a bad day.
            let isGrumpy = rater % 97 == 0 || random.chance(0.03)
            let opinion = isGrumpy ? -3 + 3 * random.bell() : quality + 1.8 * random.bell()
            rate(rater, target, opinion, at: opinionMoment(rater, target))
        }
    }

    /// A time at which both are there, at the rater's hours.
    mutating func opinionMoment(_ rater: Int, _ target: Int) -> Double {
        let lower = max(entities[rater - 1].createdAt, entities[target - 1].createdAt)
        guard lower < options.now else { return options.now }
        return rhythms[rater - 1].calendar.moment(from: lower, to: options.now, &random)
    }

    /// A rating from -10 to 10, never 0, if both were there at the time.
    mutating func rate(_ rater: Int, _ target: Int, _ opinion: Double, at time: Double) {
        guard rater != target, isAlive(rater, at: time), isAlive(target, at: time) else { return }
        let rounded = min(10, max(-10, opinion.rounded()))
        addRelationship(
            rater, target, "rates", weight: rounded == 0 ? 1 : rounded, created: time, prompt: true)
    }

    /// Newsletters, crawls and reports: dozens of relationships within the hour, as a habit.
    mutating func buildMailings() {
        let senders = Sector.business.flatMap { emails[$0, default: []] }
        let pages = entities.filter { $0.type == "website" }.map(\.reference)
        for _ in 0..<max(6, options.entityCount / 350) {
            let isMail = random.chance(0.5)
            guard !senders.isEmpty, !pages.isEmpty else { return }
            let sender = isMail ? random.pick(senders) : random.pick(pages)
            let sector = entities[sender - 1].sector ?? .media
            let circle = isMail ? people[sector, default: []] : domains[sector, default: []]
            guard circle.count > 20, rhythms[sender - 1].silentFrom == nil else { continue }
            let since = entities[sender - 1].createdAt
            let usual = random.integer(8...30)
            // One in three has its day today.
            var moment = random.chance(0.35) ? options.now - random.number(600...7000) : nil
            for _ in 0..<random.integer(3...9) {
                var time =
                    moment
                    ?? rhythms[sender - 1].calendar.moment(
                        from: since, to: options.now, &random)
                moment = nil
                let isPlain = isMail
                for _ in 0..<max(4, usual + random.integer(-3...3)) {
                    time += random.exponential(mean: 25)
                    let other = random.pick(circle)
                    guard other != sender, isAlive(sender, at: time), isAlive(other, at: time)
                    else { continue }
                    addRelationship(
                        sender, other, isPlain ? "communicates_with" : "references",
                        weight: isPlain ? 1 : nil, created: time, prompt: true)
                }
            }
        }
    }

    /// A few rows of a loose or a wrong type, and services with a weakness or bad company.
    mutating func buildOddities() {
        for _ in 0..<(relationships.count / 400) {
            let row = relationships[random.index(below: relationships.count)]
            guard row.type != "pays", row.type != "rates" else { continue }
            link(row.source, row.target, random.pick(["related_to", "references", "connected_to"]))
        }
        guard !malware.isEmpty, !vulnerabilities.isEmpty else { return }
        for service in hosts + registrars {
            if random.chance(0.15) { link(service, random.pick(vulnerabilities), "vulnerable_to") }
            if random.chance(0.06) { link(random.pick(malware), service, "uses") }
        }
        // Today's contacts, so that the newest hours are as lively as those before.
        let since = options.now - 20 * 3600
        for _ in 0..<(options.entityCount / 60) {
            let row = relationships[random.index(below: relationships.count)]
            guard row.type == "communicates_with" || row.type == "connected_to" else { continue }
            let time = rhythms[row.source - 1].calendar.moment(
                from: since, to: options.now, &random)
            guard isAlive(row.source, at: time), isAlive(row.target, at: time) else { continue }
            addRelationship(
                row.source, row.target, row.type, weight: row.weight, created: time, prompt: true)
        }
    }
}
