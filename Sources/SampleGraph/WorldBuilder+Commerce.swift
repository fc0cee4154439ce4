import AnomalyModels

/// Payments: salaries, invoices, purchases, subscriptions, rents, and now and then a house.
extension WorldBuilder {
    /// What the world does with its money and thinks of each other, on a random stream of its own.
    mutating func buildCommerce() {
        random = SeededRandom(seed: options.seed, stream: 3)
        buildSalaries()
        buildInvoices()
        buildPurchases()
        buildSubscriptions()
        buildRatings()
        buildMailings()
        buildOddities()
    }

    /// Whether an entity is in the database and not silent at a time.
    func isAlive(_ reference: Int, at time: Double) -> Bool {
        guard entities[reference - 1].createdAt < time, time < options.now else { return false }
        let rhythm = rhythms[reference - 1]
        guard let silentFrom = rhythm.silentFrom, time >= silentFrom else { return true }
        return rhythm.silentUntil.map { time >= $0 } ?? false
    }

    /// A payment, if both were there at the time.
    @discardableResult
    mutating func pay(_ source: Int, _ target: Int, _ amount: Double, at time: Double) -> Bool {
        guard source != target, isAlive(source, at: time), isAlive(target, at: time)
        else { return false }
        addRelationship(
            source, target, "pays", weight: Self.cents(amount), created: time, prompt: true)
        return true
    }

    /// An amount in whole cents, at least one.
    static func cents(_ amount: Double) -> Double {
        max(1, (amount * 100).rounded()) / 100
    }

    /// An amount as people agree on it: exact, or to whole tens, hundreds or thousands.
    mutating func agreedAmount(_ median: Double, spread: Double) -> Double {
        agreed(random.logNormal(median: median, spread: spread))
    }

    /// An amount rounded as people do: exact, or to whole tens, hundreds or thousands.
    mutating func agreed(_ amount: Double) -> Double {
        let unit =
            switch random.uniform() {
            case ..<0.45: 0.01
            case ..<0.65: 1.0
            case ..<0.85: 10.0
            default: amount > 2000 ? 100.0 : 5.0
            }
        return max(unit, (amount / unit).rounded() * unit)
    }

    /// Every month's last working day, an hour of the morning, newest last.
    private func paydays(secondsFromUTC: Double) -> [Double] {
        let first = Int(options.start / 86_400)
        let last = Int(options.now / 86_400) + 1
        return (first...last).filter { day in
            guard (1...5).contains(CivilDate.weekday(ofDay: day)) else { return false }
            // No working day of the same month follows.
            let month = CivilDate(daysSince1970: day).month
            return !(1...7).contains { later in
                CivilDate(daysSince1970: day + later).month == month
                    && (1...5).contains(CivilDate.weekday(ofDay: day + later))
            }
        }.map { Double($0) * 86_400 - secondsFromUTC }
    }

    /// Half of the companies pay their people on the month's last working day: honest bursts.
    private mutating func buildSalaries() {
        var staff: [Int: [Int]] = [:]
        var employers: [Int] = []
        for row in relationships where row.type == "works_for" || row.type == "manages" {
            guard entities[row.source - 1].type == "person",
                entities[row.target - 1].type == "company"
            else { continue }
            if staff[row.target] == nil { employers.append(row.target) }
            staff[row.target, default: []].append(row.source)
        }
        for company in employers.sorted() where random.chance(0.5) {
            let people = staff[company, default: []]
            let region = (entities[company - 1].sector ?? .finance).region
            let hour = random.number(8...14)
            let salaries = people.map { _ in agreedAmount(2600, spread: 0.4) }
            for day in paydays(secondsFromUTC: region.secondsFromUTC) {
                var moment = day + hour * 3600 + random.number(0...900)
                for (person, salary) in zip(people, salaries) {
                    moment += random.exponential(mean: 20)
                    pay(company, person, salary, at: moment)
                }
            }
        }
    }

