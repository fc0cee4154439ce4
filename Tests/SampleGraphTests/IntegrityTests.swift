import Foundation
import Testing

@testable import SampleGraph

@Suite("Sample graph: integrity")
struct IntegrityTests {
    @Test("Equal options give equal bytes, another seed gives others")
    func determinism() {
        let options = SampleGraph.Options(seed: 5, now: Worlds.now, entityCount: 1000)
        let first = SampleGraph.generate(options)
        #expect(SampleGraph.generate(options).digest == first.digest)
        #expect(SampleGraph.generate(options) == first)
        var other = options
        other.seed = 6
        #expect(SampleGraph.generate(other).digest != first.digest)
    }

    @Test("Nothing depends on the order of a hash table, which changes from run to run")
    func golden() {
        // Taken once; a change of the generator is the only good reason to take it again.
        let options = SampleGraph.Options(seed: 5, now: Worlds.now, entityCount: 1000)
        let graph = SampleGraph.generate(options)
        let ends = graph.relationships.map { "\($0.source) \($0.type) \($0.target)" }
        #expect(
            ends.suffix(3) == [
                "512 references 32", "897 communicates_with 134", "906 communicates_with 182",
            ])
        #expect(
            graph.entities.suffix(2).map(\.value) == [
                "kirsund-f865fa", "norarlan.corlis@mail.example.net",
            ])
    }

    @Test("There are exactly as many entities as asked for", arguments: [1000, 1001, 2500, 6000])
    func entityCount(count: Int) {
        let graph = SampleGraph.generate(
            SampleGraph.Options(seed: 9, now: Worlds.now, entityCount: count))
        #expect(graph.entities.count == count)
        #expect(Set(graph.entities.map(\.type)) == Set(TypeTraits.types))
    }

    @Test("References are dense and every end exists", arguments: Worlds.seeds)
    func references(seed: UInt64) {
        let graph = Worlds.world(seed)
        #expect(graph.entities.map(\.reference) == Array(1...graph.entities.count))
        #expect(graph.relationships.map(\.reference) == Array(1...graph.relationships.count))
        let known = 1...graph.entities.count
        #expect(
            graph.relationships.allSatisfy {
                known.contains($0.source) && known.contains($0.target) && $0.source != $0.target
            })
        let rows = 1...graph.relationships.count
        let areKnown = graph.observations.allSatisfy { observation in
            switch observation.subject {
            case .entity(let reference): known.contains(reference)
            case .relationship(let reference): rows.contains(reference)
            }
        }
        #expect(areKnown)
    }

    @Test("No two entities of a type share a value", arguments: Worlds.seeds)
    func uniqueness(seed: UInt64) {
        let graph = Worlds.world(seed)
        let values = Set(graph.entities.map { $0.type + " " + $0.value })
        #expect(values.count == graph.entities.count)
        #expect(graph.entities.allSatisfy { !$0.value.isEmpty && $0.name != "" })
    }

    @Test(
        "Confidences and risks lie in 0...1, ratings in -10...10, other weights are positive",
        arguments: Worlds.seeds)
    func ranges(seed: UInt64) {
        let graph = Worlds.world(seed)
        var shares = graph.entities.flatMap { [$0.confidence, $0.riskScore] }
        shares += graph.relationships.map(\.confidence)
        for row in graph.observations {
            shares += [row.confidence, row.riskScore, row.confidenceBefore, row.riskScoreBefore]
        }
        let isInRange = shares.compactMap { $0 }.allSatisfy { (0...1).contains($0) }
        #expect(isInRange)
        #expect(
            graph.relationships.allSatisfy { row in
                row.type == "rates"
                    ? abs(row.weight ?? 0) >= 1 && abs(row.weight ?? 0) <= 10
                    : (row.weight ?? 1) > 0
            })
    }

    @Test("Times are in order: seen, then written, then updated, then now", arguments: Worlds.seeds)
    func times(seed: UInt64) {
        let graph = Worlds.world(seed)
        let start = graph.options.start
        let wrongEntities = graph.entities.filter { entity in
            let isInOrder =
                entity.firstSeen <= entity.lastSeen && entity.lastSeen <= entity.updatedAt
                && entity.firstSeen <= entity.createdAt && entity.createdAt <= entity.updatedAt
                && start <= entity.createdAt && entity.updatedAt <= Worlds.now
            return !isInOrder
        }
        #expect(wrongEntities.isEmpty)
        let wrongRelationships = graph.relationships.filter { row in
            let ends = [graph.entity(row.source), graph.entity(row.target)]
            let isInOrder =
                row.firstObserved <= row.lastObserved && row.lastObserved <= row.updatedAt
                && row.firstObserved <= row.createdAt && row.createdAt <= row.updatedAt
                && row.updatedAt <= Worlds.now
                && ends.allSatisfy { $0.createdAt <= row.createdAt }
            return !isInOrder
        }
        #expect(wrongRelationships.isEmpty)
    }

    @Test("The history of a row is a chain that ends in the row", arguments: Worlds.seeds)
    func chains(seed: UInt64) {
        let graph = Worlds.world(seed)
        var last: [SampleObservation.Subject: SampleObservation] = [:]
        var time = -Double.infinity
        var brokenCount = 0
        for observation in graph.observations {
            if observation.observedAt < time { brokenCount += 1 }
            time = observation.observedAt
            if let before = last[observation.subject] {
                let isLinked =
                    observation.confidenceBefore == before.confidence
                    && observation.riskScoreBefore == before.riskScore
                    && observation.weightBefore == before.weight
                if !isLinked { brokenCount += 1 }
            }
            last[observation.subject] = observation
        }
        #expect(brokenCount == 0)
        let wrongEntities = graph.entities.filter { entity in
            guard let end = last[.entity(entity.reference)] else {
                return entity.updatedAt != entity.createdAt
            }
            return entity.updatedAt != end.observedAt || end.confidence != entity.confidence
                || end.riskScore != entity.riskScore
        }
        #expect(wrongEntities.isEmpty)
        let wrongRelationships = graph.relationships.filter { row in
            guard let end = last[.relationship(row.reference)] else {
                return row.updatedAt != row.createdAt
            }
            return row.updatedAt != end.observedAt || end.confidence != row.confidence
                || end.weight != row.weight
        }
        #expect(wrongRelationships.isEmpty)
    }

    @Test("Names and addresses point at nothing real", arguments: Worlds.seeds)
    func harmlessness(seed: UInt64) {
        let real = Worlds.world(seed).entities.filter { entity in
            let parts = entity.value.split { $0 == "@" || $0 == "/" }
            return switch entity.type {
            case "domain", "service": !isReserved(host: entity.value)
            case "ip_address": !isReserved(address: entity.value)
            case "email", "website": parts.count < 2 || !isReserved(host: parts[1])
            case "phone":
                !entity.value.contains(" 1632 960") && !entity.value.contains(" 555 01")
            case "vulnerability": !entity.value.hasPrefix("CVE-0000-")
            default: false
            }
        }
        #expect(real.map(\.value) == [])
    }

    @Test("Metadata is a JSON object", arguments: Worlds.seeds)
    func metadata(seed: UInt64) throws {
        let all = "[" + Worlds.world(seed).entities.map(\.metadata).joined(separator: ",") + "]"
        let objects = try JSONSerialization.jsonObject(with: Data(all.utf8)) as? [[String: Any]]
        #expect(objects?.count == Worlds.world(seed).entities.count)
    }
}
