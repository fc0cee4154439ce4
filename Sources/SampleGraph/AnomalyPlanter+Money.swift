import AnomalyModels

/// Anomalies of payments and ratings.
extension AnomalyPlanter {
    mutating func plantDistrust(_ plot: Plot) {
        let chosen = choose(["company", "social_handle", "service"]) { planter, entity in
            guard entity.sector != .underground else { return false }
            return planter.rows(of: entity.reference).count {
                let row = planter.builder.relationships[$0]
                return row.type == "rates" && row.target == entity.reference
            } <= 2
        }
        guard let reference = chosen else { return }
        let count = plot.count(7, 16)
        for time in moments(count, reference, lastDays: 120).sorted() {
            let type = builder.random.chance(0.6) ? "person" : "social_handle"
            guard let rater = partner(type, at: time) else { continue }
            let opinion = plot.amount(-3.5, -8) + 1.5 * builder.random.bell()
            let rating = min(10, max(-10, opinion.rounded()))
            join(
                plot, rater, reference, "rates", weight: rating == 0 ? -1 : rating, at: time,
                prompt: true)
        }
        tell(plot, reference, name(reference) + " is rated badly by \(count) raters.")
    }

    /// Payments just under 10,000, many of them, to a few receivers.
    mutating func plantStructuring(_ plot: Plot) {
        let chosen = choose(["company", "person", "company"]) { planter, entity in
            entity.sector != .underground
                && (1...25).contains(planter.payments(of: entity.reference).count)
        }
        guard let reference = chosen else { return }
        let otherCount = Double(payments(of: reference).count)
        let share = plot.amount(0.35, 0.85)
        let count = max(10, Int((otherCount * share / (1 - share)).rounded(.up)))
        let days = builder.random.number(12...45)
        var receivers: [Int] = []
        for _ in 0..<builder.random.integer(2...4) {
            let type = builder.random.chance(0.5) ? "company" : "person"
            if let other = partner(type, at: now - days * Self.day) { receivers.append(other) }
        }
        guard !receivers.isEmpty else { return }
        for time in moments(min(count, 90), reference, lastDays: days).sorted() {
            let amount = builder.random.number(9000...9995)
            let unit = builder.random.pick([0.01, 1, 10, 50])
            let rounded = min(9995, max(9000, (amount / unit).rounded() * unit))
            join(
                plot, reference, builder.random.pick(receivers), "pays",
                weight: WorldBuilder.cents(rounded), at: time, prompt: true)
        }
        tell(
            plot, reference,
            name(reference) + " makes \(count) payments just under 10,000 within weeks.")
    }

    /// One payment far beyond what its sender ever pays.
    mutating func plantAmount(_ plot: Plot) {
        let chosen = choose(["company", "person"]) { planter, entity in
            planter.payments(of: entity.reference).count >= 8
        }
        guard let sender = chosen else { return }
        let amounts = payments(of: sender).sorted()
        let factor = PortableMath.exp(
            plot.amount(PortableMath.log(30), PortableMath.log(400)))
        // At about the time of any of its payments.
        let model = builder.relationships[
            builder.random.pick(rows(of: sender).filter { isPayment($0, of: sender) })]
        let time = min(now - 60, model.createdAt + builder.random.number(600...86_400))
        let type = builder.random.chance(0.5) ? "company" : "person"
        guard let receiver = partner(type, at: time) else { return }
        // Beyond the largest too: a sender that pays both small and large sums is used to both.
        let amount = max(
            amounts[amounts.count / 2] * factor, amounts[amounts.count - 1] * factor / 6)
        builder.addRelationship(
            sender, receiver, "pays", weight: WorldBuilder.cents(builder.agreed(amount)),
            created: max(time, entity(receiver).createdAt + 1), prompt: true)
        tellRow(
            plot, builder.relationships.count,
            "\(name(sender)) pays \(Int(amount.rounded())), which is \(Int(factor)) times its habit."
        )
    }

    /// The amounts that an entity pays in the normal world.
    func payments(of reference: Int) -> [Double] {
        rows(of: reference).compactMap { index in
            isPayment(index, of: reference) ? builder.relationships[index].weight : nil
        }
    }

    private func isPayment(_ index: Int, of reference: Int) -> Bool {
        let row = builder.relationships[index]
        return row.type == "pays" && row.source == reference
    }
}
