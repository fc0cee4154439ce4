import AnomalyModels

/// Anomalies of who is linked to whom.
extension AnomalyPlanter {
    mutating func plantDegree(_ plot: Plot) {
        // No mail addresses and pages: some of those send to hundreds as a habit.
        let types = ["domain", "person", "phone", "social_handle", "device", "ip_address"]
        guard let reference = choose(types, ageDays: 90...100_000, rows: 1...10) else { return }
        let usual = usualRowCount(of: entity(reference).type)
        let count = min(100, max(24, Int(Double(usual) * plot.amount(1.5, 3))))
        for time in moments(count, reference, lastDays: 200).sorted() {
            joinUsual(plot, reference, at: time)
        }
        tell(plot, reference, name(reference) + " has \(count) relationships, far above its type.")
    }

    mutating func plantHoneypot(_ plot: Plot) {
        let reference = choose(["ip_address", "domain", "device"], rows: 1...15) {
            $1.sector != .underground
        }
        guard let reference else { return }
        builder.entities[reference - 1].riskScore = SampleGraph.rounded(plot.amount(0.76, 0.95))
        builder.entities[reference - 1].confidence = SampleGraph.rounded(plot.amount(0.36, 0.12))
        plans.entities[reference, default: HistoryPlan()].isSteady = true
        let count = plot.count(16, 55)
        for time in moments(count, reference, lastDays: 60).sorted() {
            let type = builder.random.pick(["device", "ip_address", "device", "malware"])
            guard let other = partner(type, at: time) else { continue }
            join(
                plot, other, reference,
                builder.random.pick(["communicates_with", "communicates_with", "connected_to"]),
                weight: builder.drawAmount(3), at: time)
        }
        tell(
            plot, reference,
            name(reference) + " is risky, doubted and contacted by \(count) that share nothing.")
    }

    mutating func plantSinkhole(_ plot: Plot) {
        let chosen = choose(["ip_address"], rows: 0...8) {
            $1.sector != nil && $1.sector != .underground
        }
        guard let reference = chosen else { return }
        let count = plot.count(28, 80)
        let days = builder.random.number(4...60)
        for time in moments(count, reference, lastDays: days).sorted() {
            let sector = builder.random.pick(Sector.business)
            guard let domain = partner("domain", sector: sector, at: time) else { continue }
            join(plot, domain, reference, "resolves_to", at: time)
        }
        tell(plot, reference, "\(count) unrelated domains are bent to the address of this case.")
    }

    mutating func plantSuspiciousService(_ plot: Plot) {
        let isUsed = ["hosting", "storage", "mail"]
        let chosen = choose(["service", "website"], rows: 0...90) {
            $1.sector != .underground
                && ($1.type == "website" || $1.tags.contains(where: isUsed.contains))
        }
        guard let reference = chosen else { return }
        builder.entities[reference - 1].riskScore = SampleGraph.rounded(plot.amount(0.58, 0.92))
        plans.entities[reference, default: HistoryPlan()].isSteady = true
        for time in moments(plot.count(3, 7), reference, lastDays: 120) {
            guard let other = partner("vulnerability", at: time) else { continue }
            join(plot, reference, other, "vulnerable_to", at: time)
        }
        for time in moments(plot.count(2, 6), reference, lastDays: 90) {
            guard let other = partner("malware", at: time) else { continue }
            join(plot, other, reference, "uses", at: time)
        }
        for time in moments(plot.count(3, 14), reference, lastDays: 90) {
            guard let other = partner("ip_address", sector: .underground, at: time) else {
                continue
            }
            join(plot, other, reference, "connected_to", at: time)
        }
        tell(plot, reference, name(reference) + " is risky, open to attack and used by malware.")
    }

    /// Somebody at the edge is linked to the centres of two sectors far from its own, today.
    mutating func plantBridge(_ plot: Plot) {
        let chosen = choose(["device", "person", "email"], rows: 1...4) {
            $1.sector != nil && $1.sector != .underground
        }
        guard let reference = chosen else { return }
        let own = entity(reference).sector ?? .finance
        let others = Sector.business.filter { $0 != own && $0.region != own.region }
        let first = builder.random.pick(others)
        let second = builder.random.pick(others.filter { $0 != first && $0.region != first.region })
        let count = plot.count(2, 6) * 2
        var time = now - builder.random.number(3000...6600)
        for index in 0..<count {
            time += builder.random.number(0.3...1) * min(400, (now - time - 100) / 2)
            guard let other = central(index % 2 == 0 ? first : second, at: time) else { continue }
            join(
                plot, reference, other, index % 3 == 0 ? "connected_to" : "communicates_with",
                weight: builder.drawAmount(5), at: time, prompt: true)
        }
        tell(
            plot, reference,
            name(reference) + " links \(first.rawValue) and \(second.rawValue), foreign to both.")
    }

