import Foundation
import Testing

@testable import SampleGraph

@Suite("Sample graph: shape", .serialized)
struct ShapeTests {
    private static let day = 86_400.0

    @Test(
        "Degrees have a heavy tail: few hubs with hundreds, most with a few",
        arguments: Worlds.seeds)
    func heavyTail(seed: UInt64) {
        let degrees = Worlds.world(seed).neighbors.map(\.count).sorted(by: >)
        #expect(degrees[0] >= 200)
        #expect(degrees[9] >= 70)
        #expect(degrees[degrees.count / 2] <= 5)
        let share = Double(degrees.prefix(60).reduce(0, +)) / Double(degrees.reduce(0, +))
        #expect((0.1...0.4).contains(share), "the top hundredth holds \(share) of all ends")
    }

    @Test("Some entities are isolated, but few", arguments: Worlds.seeds)
    func isolation(seed: UInt64) {
        let isolated = Worlds.world(seed).neighbors.filter(\.isEmpty).count
        #expect((50...240).contains(isolated), "\(isolated) of 6000")
    }

    @Test("Communities have few links between them", arguments: Worlds.seeds)
    func communities(seed: UInt64) {
        let graph = Worlds.world(seed)
        var inside = 0
        var between = 0
        for row in graph.relationships {
            guard let first = graph.entity(row.source).sector,
                let second = graph.entity(row.target).sector
            else { continue }
            if first == second { inside += 1 } else { between += 1 }
        }
        let share = Double(between) / Double(inside + between)
        #expect((0.01...0.08).contains(share), "\(share) of the links leave their sector")
        for sector in Sector.allCases {
            #expect(graph.entities.filter { $0.sector == sector }.count >= 80, "\(sector)")
        }
    }

    @Test("Values are missing as in life", arguments: Worlds.seeds)
    func missingValues(seed: UInt64) {
        let entities = Worlds.world(seed).entities
        func share(_ isMissing: (SampleEntity) -> Bool) -> Double {
            Double(entities.filter(isMissing).count) / Double(entities.count)
        }
        #expect((0.15...0.45).contains(share { $0.riskScore == nil }))
        #expect((0.01...0.08).contains(share { $0.confidence == nil }))
        #expect((0.20...0.50).contains(share { $0.name == nil }))
        #expect((0.02...0.09).contains(share { $0.sources.isEmpty }))
        #expect((0.03...0.25).contains(share { $0.tags.isEmpty }))
        #expect((0.03...0.35).contains(share { $0.metadata == "{}" }))
        #expect((0.10...0.45).contains(share(\.isVerified)))
    }

    @Test("The history fills all nine months, and the newest day", arguments: Worlds.seeds)
    func months(seed: UInt64) {
        let graph = Worlds.world(seed)
        var counts = [Int](repeating: 0, count: 9)
        for observation in graph.observations {
            let age = observation.observedAt - graph.options.start
            counts[min(8, Int(age / (30 * Self.day)))] += 1
        }
        let leastCount = counts.min() ?? 0
        #expect(leastCount * 20 > graph.observations.count, "\(counts)")
        #expect((graph.observations.last?.observedAt ?? 0) > Worlds.now - Self.day)
        #expect((60_000...250_000).contains(graph.observations.count))
    }

    @Test("Weekends and nights are quieter", arguments: Worlds.seeds)
    func calendar(seed: UInt64) {
        let graph = Worlds.world(seed)
        var weekdays = [Double](repeating: 0, count: 7)
        var hours = [Double](repeating: 0, count: 24)
        for observation in graph.observations {
            guard case .entity(let reference) = observation.subject else { continue }
            let entity = graph.entity(reference)
            guard entity.type == "social_handle" || entity.type == "person",
                let region = entity.sector?.region
            else { continue }
            let local = observation.observedAt + region.secondsFromUTC
            weekdays[(Int(local / Self.day) + 4) % 7] += 1
            hours[Int(local / 3600) % 24] += 1
        }
        let weekend = weekdays[0] + weekdays[6]
        let midweek = weekdays[2] + weekdays[3]
        #expect(weekend < 0.5 * midweek, "\(weekdays)")
        let night = hours[2...4].reduce(0, +)
        let morning = hours[10...12].reduce(0, +)
        #expect(night < 0.3 * morning, "\(hours)")
    }

    @Test("Rates of update vary from never to daily, some by the clock", arguments: Worlds.seeds)
    func rates(seed: UInt64) {
        let graph = Worlds.world(seed)
        var times: [Int: [Double]] = [:]
        for observation in graph.observations {
            guard case .entity(let reference) = observation.subject else { continue }
            times[reference, default: []].append(observation.observedAt)
        }
        #expect(graph.entities.count - times.count > 300)
        #expect(times.values.filter { $0.count > 200 }.count > 20)
        #expect(times.values.filter { (1...5).contains($0.count) }.count > 1000)
        let regular = times.values.filter { Self.variation(of: $0) < 0.05 && $0.count > 10 }
        let irregular = times.values.filter { Self.variation(of: $0) > 0.7 && $0.count > 10 }
        #expect(regular.count > 80, "\(regular.count) by the clock")
        #expect(irregular.count > 800, "\(irregular.count) by chance")
    }

    /// Standard deviation over mean of the gaps between times; 0 for a clock, 1 for pure chance.
    private static func variation(of times: [Double]) -> Double {
        let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
        guard gaps.count > 1 else { return 0.5 }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        return variance.squareRoot() / mean
    }

    @Test("Some went quiet for months", arguments: Worlds.seeds)
    func quiet(seed: UInt64) {
        let graph = Worlds.world(seed)
        var updateCounts: [Int: Int] = [:]
        for observation in graph.observations {
            guard case .entity(let reference) = observation.subject else { continue }
            updateCounts[reference, default: 0] += 1
        }
        let quiet = graph.entities.filter {
            $0.updatedAt < Worlds.now - 90 * Self.day && updateCounts[$0.reference, default: 0] >= 5
        }
        #expect(quiet.count > 60, "\(quiet.count)")
    }

    @Test("Companies register dozens of domains on one day, honestly", arguments: Worlds.seeds)
    func honestBursts(seed: UInt64) {
        let graph = Worlds.world(seed)
        var bursts: [String: Int] = [:]
        for row in graph.relationships
        where row.type == "owns" && graph.entity(row.target).type == "domain" {
            // Half a day shifts the border of the day into the night of most regions.
            let day = Int((graph.entity(row.target).createdAt + 6 * 3600) / Self.day)
            bursts["\(row.source) \(day)", default: 0] += 1
        }
        #expect(bursts.values.filter { $0 >= 15 }.count >= 2, "\(bursts.values.sorted().suffix(5))")
    }

    @Test("Pairs have parallel relationships, and confidence is corrected", arguments: Worlds.seeds)
    func repetitions(seed: UInt64) {
        let graph = Worlds.world(seed)
        let pairs = Set(graph.relationships.map { [$0.source, $0.target] })
        #expect(graph.relationships.count - pairs.count > 300)
        let corrections = graph.observations.filter {
            guard let before = $0.confidenceBefore, let after = $0.confidence else { return false }
            return abs(after - before) > 0.14
        }
        let share = Double(corrections.count) / Double(graph.observations.count)
        #expect((0.01...0.06).contains(share), "\(share)")
    }
}
