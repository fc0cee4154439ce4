import AnomalyModels

extension ScriptWriter {
    /// One registrant takes 60 names that look like one company's, three in each transaction.
    mutating func registrationBurst() -> AttackScript {
        let domainCount = 60
        let victim = lookAlikeVictim()
        let person = NameForge.person(&random)
        let words = NameForge.slug(person)
        let personEntity = entity(
            "person", name: person,
            value: unusedValue("person") { words + "-" + NameForge.hexadecimal(4, &$0) },
            secondsAgo: 600, confidence: 0.31, risk: nil, sources: ["whois-archive"])
        let email = entity(
            "email", name: nil,
            value: unusedValue("email") {
                "\(NameForge.stem(&$0))\($0.integer(10...99))@mail.test"
            },
            secondsAgo: 590, confidence: 0.28, risk: nil, sources: ["whois-archive"])
        let uses = relationship(
            personEntity.reference, "uses", email.reference, secondsAgo: 590, confidence: 0.3,
            sources: ["whois-archive"])
        transactions = [
            SampleTransaction(
                summary: "a new registrant signs up", entities: [personEntity, email],
                relationships: [uses])
        ]
        let registrar = random.pick(
            references("service").filter {
                graph.entity($0).tags.contains("registrar")
            })
        for batch in 0..<(domainCount / 3) {
            var transaction = SampleTransaction(summary: "three more look-alikes")
            for index in 0..<3 {
                let secondsAgo = 480 - Double(batch * 3 + index) * 7
                let value = unusedValue("domain") { Self.lookAlike(of: victim, &$0) }
                let domain = entity(
                    "domain", name: value, value: value, secondsAgo: secondsAgo,
                    confidence: probability(0.12...0.34), risk: nil, sources: ["whois-archive"])
                transaction.entities.append(domain)
                transaction.relationships += [
                    relationship(
                        domain.reference, "registered_by", email.reference,
                        secondsAgo: secondsAgo, confidence: probability(0.2...0.4),
                        sources: ["whois-archive"]),
                    relationship(
                        registrar, "manages", domain.reference, secondsAgo: secondsAgo,
                        confidence: probability(0.3...0.5), sources: ["whois-archive"]),
                ]
            }
            transactions.append(transaction)
        }
        return script(
            .registrationBurst, title: "Registration burst",
            summary: "\(email.value) registers \(domainCount) look-alikes of \(victim) in minutes",
            flagged: email.reference)
    }

    /// 80 domains of many companies begin to resolve to one address that nobody knew.
    mutating func sinkhole() -> AttackScript {
        let domainCount = 80
        let value = unusedValue("ip_address") {
            $0.chance(0.5) ? SampleGraph.shortAddress(&$0) : SampleGraph.longAddress(&$0)
        }
        let address = entity(
            "ip_address", name: nil, value: value, secondsAgo: 240, confidence: 0.42, risk: nil,
            sources: ["passive-dns"], metadata: [("version", .number(value.contains(":") ? 6 : 4))])
        transactions = [
            SampleTransaction(summary: "a new address appears", entities: [address])
        ]
        let victims = unrelatedDomains(domainCount)
        for start in stride(from: 0, to: victims.count, by: 5) {
            var transaction = SampleTransaction(summary: "five domains change their address")
            for index in start..<min(start + 5, victims.count) {
                transaction.relationships.append(
                    relationship(
                        victims[index], "resolves_to", address.reference,
                        secondsAgo: 230 - Double(index) * 2.5, confidence: probability(0.4...0.7),
                        sources: ["passive-dns"]))
            }
            transactions.append(transaction)
        }
        return script(
            .sinkhole, title: "Sinkhole",
            summary: "\(victims.count) unrelated domains are bent to \(value) within minutes",
            flagged: address.reference)
    }

    /// Somebody at the edge gets to know the centres of two sectors that hardly know each other.
    mutating func communityBridge() -> AttackScript {
        let (first, second) = distantSectors()
        let bridge = obscureMember(outside: [first, second])
        let name = graph.entity(bridge).name ?? graph.entity(bridge).value
        let type = graph.entity(bridge).type
        let targets = zip(centre(of: first, 6), centre(of: second, 6)).map { [$0, $1] }
        for (step, pair) in targets.enumerated() {
            transactions.append(
                SampleTransaction(
                    summary: "one link into \(first.rawValue), one into \(second.rawValue)",
                    relationships: pair.enumerated().map { index, target in
                        relationship(
                            bridge, index == 0 ? "communicates_with" : "connected_to", target,
                            secondsAgo: 300 - Double(step) * 40, confidence: probability(0.4...0.6),
                            weight: probability(1...4), sources: ["netflow"])
                    }))
        }
        return script(
            .communityBridge, title: "Bridge between communities",
            summary: "\(name), a \(type) at the edge, links the centres of "
                + "\(first.rawValue) and \(second.rawValue)",
            flagged: bridge)
    }

    /// An account that slept for half a year updates eight times and talks to twelve traces of
    /// malware, within a minute.
    mutating func dormantAwakening() -> AttackScript {
        let account = sleeper()
        var confidence = graph.entity(account).confidence ?? 0.5
        var targets = references("malware") + references("indicator")
        targets = random.sample(12, below: targets.count).sorted().map { targets[$0] }
        for step in 0..<8 {
            confidence = SampleGraph.rounded(max(0.05, confidence - random.number(0.01...0.06)))
            let secondsAgo = 56 - Double(step) * 7
            var transaction = SampleTransaction(
                summary: "the account posts again",
                updates: [
                    SampleUpdate(
                        reference: account, confidence: confidence,
                        riskScore: step == 7 ? 0.55 : nil,
                        lastSeen: (now - secondsAgo).rounded(.down))
                ])
            // Two contacts at a time in the first six steps make twelve.
            for target in targets.dropFirst(step * 2).prefix(2) {
                transaction.relationships.append(
                    relationship(
                        account, "communicates_with", target, secondsAgo: secondsAgo,
                        confidence: probability(0.3...0.6), weight: probability(1...9),
                        sources: ["social-crawl"]))
            }
            transactions.append(transaction)
        }
        return script(
            .dormantAwakening, title: "Dormant account awakes",
            summary: "\(graph.entity(account).value), silent for months, updates again and again "
                + "and contacts 12 traces of malware",
            flagged: account)
    }
}