    /// A person or company of a sector with more neighbours than most.
    private mutating func central(_ sector: Sector, at time: Double) -> Int? {
        for _ in 0..<60 {
            let type = builder.random.chance(0.6) ? "person" : "company"
            guard let other = partner(type, sector: sector, at: time) else { continue }
            if rowCount(of: other) >= 6 { return other }
        }
        return partner("person", sector: sector, at: time)
    }

    /// Six to nine who have nothing else in common know each other all.
    mutating func plantDenseNeighbourhood(_ plot: Plot, room: Int) {
        let count = min(max(6, room), builder.random.integer(6...9))
        var members: [Int] = []
        for _ in 0..<count {
            let member = choose(["person", "social_handle", "email"], rows: 1...15) {
                $1.sector != .underground && !members.contains($1.reference)
            }
            if let member { members.append(member) }
        }
        guard members.count >= 6 else { return }
        let days = builder.random.number(20...120)
        for (position, first) in members.enumerated() {
            for second in members.dropFirst(position + 1) {
                guard builder.random.chance(plot.amount(0.8, 1)) else { continue }
                let types = [entity(first).type, entity(second).type]
                let type =
                    types == ["person", "person"]
                    ? "friend_of"
                    : types == ["social_handle", "social_handle"] ? "follows" : "communicates_with"
                join(plot, first, second, type, at: moment(first, lastDays: days))
            }
        }
        for member in members {
            tell(
                plot, member, name(member) + " is one of \(members.count) who all know each other.")
        }
    }

    mutating func plantNeighbourTypes(_ plot: Plot) {
        let types = ["domain", "email", "phone", "website", "device", "social_handle"]
        guard let reference = choose(types, rows: 1...10) else { return }
        let known = Set(neighbours(of: reference).map { entity($0).type })
        let strange = [
            "malware", "vulnerability", "location", "network", "campaign", "threat_actor",
            "indicator", "phone", "service", "device", "website",
        ].filter { !known.contains($0) && $0 != entity(reference).type }
        let count = min(strange.count, plot.count(4, 8))
        for index in builder.random.sample(count, below: strange.count) {
            let time = moment(reference, lastDays: 100)
            guard let other = partner(strange[index], at: time) else { continue }
            let type = builder.random.pick(["related_to", "references", "connected_to"])
            let isOutward = builder.random.chance(0.5)
            join(
                plot, isOutward ? reference : other, isOutward ? other : reference, type, at: time)
        }
        tell(plot, reference, name(reference) + " has neighbours of \(count) unexpected types.")
    }

    /// A relationship of a type by which such ends are not joined.
    mutating func plantType(_ plot: Plot) {
        let usage = typeUsage()
        for _ in 0..<200 {
            let model = builder.relationships[
                builder.random.index(below: builder.relationships.count)]
            let ends = [entity(model.source).type, entity(model.target).type]
            guard let counts = usage.pairs[ends], counts.values.reduce(0, +) >= 60 else { continue }
            let bySource = usage.sources[ends[0], default: []]
            let types = Self.plainTypes.filter { type in
                // Subtle: the source's type does that, but not to such; blatant: it never does.
                counts[type] == nil && bySource.contains(type) == (plot.strength < 0.5)
            }
            guard !types.isEmpty,
                let source = choose([ends[0]]),
                let target = choose([ends[1]], { $1.reference != source })
            else { continue }
            let type = builder.random.pick(types)
            // When any other row came in, or as soon as both are known.
            let known = max(entity(source).createdAt, entity(target).createdAt)
            let time = max(known + builder.random.exponential(mean: Self.day), model.createdAt)
            guard time < now else { continue }
            builder.addRelationship(source, target, type, created: time)
            tellRow(
                plot, builder.relationships.count,
                "\(name(source)) \(type) \(entity(target).value): such are not joined so.")
            return
        }
    }

    /// The types without weights that the world uses.
    private static let plainTypes = [
        "resolves_to", "hosted_on", "owns", "manages", "works_for", "friend_of", "follows",
        "depends_on", "vulnerable_to", "uses", "part_of", "attributed_to", "targets",
        "indicator_of", "located_in", "registered_by",
    ]
}
