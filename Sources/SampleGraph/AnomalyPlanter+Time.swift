import AnomalyModels

/// Anomalies of when and how often something happens.
extension AnomalyPlanter {
    mutating func plantHighUpdateFrequency(_ plot: Plot) {
        let types = ["domain", "company", "website", "email", "person", "phone", "vulnerability"]
        guard let reference = choose(types, ageDays: 30...150, rows: 0...60) else { return }
        let ageDays = (now - entity(reference).createdAt) / Self.day
        let rate = plot.amount(2.4, 8)
        var plan = HistoryPlan()
        plan.extraTimes = moments(Int(rate * ageDays), reference, lastDays: ageDays)
        plans.entities[reference] = plan
        tell(
            plot, reference,
            name(reference) + " is updated \(SampleGraph.rounded(rate)) times a day, all its life.")
    }

    mutating func plantSpike(_ plot: Plot) {
        let types = ["domain", "company", "website", "device", "ip_address", "social_handle"]
        let reference = choose(types, ageDays: 100...100_000) { planter, entity in
            (2...20).contains(planter.builder.rhythms[entity.reference - 1].gapDays)
        }
        guard let reference else { return }
        let count = plot.count(16, 60)
        var plan = HistoryPlan()
        plan.extraTimes = moments(count, reference, lastDays: builder.random.number(1...3))
        plans.entities[reference] = plan
        tell(plot, reference, name(reference) + " is updated \(count) times within days.")
    }

    /// Contacts like clockwork, every day of fifty, weekends and nights included.
    mutating func plantBeacon(_ plot: Plot) {
        let chosen = choose(
            ["person", "email", "social_handle"], ageDays: 70...100_000, rows: 1...20)
        guard let reference = chosen,
            let other = partner(
                "person", sector: entity(reference).sector, at: now - 52 * Self.day)
        else { return }
        let gap = Self.day / plot.amount(1, 2)
        let weight = builder.drawAmount(12)
        var time = now - 50 * Self.day + builder.random.number(0...gap)
        while time < now - 120 {
            join(
                plot, reference, other, "communicates_with", weight: weight,
                at: time + builder.random.bell() * 40)
            time += gap
        }
        tell(
            plot, reference,
            name(reference) + " contacts one person every \(Int(gap / 3600)) hours for 50 days.")
    }

    mutating func plantBurst(_ plot: Plot) {
        let types = [
            "domain", "email", "person", "social_handle", "ip_address", "website", "device",
        ]
        guard let reference = choose(types, rows: 1...12) else { return }
        let count = plot.count(9, 45)
        var time = now - builder.random.number(2400...6000)
        let gap = min(120, (now - time - 200) / Double(count))
        for _ in 0..<count {
            time += builder.random.number(0.3...1) * gap
            joinUsual(plot, reference, at: time, prompt: true)
        }
        tell(plot, reference, name(reference) + " gets \(count) new relationships within the hour.")
    }

    mutating func plantRapidGrowth(_ plot: Plot) {
        let types = [
            "domain", "email", "person", "social_handle", "ip_address", "website", "company",
        ]
        let reference = choose(types, ageDays: 0.8...6, rows: 0...12) { planter, entity in
            entity.firstSeen > planter.now - 6.5 * Self.day
        }
        guard let reference else { return }
        let count = plot.count(16, 60)
        for time in moments(count, reference, lastDays: 6).sorted() {
            joinUsual(plot, reference, at: time)
        }
        tell(
            plot, reference,
            name(reference) + " gets \(count) relationships in the week in which it appears.")
    }

    mutating func plantAwakening(_ plot: Plot) {
        let silentDays = plot.amount(75, 140)
        let types = ["social_handle", "email", "person", "domain", "ip_address", "device"]
        let reference = choose(types, isLively: false) { planter, entity in
            let rhythm = planter.builder.rhythms[entity.reference - 1]
            guard let silentFrom = rhythm.silentFrom, rhythm.silentUntil == nil else {
                return false
            }
            let livedDays = (silentFrom - entity.createdAt) / Self.day
            return silentFrom < planter.now - silentDays * Self.day
                && livedDays / rhythm.gapDays > 8
        }
        guard let reference else { return }
        let since = now - 20 * 3600
        let calendar = builder.rhythms[reference - 1].calendar
        var plan = HistoryPlan()
        for _ in 0..<plot.count(2, 9) {
            plan.extraTimes.append(calendar.moment(from: since, to: now - 60, &builder.random))
        }
        plans.entities[reference] = plan
        for _ in 0..<plot.count(2, 8) {
            let time = calendar.moment(from: since, to: now - 60, &builder.random)
            joinUsual(plot, reference, at: time, prompt: true)
        }
        tell(plot, reference, name(reference) + " wakes after months of silence.")
    }

    /// Contacts, payments and updates in the dead of its night, for several nights.
    mutating func plantOffHours(_ plot: Plot) {
        let types = ["person", "email", "social_handle", "company"]
        let reference = choose(types, ageDays: 90...100_000, rows: 2...60) { planter, entity in
            let rhythm = planter.builder.rhythms[entity.reference - 1]
            guard let offset = rhythm.calendar.secondsFromUTC, !rhythm.isScheduled,
                let region = entity.sector?.region
            else { return false }
            // Not one of those who always live at night or elsewhere.
            return offset == region.secondsFromUTC && rhythm.gapDays < 25
        }
        guard let reference else { return }
        let offset = builder.rhythms[reference - 1].calendar.secondsFromUTC ?? 0
        let nightCount = builder.random.integer(3...12)
        let isCompany = entity(reference).type == "company"
        let count = plot.count(8, 30)
        var plan = HistoryPlan()
        let midnight = ((now + offset) / Self.day).rounded(.down) * Self.day - offset
        for index in 0..<count {
            let night = builder.random.index(below: nightCount)
            let hour = builder.random.number(1.2...4.6)
            let time = midnight - Double(night) * Self.day + hour * 3600
            guard time < now - 60 else { continue }
            guard index % 3 != 0 else {
                plan.extraTimes.append(time)
                continue
            }
            guard
                let other = partner(
                    isCompany ? "company" : "person", sector: entity(reference).sector, at: time)
            else { continue }
            join(
                plot, reference, other, isCompany ? "pays" : "communicates_with",
                weight: isCompany
                    ? builder.agreedAmount(1900, spread: 0.8) : builder.drawAmount(12),
                at: time, prompt: true)
        }
        plans.entities[reference] = plan
        tell(
            plot, reference,
            name(reference) + " acts \(count) times between 1 and 5 of its night.")
    }
}
