import AnomalyDetection
import AnomalyModels

/// What a training run learns about behaviour: usual hours, a network for sequences, and what the
/// scores of the detectors are worth.
///
/// The network learns from one part of the entities with a history, its scores are calibrated on the
/// others: errors on what it has learnt are too small.
struct TrainingBehaviour {
    /// With fewer windows there is no network.
    static let windowCountMin = 100
    /// An entity gives at most so many windows, a week apart.
    static let windowsPerEntityMax = 4
    /// Training ends after so many passes without a better loss.
    static let patience = 3
    /// So many entities at most stand behind a calibration.
    static let calibrationSampleCount = 10_000
    /// With fewer other entities those learnt from are calibrated on as well.
    static let heldBackCountMin = 100
    /// The hours of so many entities at most are looked at.
    static let hoursSampleCount = 10_000
    /// A type of which more than this share contacts somebody like clockwork is one of machines.
    static let mechanicalShareMax = 0.03
    /// One entity counts for at most so many active hours in the hours of its type.
    static let eventsPerEntityMax = 200.0
    /// A type with fewer events has the hours of all.
    static let eventsOfTypeMin = 500.0

    private(set) var model: BehaviourModel
    /// The raw scores of the detectors of behaviour, one for each row; NaN where silent, or not looked at.
    private(set) var scores: [Detector: [Double]] = [:]
    /// The rows that the network learnt from; its errors on them are too small.
    private(set) var isLearnt: [Bool]
    /// Whether enough others are left to calibrate the network on.
    private(set) var isHeldBack = false
    /// How training of the network went; nil without one.
    private(set) var history: LSTMAutoencoder.History?
    /// The windows that there were to learn from.
    private(set) var windowCount = 0

    init(
        _ detector: AnomalyDetector, rows: inout [TrainingRow], asOf: Double,
        options: ModelTrainer.Options, loop: TrainingLoop, progress: (Double) -> Void
    ) throws(TrainingError) {
        let given = rows
        model = BehaviourModel(
            bucketSeconds: detector.settings.behaviourBucketSeconds,
            hours: try Self.hours(detector, given, asOf: asOf, loop: loop), autoencoder: nil)
        isLearnt = [Bool](repeating: false, count: given.count)
        let readings = try loop.map(given.count, progress: { progress(0.2 * $0) }) { place in
            let row = given[place]
            let reading = detector.behaviourReading(of: row.id, asOf: row.lastChange, by: nil)
            return (regularity: reading?.contact?.score ?? 0, isLong: reading?.forecast != nil)
        }
        // Who contacts nobody like clockwork has 0: what counts is how many do.
        scores[.regularity] = readings.map(\.regularity)
        for (place, reading) in readings.enumerated() {
            rows[place].values[.signal(.contactRegularity)] = reading.regularity
        }
        let withHistory = readings.indices.filter { readings[$0].isLong }
        try trainNetwork(detector, given, withHistory, options: options, loop: loop) {
            progress(0.2 + 0.6 * $0)
        }
        try score(detector, &rows, withHistory, asOf: asOf, loop: loop) {
            progress(0.8 + 0.2 * $0)
        }
    }

    /// The hours of each type with events enough, and of all.
    private static func hours(
        _ detector: AnomalyDetector, _ rows: [TrainingRow], asOf: Double, loop: TrainingLoop
    ) throws(TrainingError) -> [String: HourProfile] {
        let stride = (max(1, rows.count) - 1) / hoursSampleCount + 1
        let places = Array(Swift.stride(from: 0, to: rows.count, by: stride))
        let looks = try loop.map(places.count) { look in
            detector.activityHours(of: rows[places[look]].id, asOf: asOf)
        }
        var byType: [String: [[Double]]] = [:]
        for (place, counts) in zip(places, looks) {
            let total = counts.reduce(0, +)
            guard total >= HourProfile.placedCountMin else { continue }
            let factor = min(1, eventsPerEntityMax / total)
            byType[rows[place].typeName, default: []].append(counts.map { $0 * factor })
        }
        let all = byType.sorted { $0.key < $1.key }.flatMap(\.value)
        let everyone = HourProfile.rhythm(ofAll: all, from: .uniform)
        var hours = byType.filter { $0.value.joined().reduce(0, +) >= eventsOfTypeMin }
            .mapValues { HourProfile.rhythm(ofAll: $0, from: everyone) }
        hours[PeerGroup.everyone] = everyone
        return hours
    }

    /// What the scores of the detectors are worth among these rows.
    func calibrations(of rows: [TrainingRow], at places: [Int]) -> [Detector: DetectorCalibration] {
        var calibrations: [Detector: DetectorCalibration] = [:]
        for (kind, scores) in scores {
            var byType: [String: [Double]] = [:]
            for place in places {
                let isHidden = kind == .reconstruction && isLearnt[place] && isHeldBack
                byType[rows[place].typeName, default: []].append(isHidden ? .nan : scores[place])
            }
            if kind == .regularity {
                calibrations[kind] = Self.calibration(ofRegularities: byType)
            } else if byType.values.joined().contains(where: { !$0.isNaN }) {
                calibrations[kind] = .fit(kind, scores: byType)
            }
        }
        return calibrations
    }

    /// A type with machines of its own, more than can be left out, has a calibration of its own; the few
    /// regular ones of all other types are rare among all of them, which no single type could tell.
    static func calibration(ofRegularities scores: [String: [Double]]) -> DetectorCalibration? {
        guard scores.values.joined().contains(where: { $0 > 0 }) else { return nil }
        let isMechanical = scores.mapValues { scores in
            Double(scores.count { $0 > 0 }) > mechanicalShareMax * Double(scores.count)
        }
        var calibration = DetectorCalibration.fit(
            .regularity, scores: scores.filter { isMechanical[$0.key] == false })
        calibration.byType =
            DetectorCalibration.fit(
                .regularity, scores: scores.filter { isMechanical[$0.key] == true }
            ).byType
        // Of too few nothing can be told.
        calibration.silentTypes = isMechanical.filter {
            $0.value && calibration.byType[$0.key] == nil
        }.keys.sorted()
        return calibration
    }

