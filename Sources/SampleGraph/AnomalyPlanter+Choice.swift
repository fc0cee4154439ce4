import AnomalyModels

/// Who is taken: ordinary entities, and the partners that their type usually has.
extension AnomalyPlanter {
    static let day = 86_400.0
    /// How many candidates are looked at before a case is given up.
    private static let attemptCountMax = 3000

    /// An ordinary, lively entity of one of the types; `nil` where none fits.
    ///
    /// - Parameters:
    ///   - types: The types, each as likely as it has entities.
    ///   - ageDays: How long its row has been there.
    ///   - rows: How many rows of the normal world touch it.
    ///   - isLively: Whether it must not be silent.
    ///   - isFit: What the kind asks for beside that.
    /// - Returns: Its reference.
    mutating func choose(
        _ types: [String], ageDays: ClosedRange<Double> = 45...100_000,
        rows: ClosedRange<Int> = 1...60, isLively: Bool = true,
        _ isFit: (borrowing AnomalyPlanter, SampleEntity) -> Bool = { _, _ in true }
    ) -> Int? {
        let lists = types.map { byType[$0, default: []] }
        let total = lists.reduce(0) { $0 + $1.count }
        guard total > 0 else { return nil }
        for _ in 0..<Self.attemptCountMax {
            var index = builder.random.index(below: total)
            var list = 0
            while index >= lists[list].count {
                index -= lists[list].count
                list += 1
            }
            let reference = lists[list][index]
            let entity = builder.entities[reference - 1]
            let age = (now - entity.createdAt) / Self.day
            guard !isUsed(reference), entity.isActive, ageDays.contains(age),
                rows.contains(rowCount(of: reference)),
                !isLively || builder.rhythms[reference - 1].silentFrom == nil,
                isFit(self, entity)
            else { continue }
            return reference
        }
        return nil
    }

    /// An ordinary, lively entity of one of the types, each as likely as any other; `nil` where none fits.
    mutating func chooseEvenly(
        _ types: [String], rows: ClosedRange<Int>,
        _ isFit: (borrowing AnomalyPlanter, SampleEntity) -> Bool
    ) -> Int? {
        for place in builder.random.sample(types.count, below: types.count) {
            if let reference = choose([types[place]], rows: rows, isFit) { return reference }
        }
        return nil
    }

    /// Somebody of a type who is there at a time, of a sector where one is given.
    mutating func partner(_ type: String, sector: Sector? = nil, at time: Double) -> Int? {
        let list = byType[type, default: []]
        guard !list.isEmpty else { return nil }
        for attempt in 0..<200 {
            let reference = builder.random.pick(list)
            let entity = builder.entities[reference - 1]
            let isOfSector = sector == nil || entity.sector == sector || attempt > 150
            guard isOfSector, entity.isActive, !isUsed(reference),
                builder.isAlive(reference, at: time)
            else { continue }
            return reference
        }
        return nil
    }

    /// Adds the relationship that entities of its type usually have, to somebody of its sector.
    mutating func joinUsual(_ plot: Plot, _ reference: Int, at time: Double, prompt: Bool = false) {
        let entity = builder.entities[reference - 1]
        guard let usual = Self.usual(entity.type) else { return }
        guard let other = partner(usual.type, sector: entity.sector, at: time) else { return }
        let (source, target) = usual.isOutward ? (reference, other) : (other, reference)
        join(
            plot, source, target, usual.relationship,
            weight: usual.hasWeight ? builder.drawAmount(12) : nil, at: time, prompt: prompt)
    }

    private static func usual(
        _ type: String
    ) -> (type: String, relationship: String, isOutward: Bool, hasWeight: Bool)? {
        switch type {
        case "domain": ("website", "references", false, false)
        case "ip_address": ("device", "communicates_with", false, true)
        case "person": ("person", "friend_of", true, false)
        case "email": ("person", "communicates_with", true, true)
        case "phone": ("person", "uses", false, false)
        case "social_handle": ("social_handle", "follows", true, false)
        case "website": ("domain", "references", true, false)
        case "device": ("ip_address", "communicates_with", true, true)
        case "company": ("company", "related_to", true, false)
        default: nil
        }
    }

    /// A moment of the last days, at the hours of an entity.
    mutating func moment(_ reference: Int, lastDays: Double) -> Double {
        let created = builder.entities[reference - 1].createdAt
        let from = max(created + 60, now - lastDays * Self.day)
        return builder.rhythms[reference - 1].calendar.moment(
            from: from, to: max(from, now - 60), &builder.random)
    }

    /// Moments of the last days, at the hours of an entity.
    mutating func moments(_ count: Int, _ reference: Int, lastDays: Double) -> [Double] {
        var result: [Double] = []
        for _ in 0..<count { result.append(moment(reference, lastDays: lastDays)) }
        return result
    }

    /// How an entity is called in a sentence.
    func name(_ reference: Int) -> String {
        let entity = builder.entities[reference - 1]
        let type = String(entity.type.map { $0 == "_" ? " " : $0 })
        return "The " + type + " " + (entity.name ?? entity.value)
    }
}
