@testable import SampleGraph

/// The worlds that the tests look at; generated once.
enum Worlds {
    static let seeds: [UInt64] = [1, 42, 2024]
    /// 2024-12-24 00:26:40 UTC, a Tuesday.
    static let now = 1_735_000_000.0

    private static let made: [UInt64: SampleGraph] = Dictionary(
        uniqueKeysWithValues: seeds.map { seed in
            (seed, SampleGraph.generate(SampleGraph.Options(seed: seed, now: now)))
        })

    static func world(_ seed: UInt64) -> SampleGraph {
        made[seed] ?? SampleGraph.generate(SampleGraph.Options(seed: seed, now: now))
    }
}

extension SampleGraph {
    /// Distinct neighbours by position.
    var neighbors: [Set<Int>] {
        var result = [Set<Int>](repeating: [], count: entities.count)
        for relationship in relationships {
            result[relationship.source - 1].insert(relationship.target)
            result[relationship.target - 1].insert(relationship.source)
        }
        return result
    }

    /// A number that differs when any row does (FNV-1a, Fowler, Noll and Vo).
    var digest: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        func add(_ number: Double?) { add((number ?? .nan).description) }
        for entity in entities {
            for text in [entity.type, entity.name ?? "-", entity.value, entity.metadata] {
                add(text)
            }
            for text in entity.sources + entity.tags { add(text) }
            for number in [
                entity.confidence, entity.riskScore, entity.firstSeen, entity.lastSeen,
                entity.createdAt, entity.updatedAt,
            ] { add(number) }
        }
        for relationship in relationships {
            add("\(relationship.source) \(relationship.type) \(relationship.target)")
            for text in relationship.sources { add(text) }
            for number in [
                relationship.confidence, relationship.weight, relationship.firstObserved,
                relationship.lastObserved, relationship.createdAt, relationship.updatedAt,
            ] { add(number) }
        }
        for observation in observations {
            add("\(observation.subject)")
            for number in [observation.observedAt, observation.confidence, observation.riskScore] {
                add(number)
            }
        }
        return hash
    }
}

/// Whether a host name lies in a domain that is reserved for examples (RFC 2606).
func isReserved(host: some StringProtocol) -> Bool {
    [".example", ".test", ".invalid", ".example.com", ".example.net", ".example.org"].contains {
        host.hasSuffix($0)
    }
}

/// Whether an address lies in a block that is reserved for documentation (RFC 5737, RFC 3849).
func isReserved(address: String) -> Bool {
    if address.hasPrefix("2001:db8:") { return true }
    let isBlock = ["192.0.2.", "198.51.100.", "203.0.113."].contains { address.hasPrefix($0) }
    guard isBlock, let last = address.split(separator: ".").last, let number = Int(last) else {
        return false
    }
    return (0...255).contains(number)
}
