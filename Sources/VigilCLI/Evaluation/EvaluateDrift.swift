import AnomalyDetection
import ArgumentParser
import Foundation
import ModelTraining
import SampleGraph

/// How often a planted drift is found, and how often there is an alarm without one.
struct EvaluateDrift: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Plant drift into invented worlds; count alarms with and without it.",
        discussion: """
            For each seed a world is made and a model trained as of a time in it. The world then goes on \
            for some days: as before, or with another confidence, without the source that names most, \
            with a new type, with twice the relationships, with entities that nobody describes. Each \
            is checked for drift. Nothing is drawn by the clock: the same seeds give the same counts.
            """)

    @Option(parsing: .upToNextOption, help: "Seeds of the worlds.")
    var seeds: [UInt64] = Array(1...9)

    @Option(help: "Add seeds from the first of --seeds on until there are so many.")
    var runs: Int?

    @Option(help: "Entities of a world.")
    var entities = 3000

    @Option(help: "Days from the training to the check.")
    var days = 7.0

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print the measures of each alarm.")
    var verbose = false

    func validate() throws {
        guard !seeds.isEmpty else { throw ValidationError("A world needs a seed.") }
        guard entities >= SampleGraph.Options.entityCountMin else {
            throw ValidationError("A world has at least 1000 entities.")
        }
        guard days > 0, days <= 60 else {
            throw ValidationError("The check is at most 60 days after the training.")
        }
    }

    func run() async throws {
        let started = ContinuousClock.now
        let indicators = try ShippedIndicators.load()
        let seeds = runs.map { count in (0..<count).map { self.seeds[0] + UInt64($0) } } ?? seeds
        let bar = ProgressBar()
        var table = DriftTable(
            worlds: seeds.count, entities: entities, days: days, firstSeed: seeds[0])
        for (place, seed) in seeds.enumerated() {
            bar.show("worlds", place, of: seeds.count, unit: "worlds")
            for (change, report) in try reports(seed: seed, indicators: indicators) {
                table.add(report, change)
                if verbose, report.verdict == .drift {
                    let named = report.findings.filter { $0.verdict == .drift }.map {
                        "\($0.scope.rawValue).\($0.group.rawValue).\($0.measure) psi "
                            + "\(formatted($0.psi ?? .nan, places: 3)) p \($0.adjustedP ?? .nan)"
                    }
                    Terminal.say("\(seed) \(change.rawValue): \(named.joined(separator: "; "))")
                }
            }
        }
        bar.finish()
        table.seconds = (ContinuousClock.now - started) / .seconds(1)
        Terminal.say(json ? try jsonText(table) : table.text)
    }

    private func reports(
        seed: UInt64, indicators: [Indicator]
    ) throws -> [(DriftWorld.Change, DriftReport)] {
        let day = 86_400.0
        // The last weeks of an invented world bring less, for it ends; the check is before them.
        let end = 1_750_000_000.0
        let checkedAt = end - 21 * day
        let trainedAt = checkedAt - days * day
        let world = DriftWorld(
            SampleGraph.generate(
                SampleGraph.Options(seed: seed, now: end, entityCount: entities)))
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let before = try world.detector(
            at: trainedAt, since: trainedAt, change: .none, indicators: indicators, seed: seed,
            threadCount: threads)
        var options = ModelTrainer.Options(
            seed: seed, version: "drift", createdAt: trainedAt, threadCount: threads, checkCount: 0)
        options.behaviourWindowCountMax = 0
        let model = try ModelTrainer.train(before, asOf: trainedAt, options: options)
        return try DriftWorld.Change.allCases.map { change in
            var detector = try world.detector(
                at: checkedAt, since: trainedAt, change: change, indicators: indicators, seed: seed,
                threadCount: threads)
            detector.adopt(model: model)
            var check = DriftCheck()
            check.seed = seed
            return (change, check.report(on: detector, asOf: checkedAt))
        }
    }
}

/// How often there was an alarm, and by which measures.
private struct DriftTable: Encodable {
    struct Row: Encodable {
        var alarms = 0
        /// By scope, group and measure.
        var measures: [String: Int] = [:]
    }

    var worlds: Int
    var entities: Int
    var days: Double
    var firstSeed: UInt64
    var seconds = 0.0
    var changes: [String: Row] = [:]

    enum CodingKeys: String, CodingKey {
        case worlds, entities, days, seconds, changes
        case firstSeed = "first_seed"
    }

    init(worlds: Int, entities: Int, days: Double, firstSeed: UInt64) {
        self.worlds = worlds
        self.entities = entities
        self.days = days
        self.firstSeed = firstSeed
    }

    mutating func add(_ report: DriftReport, _ change: DriftWorld.Change) {
        var row = changes[change.rawValue] ?? Row()
        if report.verdict == .drift { row.alarms += 1 }
        for finding in report.findings where finding.verdict == .drift {
            let name =
                "\(finding.scope.rawValue) \(finding.group.rawValue) \(finding.measure)"
            row.measures[name, default: 0] += 1
        }
        changes[change.rawValue] = row
    }

    var text: String {
        var text = "\(worlds) worlds of \(entities) entities, checked after \(days) days:\n"
        for change in DriftWorld.Change.allCases {
            guard let row = changes[change.rawValue] else { continue }
            let named = row.measures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(6)
                .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            text += "\(change.rawValue): \(row.alarms) of \(worlds) alarms"
            text += named.isEmpty ? "\n" : " (\(named))\n"
        }
        return text + "\(formatted(seconds, places: 1)) s"
    }
}
