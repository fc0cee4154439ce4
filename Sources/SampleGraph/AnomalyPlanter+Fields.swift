import AnomalyModels

/// Anomalies of what is stated about a row: data quality, risk, tags.
extension AnomalyPlanter {
    mutating func plantLowMetadata(_ plot: Plot) {
        let types = ["company", "device", "service", "network", "vulnerability", "location"]
        guard let reference = chooseEvenly(types, rows: 0...400, { $1.metadata.count > 40 }) else {
            return
        }
        builder.entities[reference - 1].metadata = "{}"
        impoverish(reference, plot)
        tell(plot, reference, name(reference) + " has no metadata, unlike nearly all of its type.")
    }

    mutating func plantMissingName(_ plot: Plot) {
        let types = ["company", "service", "malware", "network", "threat_actor", "campaign"]
        guard let reference = chooseEvenly(types, rows: 0...400, { $1.name != nil }) else { return }
        builder.entities[reference - 1].name = nil
        impoverish(reference, plot)
        tell(plot, reference, name(reference) + " has no name, unlike nearly all of its type.")
    }

    /// The more blatant a gap, the less else is known.
    private mutating func impoverish(_ reference: Int, _ plot: Plot) {
        if plot.strength > 0.4 { builder.entities[reference - 1].description = nil }
        if plot.strength > 0.6 {
            builder.entities[reference - 1].sources.removeSubrange(
                min(1, builder.entities[reference - 1].sources.count)...)
        }
        if plot.strength > 0.8 { builder.entities[reference - 1].tags = [] }
    }

    mutating func plantLowConfidence(_ plot: Plot) {
        let types = [
            "company", "service", "network", "vulnerability", "website", "device",
        ]
        let reference = chooseEvenly(types, rows: 0...200) {
            $1.confidence != nil && $1.sector != .underground
        }
        guard let reference else { return }
        // Just below what one in 200 of its type has, at most 0.27.
        let usual = leastUsualConfidence(of: entity(reference).type)
        let confidence = SampleGraph.rounded(plot.amount(min(0.27, 0.8 * usual), 0.03))
        builder.entities[reference - 1].confidence = confidence
        plans.entities[reference, default: HistoryPlan()].isSteady = true
        tell(plot, reference, name(reference) + " has a confidence of about \(confidence).")
    }

    mutating func plantContradiction(_ plot: Plot) {
        let types = ["domain", "ip_address", "company", "device", "person", "website", "indicator"]
        let reference = choose(types) { $1.confidence != nil && $1.riskScore != nil }
        guard let reference else { return }
        plans.entities[reference] = swingPlan(
            plot, times: moments(plot.count(8, 18), reference, lastDays: 90))
        let pool = TypeTraits.of(entity(reference).type).sources
        let count = min(pool.count, builder.random.integer(3...4))
        let chosen = builder.random.sample(count, below: pool.count).sorted()
        builder.entities[reference - 1].sources = chosen.map { pool[$0] }
        tell(
            plot, reference,
            name(reference) + " is doubted and confirmed in turn by sources that contradict.")
    }

    private func swingPlan(_ plot: Plot, times: [Double]) -> HistoryPlan {
        var plan = HistoryPlan()
        plan.extraTimes = times
        plan.swing = plot.amount(0.16, 0.42)
        plan.swingCount = times.count
        plan.isSteady = true
        return plan
    }

    mutating func plantContradictoryRelationship(_ plot: Plot) {
        let reference = chooseRow {
            $1.confidence != nil && $1.type != "pays" && $1.type != "rates"
        }
        guard let reference else { return }
        let created = builder.relationships[reference - 1].createdAt
        let from = max(created + 3600, now - 90 * Self.day)
        var times: [Double] = []
        for _ in 0..<plot.count(6, 14) { times.append(builder.random.number(from...(now - 60))) }
        plans.relationships[reference] = swingPlan(plot, times: times)
        tellRow(plot, reference, "Sources contradict each other about this relationship.")
    }

    mutating func plantDoubtedRelationship(_ plot: Plot) {
        let reference = chooseRow { planter, row in
            let isShady = [row.source, row.target].contains {
                planter.entity($0).sector == .underground
            }
            return row.confidence != nil && !isShady
        }
        guard let reference else { return }
        let confidence = SampleGraph.rounded(plot.amount(0.22, 0.04))
        builder.relationships[reference - 1].confidence = confidence
        plans.relationships[reference, default: HistoryPlan()].isSteady = true
        tellRow(
            plot, reference, "Its confidence is about \(confidence), far below that of its kind.")
    }

    /// A relationship of the normal world between ordinary entities, more than a month old.
    private mutating func chooseRow(
        _ isFit: (borrowing AnomalyPlanter, SampleRelationship) -> Bool
    ) -> Int? {
        for _ in 0..<2000 {
            let row = builder.relationships[
                builder.random.index(below: builder.relationships.count)]
            guard !isUsedRow(row.reference), !isUsed(row.source), !isUsed(row.target),
                entity(row.source).isActive, entity(row.target).isActive,
                row.createdAt < now - 30 * Self.day, rowCount(of: row.source) < 60,
                rowCount(of: row.target) < 60, isFit(self, row)
            else { continue }
            return row.reference
        }
        return nil
    }

    mutating func plantRiskMismatch(_ plot: Plot) {
        let types = ["domain", "company", "person", "website", "device", "social_handle"]
        let reference = choose(types, rows: 3...40) { planter, entity in
            guard entity.riskScore != nil, entity.sector != .underground else { return false }
            let risks = planter.neighbours(of: entity.reference).compactMap {
                planter.entity($0).riskScore
            }
            guard risks.count >= 3 else { return false }
            return risks.reduce(0, +) / Double(risks.count) < 0.3
        }
        guard let reference else { return }
        builder.entities[reference - 1].riskScore = SampleGraph.rounded(plot.amount(0.8, 0.97))
        plans.entities[reference, default: HistoryPlan()].isSteady = true
        tell(plot, reference, name(reference) + " has a high risk among neighbours of low risk.")
    }

    mutating func plantTags(_ plot: Plot) {
        let types = ["domain", "person", "email", "ip_address", "social_handle", "company"]
        let reference = choose(types, rows: 4...60) { planter, entity in
            guard let sector = entity.sector, sector != .underground,
                entity.tags.contains(sector.rawValue)
            else { return false }
            let alike = planter.neighbours(of: entity.reference).count {
                planter.entity($0).tags.contains(sector.rawValue)
            }
            return alike >= 4
        }
        guard let reference else { return }
        let own = entity(reference).sector ?? .finance
        let strangers = Sector.business.filter {
            $0 != own && $0.region != own.region && Set($0.tags).isDisjoint(with: own.tags)
        }
        let other = builder.random.pick(strangers)
        let ownWords = Set([own.rawValue, own.region.rawValue.lowercased()] + own.tags)
        var tags = entity(reference).tags.filter { !ownWords.contains($0) }
        tags += [other.rawValue] + other.tags.prefix(plot.count(1, 3))
        builder.entities[reference - 1].tags = tags
        tell(
            plot, reference,
            name(reference) + " is tagged as \(other.rawValue) amid neighbours of \(own.rawValue).")
    }
}