    /// Trains the network where there are windows enough.
    private mutating func trainNetwork(
        _ detector: AnomalyDetector, _ rows: [TrainingRow], _ withHistory: [Int],
        options: ModelTrainer.Options, loop: TrainingLoop, progress: (Double) -> Void
    ) throws(TrainingError) {
        var random = SeededRandom(seed: options.seed, stream: 0x5EC5)
        let order = random.sample(withHistory.count, below: withHistory.count)
        let learners = order.prefix(min(withHistory.count / 2, options.behaviourWindowCountMax))
            .map { withHistory[$0] }
        var windows = SequenceWindows(
            stepCount: BehaviourSeries.bucketCount, featureCount: BehaviourFeature.count)
        let perEntity = min(
            Self.windowsPerEntityMax, options.behaviourWindowCountMax / max(1, learners.count))
        let week = 7 * detector.settings.behaviourBucketSeconds
        let inputs = try loop.map(learners.count) { learner in
            let row = rows[learners[learner]]
            var inputs: [[Double]] = []
            for back in 0..<max(1, perEntity) {
                let time = row.lastChange - Double(back) * week
                guard
                    detector.behaviourReading(of: row.id, asOf: time, by: nil)?.forecast != nil,
                    let values = detector.behaviourSequence(of: row.id, asOf: time)
                else { break }
                inputs.append(BehaviourModel.networkInput(values))
            }
            return inputs
        }
        for input in inputs.joined() { windows.append(input) }
        windowCount = windows.windowCount
        guard options.behaviourWindowCountMax > 0,
            windows.windowCount >= Self.windowCountMin
        else { return }
        do throws(ModelError) {
            let fitted = try LSTMAutoencoder.fit(
                windows,
                parameters: LSTMAutoencoder.Parameters(
                    epochCountMax: options.behaviourEpochCountMax, patience: Self.patience,
                    seed: options.seed),
                threadCount: options.threadCount
            ) {
                progress(
                    (Double($0.epoch - 1) + Double($0.batch) / Double($0.batchCount))
                        / Double($0.epochCountMax))
                return !loop.isCancelled()
            }
            model.autoencoder = fitted.model
            history = fitted.history
        } catch {
            throw TrainingError(code: .invalidOption, message: "autoencoder: \(error.message)")
        }
        try loop.check()
        for place in learners { isLearnt[place] = true }
        isHeldBack = withHistory.count - learners.count >= Self.heldBackCountMin
    }

    /// An entity is as strange as it looks now or looked at its latest change.
    private mutating func score(
        _ detector: AnomalyDetector, _ rows: inout [TrainingRow], _ withHistory: [Int],
        asOf: Double, loop: TrainingLoop, progress: (Double) -> Void
    ) throws(TrainingError) {
        let kinds = [Detector.residual, .cusum, .offHours]
        let unknown = [Double](repeating: .nan, count: rows.count)
        for kind in kinds + [.reconstruction] { scores[kind] = unknown }
        let stride = (max(1, withHistory.count) - 1) / Self.calibrationSampleCount + 1
        let sample = withHistory.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        let hoursAlone = BehaviourModel(
            bucketSeconds: model.bucketSeconds, hours: model.hours, autoencoder: nil)
        let hasNetwork = model.autoencoder != nil
        for start in Swift.stride(from: 0, to: sample.count, by: 500) {
            let places = Array(sample[start..<min(start + 500, sample.count)])
            let given = places.map { (id: rows[$0].id, times: [asOf, rows[$0].lastChange]) }
            let looks = try loop.map(places.count) { look in
                let (id, times) = given[look]
                let readings = times.map {
                    detector.behaviourReading(of: id, asOf: $0, by: hoursAlone)
                }
                let windows = zip(readings, times).map { reading, time in
                    hasNetwork && reading?.forecast != nil
                        ? detector.behaviourSequence(of: id, asOf: time) ?? [] : []
                }
                let scores = kinds.map { kind in
                    readings.compactMap { $0?.score(kind) }.reduce(Double.nan, Double.maximum)
                }
                return (windows: windows, scores: scores)
            }
            let errors = reconstructions(
                looks.flatMap(\.windows), threadCount: loop.threadCount)
            for (look, place) in places.enumerated() {
                for (kind, score) in zip(kinds, looks[look].scores) { scores[kind]?[place] = score }
                let error = Double.maximum(errors[2 * look], errors[2 * look + 1])
                scores[.reconstruction]?[place] = error
                rows[place].values[.signal(.reconstructionError)] = error
                rows[place].values[.signal(.offHoursSurprise)] = looks[look].scores[2]
            }
            progress(Double(start + places.count) / Double(sample.count))
        }
    }

    /// How badly the network rebuilds each sequence; NaN without one.
    private func reconstructions(_ sequences: [[Double]], threadCount: Int) -> [Double] {
        guard let network = model.autoencoder else {
            return [Double](repeating: .nan, count: sequences.count)
        }
        var windows = SequenceWindows(
            stepCount: BehaviourSeries.bucketCount, featureCount: BehaviourFeature.count)
        for sequence in sequences { windows.append(BehaviourModel.networkInput(sequence)) }
        let errors = network.reconstructionErrors(windows, threadCount: threadCount)
        return sequences.indices.map { BehaviourModel.score(of: errors, window: $0) }
    }
}
