import Testing

@testable import SampleGraph

@Suite("Sample graph: scenarios")
struct ScenarioTests {
    private static let smallest = SampleGraph.generate(
        SampleGraph.Options(
            seed: 3, now: Worlds.now, entityCount: SampleGraph.Options.entityCountMin,
            monthsOfHistory: SampleGraph.Options.monthsOfHistoryMin))

    /// Every scenario in three worlds, with the seeds of the worlds.
    static let cases = AttackScenario.allCases.flatMap { scenario in
        Worlds.seeds.map { (scenario, $0) }
    }

    private func script(_ scenario: AttackScenario, _ seed: UInt64) -> AttackScript {
        SampleGraph.steps(for: scenario, on: Worlds.world(seed), seed: seed, now: Worlds.now)
    }

    private func degree(_ reference: Int, in graph: SampleGraph) -> Int {
        guard reference <= graph.entities.count else { return 0 }
        return graph.neighbors[reference - 1].count
    }

    @Test("A script is the same for the same seed and another for another", arguments: cases)
    func determinism(scenario: AttackScenario, seed: UInt64) {
        let graph = Worlds.world(seed)
        let first = script(scenario, seed)
        #expect(first == script(scenario, seed))
        let other = SampleGraph.steps(for: scenario, on: graph, seed: seed &+ 1, now: Worlds.now)
        #expect(first.transactions != other.transactions)
    }

    @Test("Every script fits the graph it was written for", arguments: cases)
    func integrity(scenario: AttackScenario, seed: UInt64) {
        checkIntegrity(
            of: script(scenario, seed).transactions, on: Worlds.world(seed), now: Worlds.now)
        let script = script(scenario, seed)
        let inserted = script.transactions.flatMap(\.entities).count
        #expect(script.nextReference == Worlds.world(seed).entities.count + 1 + inserted)
        #expect((1..<script.nextReference).contains(script.flagged))
        #expect(!script.title.isEmpty && script.summary.count < 160)
    }

    @Test(
        "Every scenario finds its victims in the smallest world", arguments: AttackScenario.allCases
    )
    func smallestWorld(scenario: AttackScenario) {
        for seed in UInt64(1)...5 {
            let script = SampleGraph.steps(
                for: scenario, on: Self.smallest, seed: seed, now: Worlds.now)
            checkIntegrity(of: script.transactions, on: Self.smallest, now: Worlds.now)
        }
    }

    @Test("Scripts that share a table of references follow one another")
    func sharedReferences() {
        let graph = Worlds.world(1)
        let first = script(.registrationBurst, 1)
        let second = SampleGraph.steps(
            for: .sinkhole, on: graph, seed: 1, now: Worlds.now,
            firstReference: first.nextReference)
        #expect(second.flagged == first.nextReference)
        #expect(second.transactions.first?.entities.first?.reference == first.nextReference)
    }

    @Test(
        "A registration burst is 60 new names of one registrant in minutes", arguments: Worlds.seeds
    )
    func registrationBurst(seed: UInt64) {
        let script = script(.registrationBurst, seed)
        let domains = script.transactions.flatMap(\.entities).filter { $0.type == "domain" }
        let rows = script.transactions.flatMap(\.relationships)
        #expect(domains.count == 60)
        #expect(domains.allSatisfy { ($0.confidence ?? 1) < 0.4 && isReserved(host: $0.value) })
        #expect(domains.allSatisfy { $0.firstSeen > Worlds.now - 600 })
        let registered = rows.filter { $0.type == "registered_by" }
        #expect(Set(registered.map(\.source)) == Set(domains.map(\.reference)))
        #expect(Set(registered.map(\.target)) == [script.flagged])
        #expect(Set(rows.filter { $0.type == "manages" }.map(\.source)).count == 1)
        // No honest registrant of the world comes near.
        let graph = Worlds.world(seed)
        var counts: [Int: Int] = [:]
        for row in graph.relationships where row.type == "registered_by" {
            counts[row.target, default: 0] += 1
        }
        #expect((counts.values.max() ?? 0) < 55)
    }

    @Test("A sinkhole is 80 domains of many companies at one new address", arguments: Worlds.seeds)
    func sinkhole(seed: UInt64) {
        let graph = Worlds.world(seed)
        let script = script(.sinkhole, seed)
        let rows = script.transactions.flatMap(\.relationships)
        #expect(script.flagged > graph.entities.count)
        #expect(rows.count == 80)
        #expect(Set(rows.map(\.source)).count == 80)
        #expect(Set(rows.map(\.target)) == [script.flagged])
        var owners: [Int: Int] = [:]
        for row in graph.relationships where row.type == "owns" { owners[row.target] = row.source }
        #expect(Set(rows.compactMap { owners[$0.source] }).count >= 60)
        #expect(Set(rows.compactMap { graph.entity($0.source).sector }).count >= 8)
        let addresses = script.transactions.flatMap(\.entities)
        #expect(addresses.allSatisfy { isReserved(address: $0.value) })
        let neighbors = graph.neighbors
        let known = graph.entities.filter { $0.type == "ip_address" }
        #expect((known.map { neighbors[$0.reference - 1].count }.max() ?? 0) < 75)
    }