    /// Companies invoice those they have to do with; some pay rent, a few move large sums.
    private mutating func buildInvoices() {
        let partners = relationships.filter {
            ["related_to", "depends_on", "owns"].contains($0.type)
                && entities[$0.source - 1].type == "company"
                && ["company", "service"].contains(entities[$0.target - 1].type)
        }
        for pair in partners {
            let isLarge = random.chance(0.05)
            let median = random.logNormal(
                median: isLarge ? 60_000 : 1900, spread: isLarge ? 0.8 : 1)
            // A contract has one price; work by the hour has many.
            let price = random.chance(0.3) ? agreedAmount(median, spread: 0) : nil
            repeatPayment(
                pair.source, pair.target, since: pair.createdAt,
                gapDays: random.number(18...50),
                countMax: random.heavyTailed(exponent: 1.1, max: 16)
            ) { builder in price ?? builder.agreedAmount(median, spread: 0.45) }
        }
        let count = Sector.business.reduce(0) { $0 + companies[$1, default: []].count }
        for _ in 0..<max(2, count / 250) {
            // Rents just under a limit that other people have reason to stay under.
            let circle = companies[drawSector(), default: []]
            let (tenant, landlord) = (random.pick(circle), random.pick(circle))
            let rent = (random.number(9050...9980) / 10).rounded() * 10
            repeatPayment(
                tenant, landlord, since: entities[tenant - 1].createdAt, gapDays: 30.4,
                countMax: 12
            ) { _ in rent }
        }
    }

    private mutating func repeatPayment(
        _ source: Int, _ target: Int, since: Double, gapDays: Double, countMax: Int,
        amount: (inout WorldBuilder) -> Double
    ) {
        var moment = since + random.number(1...max(2, gapDays)) * 86_400
        for _ in 0..<countMax {
            guard moment < options.now else { return }
            // At working hours of the day on which it falls due.
            let calendar = rhythms[source - 1].calendar
            let due = calendar.moment(from: moment, to: moment + 86_400, &random)
            pay(source, target, amount(&self), at: due)
            moment += max(1, gapDays + random.bell() * 0.06 * gapDays) * 86_400
        }
    }

    /// People buy at a few shops, mostly of their own circle, at list prices; one in 150 buys a house
    /// or a car.
    private mutating func buildPurchases() {
        var prices: [Int: [Double]] = [:]
        for sector in Sector.business {
            for person in people[sector, default: []] {
                guard random.chance(0.75) else { continue }
                let favourites = (0..<random.integer(1...4)).map { _ in
                    random.pick(companiesBySize[nearby(sector, strangers: 0.06), default: []])
                }
                for _ in 0..<random.heavyTailed(exponent: 0.9, max: 40) {
                    let shop = random.pick(favourites)
                    let list = prices[shop] ?? priceList()
                    prices[shop] = list
                    pay(person, shop, random.pick(list), at: personMoment(person))
                }
                if random.chance(1 / 150) {
                    let seller = random.pick(favourites)
                    let price = agreedAmount(9000, spread: 0.7)
                    pay(person, seller, price, at: personMoment(person))
                }
            }
        }
    }

    private mutating func personMoment(_ person: Int) -> Double {
        let from = entities[person - 1].createdAt
        return rhythms[person - 1].calendar.moment(from: from, to: options.now, &random)
    }

    /// What a shop charges: prices that end as prices do.
    private mutating func priceList() -> [Double] {
        let level = random.logNormal(median: 34, spread: 0.7)
        return (0..<random.integer(4...12)).map { _ in
            let price = max(1, random.logNormal(median: level, spread: 0.7).rounded(.down))
            return price + random.pick([0, 0.5, 0.9, 0.95, 0.99, 0.99])
        }
    }

    /// The same sum every month, for a phone or for a cloud.
    private mutating func buildSubscriptions() {
        let providers = hosts + contentNetworks
        for sector in Sector.business {
            for payer in people[sector, default: []] + companies[sector, default: []] {
                guard random.chance(entities[payer - 1].type == "company" ? 0.35 : 0.12)
                else { continue }
                let fee = random.pick([4.99, 9.99, 12.0, 19.9, 29, 49, 99])
                let provider = random.pick(providers)
                let since = entities[payer - 1].createdAt
                repeatPayment(payer, provider, since: since, gapDays: 30.4, countMax: 14) { _ in
                    fee
                }
            }
        }
    }
}
