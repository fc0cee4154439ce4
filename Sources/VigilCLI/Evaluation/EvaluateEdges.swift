import AnomalyModels
import ArgumentParser
import GraphFiles

/// The detectors of edge streams on a graph set in time order, without a database.
struct EvaluateEdges: AsyncParsableCommand {
    enum DetectorName: String, CaseIterable, ExpressibleByArgument {
        case channels
        case midas
        case midasR = "midas-r"
        case midasF = "midas-f"
        case all
    }

    static let configuration = CommandConfiguration(
        commandName: "edges",
        abstract: "Score the relationships of a graph set as a stream.",
        discussion: """
            The records are taken in time order, and each is scored with itself and the past only. No \
            label is ever an input. Records without a label count as normal. Printed beside the \
            detectors: scores of no skill, and with the whole minute what no stream can know.
            """)

    @Argument(help: "Folder with entities.csv[.gz] and relationships.csv[.gz].")
    var folder: String

    @Option(help: "channels, midas, midas-r, midas-f or all.")
    var detector = DetectorName.all

    @OptionGroup(title: "Channels")
    var channels: ChannelOptions

    @OptionGroup(title: "MIDAS")
    var midas: MidasOptions

    @Option(
        help: ArgumentHelp(
            "Take the labelled records out and plant attacks that are this share of all records.",
            valueName: "share"))
    var planted: Double?

    @Flag(help: "Plant attacks among the records of the calibration, too.")
    var plantedEarly = false

    @Flag(help: "Also change each parameter of the channels, one at a time.")
    var sensitivity = false

    @Option(help: "Seeds of the hashes and of planted attacks; means are reported.")
    var seeds: [UInt64] = [1, 2, 3]

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !seeds.isEmpty else { throw ValidationError("A hash needs a seed.") }
        guard planted.map({ (0..<1).contains($0) }) != false else {
            throw ValidationError("The share of planted attacks lies in 0..<1.")
        }
        do {
            for choice in choices { _ = try choice.run(EdgeRecords(), seed: 1) }
        } catch let error as ModelError {
            throw ValidationError(error.message)
        }
    }

    func run() async throws {
        let started = ContinuousClock.now
        let records = try EdgeRecords(try GraphSet(folder: folder))
        let streams = seeds.map { seed in
            planted.map {
                PlantedAttacks.plant(
                    in: records, share: $0,
                    quietCount: plantedEarly ? 0 : channels.calibrationRecords, seed: seed)
            } ?? records
        }
        var report = try EdgeEvaluation(
            choices, streams: streams, seeds: seeds, plantedShare: planted)
        if sensitivity {
            report.sensitivity = try EdgeSensitivity.rows(
                channels.parameters, streams: streams, seeds: seeds)
        }
        report.seconds = (ContinuousClock.now - started) / .seconds(1)
        Terminal.say(json ? try jsonText(report) : report.table)
    }

    private var choices: [EdgeDetectorChoice] {
        let all =
            [(.channels, .channels(channels.parameters))]
            + MidasDetector.Variant.allCases.map {
                (DetectorName(rawValue: $0.rawValue), .midas(midas.parameters($0)))
            } as [(DetectorName?, EdgeDetectorChoice)]
        return all.filter { detector == .all || $0.0 == detector }.map(\.1)
    }
}

/// The parameters of the four channels.
struct ChannelOptions: ParsableArguments {
    @Option(help: "The half-life of the counts in seconds.")
    var halfLife = EdgeStreamDetector.Parameters().halfLifeSeconds

    @Option(help: "The score from which a record does not feed the baseline.")
    var threshold = EdgeStreamDetector.Parameters().filterThreshold

    @Option(help: "The count expected of a key without a past.")
    var prior = EdgeStreamDetector.Parameters().priorCount

    @Option(help: "Seconds added to a key's life.")
    var priorExposure = EdgeStreamDetector.Parameters().priorExposureSeconds

    @Option(help: "How much a baseline may grow in a day of hot records; 0.1 is a tenth.")
    var growth = EdgeStreamDetector.Parameters().growthPerDay

    @Option(help: "The records at the beginning that calibrate.")
    var calibrationRecords = EdgeStreamDetector.Parameters().calibrationCount

    @Option(help: "The share of them that makes the tail.")
    var tailShare = EdgeStreamDetector.Parameters().tailShare

    @Flag(help: "Let later records refine the calibration.")
    var refresh = false

    @Flag(help: "Count in sketches instead of exact tables.")
    var sketch = false

    @Option(help: "The rows of a sketch.")
    var sketchRows = 2

    @Option(help: "The columns of a sketch.")
    var sketchColumns = 1 << 14

    @Option(help: "The bits of a generation of the sketches' filter of pairs.")
    var pairBits = 1 << 20

    var parameters: EdgeStreamDetector.Parameters {
        var parameters = EdgeStreamDetector.Parameters()
        parameters.halfLifeSeconds = halfLife
        parameters.filterThreshold = threshold
        parameters.priorCount = prior
        parameters.priorExposureSeconds = priorExposure
        parameters.growthPerDay = growth
        parameters.calibrationCount = calibrationRecords
        parameters.tailShare = tailShare
        parameters.refreshesCalibration = refresh
        if sketch {
            parameters.storage = .sketch(
                rowCount: sketchRows, columnCount: sketchColumns, pairBitCount: pairBits)
        }
        return parameters
    }
}

/// The parameters of MIDAS, MIDAS-R and MIDAS-F.
struct MidasOptions: ParsableArguments {
    @Option(help: "The rows of a sketch.")
    var midasRows = MidasDetector.Parameters().rowCount

    @Option(help: "The columns of a sketch.")
    var midasColumns = MidasDetector.Parameters().columnCount

    @Option(help: "What is kept of the counts from tick to tick (MIDAS-R, MIDAS-F).")
    var midasDecay = MidasDetector.Parameters().decay

    @Option(help: "The score from which a tick does not feed the baseline (MIDAS-F).")
    var midasThreshold = MidasDetector.Parameters().threshold

    @Option(help: "The length of a tick in seconds.")
    var midasTick = MidasDetector.Parameters().tickSeconds

    func parameters(_ variant: MidasDetector.Variant) -> MidasDetector.Parameters {
        var parameters = MidasDetector.Parameters(variant: variant)
        parameters.rowCount = midasRows
        parameters.columnCount = midasColumns
        parameters.decay = midasDecay
        parameters.threshold = midasThreshold
        parameters.tickSeconds = midasTick
        return parameters
    }
}