    @Test(
        "A bridge leads from the edge to the centres of two distant sectors",
        arguments: Worlds.seeds)
    func communityBridge(seed: UInt64) {
        let graph = Worlds.world(seed)
        let script = script(.communityBridge, seed)
        let rows = script.transactions.flatMap(\.relationships)
        #expect((1...2).contains(degree(script.flagged, in: graph)))
        #expect(Set(rows.map(\.source)) == [script.flagged])
        #expect(Set(rows.map(\.target)).count == 12)
        let sectors = Set(rows.compactMap { graph.entity($0.target).sector })
        #expect(sectors.count == 2)
        #expect(!sectors.contains(graph.entity(script.flagged).sector ?? .underground))
        let neighbors = graph.neighbors
        #expect(rows.allSatisfy { neighbors[$0.target - 1].count >= 7 })
        // The two sectors hardly know each other.
        let between = graph.relationships.filter {
            let ends = [graph.entity($0.source).sector, graph.entity($0.target).sector]
            return Set(ends.compactMap { $0 }) == sectors && ends[0] != ends[1]
        }
        #expect(between.count <= 12, "\(between.count) links")
    }

    @Test(
        "An awakening is an account that slept 150 days and talks to malware",
        arguments: Worlds.seeds)
    func dormantAwakening(seed: UInt64) {
        let graph = Worlds.world(seed)
        let script = script(.dormantAwakening, seed)
        let account = graph.entity(script.flagged)
        #expect(account.type == "social_handle")
        let silence = Worlds.now - max(account.updatedAt, account.lastSeen)
        #expect(silence > 150 * 86_400)
        let past = graph.observations.filter { $0.subject == .entity(account.reference) }
        #expect(past.count >= 12)
        #expect(past.allSatisfy { $0.observedAt <= account.updatedAt })
        let contacts = graph.relationships.filter {
            $0.source == account.reference || $0.target == account.reference
        }
        #expect(contacts.allSatisfy { $0.createdAt < Worlds.now - 150 * 86_400 })
        let rows = script.transactions.flatMap(\.relationships)
        #expect(Set(rows.map(\.target)).count == 12)
        #expect(rows.allSatisfy { $0.type == "communicates_with" })
        #expect(rows.allSatisfy { $0.firstObserved > Worlds.now - 60 })
        let types = Set(rows.map { graph.entity($0.target).type })
        #expect(types.isSubset(of: ["malware", "indicator"]))
        #expect(script.transactions.flatMap(\.updates).count == 8)
    }

    @Test("Background traffic is ordinary and fits the graph", arguments: Worlds.seeds)
    func background(seed: UInt64) {
        let graph = Worlds.world(seed)
        let steps = SampleGraph.backgroundSteps(count: 200, on: graph, seed: 8, now: Worlds.now)
        #expect(steps.count == 200)
        checkIntegrity(of: steps, on: graph, now: Worlds.now)
        #expect(steps.flatMap(\.updates).count > 60)
        #expect(steps.flatMap(\.entities).count > 20)
        // Nobody gets more than a handful of new relationships: none of this deserves a flag.
        var counts: [Int: Int] = [:]
        for row in steps.flatMap(\.relationships) {
            for end in [row.source, row.target] { counts[end, default: 0] += 1 }
        }
        let hubs = Set(graph.entities.filter { $0.tags.contains("registrar") }.map(\.reference))
        let busiest = counts.filter { !hubs.contains($0.key) }.values.max() ?? 0
        #expect(busiest <= 6)
    }

    private func checkIntegrity(
        of transactions: [SampleTransaction], on graph: SampleGraph, now: Double
    ) {
        var known = graph.entities.count
        var values = Set(graph.entities.map { $0.type + " " + $0.value })
        for transaction in transactions {
            for entity in transaction.entities {
                known += 1
                #expect(entity.reference == known)
                #expect(values.insert(entity.type + " " + entity.value).inserted)
                #expect(entity.firstSeen <= entity.lastSeen)
                #expect(entity.lastSeen <= now)
                #expect((0...1).contains(entity.confidence ?? 0))
            }
            for row in transaction.relationships {
                #expect((1...known).contains(row.source))
                #expect((1...known).contains(row.target))
                #expect(row.source != row.target)
                #expect(row.firstObserved <= row.lastObserved)
                #expect(row.lastObserved <= now)
                #expect((0...1).contains(row.confidence ?? 0))
            }
            for update in transaction.updates {
                #expect((1...known).contains(update.reference))
                #expect((update.lastSeen ?? 0) <= now)
                #expect((0...1).contains(update.confidence ?? 0))
            }
            #expect(transaction.entities.count <= 4)
            #expect(transaction.relationships.count <= 6)
        }
    }
}
