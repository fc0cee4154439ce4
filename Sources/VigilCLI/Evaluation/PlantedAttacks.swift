import AnomalyModels
import Foundation

/// Attacks planted among the normal records of a set, so that their number does not depend on three
/// floods that somebody labelled.
///
/// Spoofed floods (each record from an invented source) and floods from one source last 1 to 10
/// minutes at 50 to 2,000 records a minute; sweeps touch 100 to 1,000 targets within 5 minutes;
/// hour-long floods have 50 to 300 records a minute; slow scans touch a new target every 30 to 120
/// seconds. Sources and targets are known or invented by the toss of a coin. Times are cut to minutes,
/// the order within a minute is random. The attacks begin after the first 20,000 records, or anywhere.
struct PlantedAttacks {
    enum Kind: String, CaseIterable {
        case spoofedFlood = "spoofed flood"
        case singleFlood = "flood from one source"
        case sweep
        case hourFlood = "hour-long flood"
        case slowScan = "slow scan"

        /// The kind's part of all planted records.
        var share: Double {
            switch self {
            case .spoofedFlood: 0.35
            case .singleFlood: 0.25
            case .sweep: 0.15
            case .hourFlood: 0.2
            case .slowScan: 0.05
            }
        }
    }

    private let normals: EdgeRecords
    private let hosts: [UInt64]
    private let begin: Double
    private let end: Double
    private var random: SeededRandom
    private var invented: UInt64
    private var planted = EdgeRecords()

    /// The normal records of a set with attacks that make up a share of all records.
    ///
    /// - Parameters:
    ///   - records: The set; its labelled attacks are taken out.
    ///   - share: The attacks' share of the result, in 0..<1.
    ///   - quietCount: The records at the beginning among which there is no attack.
    ///   - seed: The seed of times, sizes and keys.
    /// - Returns: All records in time order, the planted ones labelled by their kind.
    static func plant(
        in records: EdgeRecords, share: Double, quietCount: Int, seed: UInt64
    ) -> EdgeRecords {
        var attacks = PlantedAttacks(records, quietCount: quietCount, seed: seed)
        attacks.plant(Int(Double(attacks.normals.count) * share / (1 - share)))
        return attacks.mixed()
    }

    private init(_ records: EdgeRecords, quietCount: Int, seed: UInt64) {
        var normals = EdgeRecords()
        for index in records.times.indices where !records.isAnomaly[index] {
            normals.append(
                source: records.sources[index], target: records.targets[index],
                time: records.times[index], isAnomaly: false, attack: "")
        }
        self.normals = normals
        hosts = Set(normals.sources + normals.targets).sorted()
        begin = normals.times[min(quietCount, normals.count - 1)]
        end = normals.times[normals.count - 1]
        random = SeededRandom(seed: seed, stream: 0xF100D)
        invented = (hosts.last ?? 0) + 1
    }

    private mutating func plant(_ wanted: Int) {
        for kind in Kind.allCases {
            let quota = Int(Double(wanted) * kind.share)
            let before = planted.count
            while planted.count - before < quota { plantOne(kind) }
        }
    }

    private mutating func plantOne(_ kind: Kind) {
        switch kind {
        case .spoofedFlood, .singleFlood:
            let minutes = 1 + random.index(below: 10)
            let rate = pow(10, 1.7 + 1.6 * random.uniform())
            flood(kind, recordCount: Int(Double(minutes) * rate), seconds: Double(minutes) * 60)
        case .hourFlood:
            flood(kind, recordCount: 60 * (50 + random.index(below: 250)), seconds: 3_600)
        case .sweep:
            scan(kind, targetCount: 100 + random.index(below: 900)) {
                60 * Double(1 + $1.index(below: 5)) / Double($0)
            }
        case .slowScan:
            scan(kind, targetCount: 200 + random.index(below: 800)) {
                30 + 90 * $1.uniform()
            }
        }
    }

    private mutating func flood(_ kind: Kind, recordCount: Int, seconds: Double) {
        let isSpoofed = kind == .spoofedFlood || (kind == .hourFlood && tossesHeads())
        // A busy target as often as any.
        let target =
            tossesHeads()
            ? normals.targets[random.index(below: normals.count)]
            : hosts[random.index(below: hosts.count)]
        let source = tossesHeads() ? invent() : hosts[random.index(below: hosts.count)]
        let start = startTime(lasting: seconds)
        for _ in 0..<recordCount {
            planted.append(
                source: isSpoofed ? invent() : source, target: target,
                time: start + seconds * random.uniform(), isAnomaly: true, attack: kind.rawValue)
        }
    }

    private mutating func scan(
        _ kind: Kind, targetCount: Int, secondsBetween: (Int, inout SeededRandom) -> Double
    ) {
        let source = tossesHeads() ? invent() : hosts[random.index(below: hosts.count)]
        let gap = secondsBetween(targetCount, &random)
        let start = startTime(lasting: gap * Double(targetCount))
        let known =
            tossesHeads()
            ? random.sample(targetCount, below: hosts.count).map { hosts[$0] } : []
        for step in 0..<targetCount {
            planted.append(
                source: source, target: step < known.count ? known[step] : invent(),
                time: start + gap * Double(step), isAnomaly: true, attack: kind.rawValue)
        }
    }

    private mutating func tossesHeads() -> Bool { random.index(below: 2) == 0 }

    private mutating func invent() -> UInt64 {
        invented += 1
        return invented
    }

    private mutating func startTime(lasting seconds: Double) -> Double {
        begin + max(0, end - begin - seconds) * random.uniform()
    }

    /// All records in the order of their minutes, shuffled within each.
    private mutating func mixed() -> EdgeRecords {
        var shuffled = EdgeRecords()
        let all = [normals, planted]
        let total = normals.count + planted.count
        for index in random.sample(total, below: total) {
            let part = all[index < normals.count ? 0 : 1]
            let position = index < normals.count ? index : index - normals.count
            shuffled.append(
                source: part.sources[position], target: part.targets[position],
                time: (part.times[position] / 60).rounded(.down) * 60,
                isAnomaly: part.isAnomaly[position], attack: part.attacks[position])
        }
        shuffled.sortByTime()
        return shuffled
    }
}
