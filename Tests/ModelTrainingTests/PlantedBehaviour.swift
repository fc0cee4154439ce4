import AnomalyDetection
import AnomalyModels
import Foundation

/// Accounts with sixty days of habits, some of which break them at the end.
///
/// Normal are quiet weekends, days off, honest bursts, night workers, and levels that differ by a
/// factor of ten. Each account meets mostly the same partners.
struct PlantedBehaviour {
    /// What was planted.
    enum Kind: String, CaseIterable {
        /// Ten times its usual day, on the last one.
        case spike
        /// Twice and a half as much for twelve days.
        case drift
        /// An ordinary number of events on the last day, twelve hours off.
        case offHours
        /// For four days only strangers, by another type and for large amounts; as many as ever.
        case sequence
    }

    /// The end of a Thursday.
    static let end = 19_699 * 86_400.0 - 60
    static let dayCount = 60
    static let partnerCount = 300

    private(set) var kinds: [Int64: Kind] = [:]
    private(set) var batch = ChangeBatch()
    private var random: SeededRandom

    init(seed: UInt64, accountCount: Int = 2000, plantedPerKind: Int = 10) {
        random = SeededRandom(seed: seed)
        let partners = Int64(accountCount)..<Int64(accountCount + Self.partnerCount)
        for id in 0..<partners.upperBound {
            batch.entities.append(
                EntityRecord(
                    id: id, typeCode: id < partners.lowerBound ? 1 : 2, confidence: 0.8,
                    riskScore: random.uniform() * 0.3,
                    firstSeen: Self.end - 86_400 * 90 * (1 + random.uniform()),
                    createdAt: Self.end - 86_400 * 90))
        }
        for id in 0..<Int64(accountCount) {
            let place = Int(id) % (accountCount / (4 * plantedPerKind))
            if place == 0 {
                kinds[id] = Kind.allCases[Int(id) * 4 * plantedPerKind / accountCount % 4]
            }
            live(id, kinds[id], partners)
        }
    }

    static let catalog = TypeCatalog(
        entityTypes: [1: "person", 2: "company"], relationshipTypes: [1: "owns", 2: "uses"])

    private mutating func live(_ id: Int64, _ kind: Kind?, _ partners: Range<Int64>) {
        let rate = 0.8 * pow10(random.uniform())
        let weekend = random.uniform() < 0.7 ? 0.15 : 1
        let hour = random.uniform() < 0.1 ? 2.0 : 9 + 6 * random.uniform()
        let friends = (0..<8).map { _ in
            partners.lowerBound + Int64(random.index(below: partners.count))
        }
        let amount = 20 * pow10(2 * random.uniform())
        for day in 0..<Self.dayCount {
            let midnight = Self.end + 60 - 86_400 * Double(Self.dayCount - day)
            let weekday = Int(midnight / 86_400) % 7
            let left = Self.dayCount - day
            var mean = rate * (weekday == 2 || weekday == 3 ? weekend : 1)
            if random.uniform() < 0.05 { mean = 0 }
            if random.uniform() < 0.015 { mean *= 4 }
            if kind == .drift, left <= 12 { mean *= 2.5 }
            if kind == .spike, left == 1 { mean = 10 * rate + 10 }
            if kind == .offHours, left == 1 { mean = max(6, rate) }
            let isStrange = kind == .sequence && left <= 4
            let shift = kind == .offHours && left == 1 ? 12.0 : 0
            for _ in 0..<poisson(mean) {
                let isNew = isStrange || random.uniform() < 0.15
                let at = (hour + shift + 2 * random.normal() + 48)
                    .truncatingRemainder(dividingBy: 24)
                let target =
                    isNew
                    ? partners.lowerBound + Int64(random.index(below: partners.count))
                    : friends[random.index(below: friends.count)]
                batch.relationships.append(
                    RelationshipRecord(
                        id: Int64(batch.relationships.count), sourceEntityID: id,
                        targetEntityID: target, typeCode: isStrange ? 2 : 1,
                        confidence: 0.6 + 0.4 * random.uniform(),
                        weight: amount * (isStrange ? 8 : 1) * (0.5 + random.uniform()),
                        firstObserved: midnight + 3600 * at))
            }
        }
    }

    private mutating func poisson(_ mean: Double) -> Int {
        var (count, left) = (0, mean)
        // Gaps between events of a unit rate.
        while true {
            left -= -log(1 - random.uniform())
            if left < 0 { return count }
            count += 1
        }
    }

    private func pow10(_ exponent: Double) -> Double { exp(exponent * 2.302_585_092_994_046) }
}
