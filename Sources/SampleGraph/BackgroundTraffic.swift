import AnomalyModels

extension SampleGraph {
    /// Ordinary life for the time of a demonstration: nothing of this deserves a flag.
    ///
    /// - Parameters:
    ///   - count: The number of transactions.
    ///   - graph: The world in which it happens.
    ///   - seed: Where chance comes from.
    ///   - now: The time of playing, at least the graph's own.
    ///   - firstReference: The reference of the first new entity; `nil` for the first after the
    ///     graph's.
    /// - Returns: The transactions, each for itself.
    package static func backgroundSteps(
        count: Int, on graph: SampleGraph, seed: UInt64, now: Double, firstReference: Int? = nil
    ) -> [SampleTransaction] {
        var writer = ScriptWriter(
            graph, seed: seed, stream: 200, now: now, firstReference: firstReference)
        let lively = graph.entities.filter {
            $0.updatedAt > now - 20 * 86_400 && $0.sector != .underground
        }.map(\.reference)
        let companies = writer.references("company").filter { lively.contains($0) }
        return (0..<count).map { _ in
            switch writer.random.uniform() {
            case ..<0.55: writer.routineUpdate(lively)
            case ..<0.75: writer.ordinaryDomain(companies)
            case ..<0.90: writer.repeatedContact(lively)
            default: writer.newEmployee(companies)
            }
        }
    }
}

extension ScriptWriter {
    /// Something lively is seen once more; its confidence moves a little or not at all.
    fileprivate mutating func routineUpdate(_ lively: [Int]) -> SampleTransaction {
        let entity = graph.entity(random.pick(lively))
        var update = SampleUpdate(
            reference: entity.reference, lastSeen: (now - random.number(1...600)).rounded(.down))
        if let confidence = entity.confidence, random.chance(0.4) {
            update.confidence = SampleGraph.rounded(
                min(0.99, max(0.02, confidence + 0.02 * random.bell())))
        }
        return SampleTransaction(
            summary: "\(entity.name ?? entity.value) is seen again", updates: [update])
    }

    /// A company registers one more domain, in good order.
    fileprivate mutating func ordinaryDomain(_ companies: [Int]) -> SampleTransaction {
        let company = random.pick(companies)
        let sector = graph.entity(company).sector ?? .finance
        let value = unusedValue("domain") {
            let word = NameForge.slug($0.pick(sector.companyWords))
            return "\(NameForge.stem(&$0))-\(word).\(NameForge.suffix(&$0))"
        }
        let secondsAgo = random.number(60...3600)
        let domain = entity(
            "domain", name: value, value: value, secondsAgo: secondsAgo,
            confidence: probability(0.7...0.9), risk: probability(0.05...0.3),
            sources: ["certificate-log", "whois-archive"], tags: [sector.rawValue],
            metadata: [("name_servers", .number(2)), ("dnssec", .flag(true))])
        var transaction = SampleTransaction(
            summary: "\(graph.entity(company).name ?? "a company") registers \(value)",
            entities: [domain])
        // An address that is not busy, of the sector if it has one.
        let idle = references("ip_address").filter { degree(of: $0) < 12 }
        let own = idle.filter { graph.entity($0).sector == sector }
        let registrars = references("service").filter {
            graph.entity($0).tags.contains("registrar")
        }
        transaction.relationships = [
            relationship(
                company, "owns", domain.reference, secondsAgo: secondsAgo,
                confidence: probability(0.7...0.9), sources: ["whois-archive"]),
            relationship(
                random.pick(registrars), "manages", domain.reference, secondsAgo: secondsAgo,
                confidence: probability(0.7...0.9), sources: ["whois-archive"]),
            relationship(
                domain.reference, "resolves_to", random.pick(own.isEmpty ? idle : own),
                secondsAgo: secondsAgo,
                confidence: probability(0.7...0.9), sources: ["passive-dns"]),
        ]
        return transaction
    }

    /// Two that talk anyway are seen talking again.
    fileprivate mutating func repeatedContact(_ lively: [Int]) -> SampleTransaction {
        let contacts = graph.relationships.filter {
            $0.type == "communicates_with" && $0.createdAt > now - 90 * 86_400
                && graph.entity($0.source).sector != .underground && degree(of: $0.source) < 20
        }
        guard !contacts.isEmpty else { return routineUpdate(lively) }
        let known = random.pick(contacts)
        return SampleTransaction(
            summary: "a known pair talks again",
            relationships: [
                relationship(
                    known.source, known.type, known.target, secondsAgo: random.number(1...300),
                    confidence: known.confidence, weight: known.weight, sources: known.sources)
            ])
    }

    /// A person appears at a company.
    fileprivate mutating func newEmployee(_ companies: [Int]) -> SampleTransaction {
        let company = random.pick(companies)
        let name = NameForge.person(&random)
        let words = NameForge.slug(name)
        let sector = graph.entity(company).sector ?? .finance
        let person = entity(
            "person", name: name,
            value: unusedValue("person") { words + "-" + NameForge.hexadecimal(4, &$0) },
            secondsAgo: random.number(60...3600), confidence: probability(0.6...0.8),
            risk: probability(0.05...0.25), sources: ["press-archive", "social-crawl"],
            tags: [sector.rawValue], metadata: [("role", .text("engineer"))])
        return SampleTransaction(
            summary: "\(name) joins \(graph.entity(company).name ?? "a company")",
            entities: [person],
            relationships: [
                relationship(
                    person.reference, "works_for", company, secondsAgo: 60,
                    confidence: probability(0.6...0.8), sources: ["press-archive"])
            ])
    }
}
