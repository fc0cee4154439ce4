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
    private(set) var calibrations: [Detector: DetectorCalibration] = [:]
    /// How training of the network went; nil without one.
    private(set) var history: LSTMAutoencoder.History?

    init(
        _ detector: AnomalyDetector, rows: inout [TrainingRow], asOf: Double,
        options: ModelTrainer.Options, progress: (Double) -> Void
    ) throws(TrainingError) {
        model = BehaviourModel(
            bucketSeconds: detector.settings.behaviourBucketSeconds,
            hours: Self.hours(detector, rows, asOf: asOf), autoencoder: nil)
        var withHistory: [Int] = []
        // Who contacts nobody like clockwork has 0: what counts is how many do.
        var regularities: [String: [Double]] = [:]
        for (place, row) in rows.enumerated() {
            let reading = detector.behaviourReading(of: row.id, asOf: row.lastChange, by: nil)
            let regularity = reading?.contact?.score ?? 0
            regularities[row.typeName, default: []].append(regularity)
            rows[place].values[.signal(.contactRegularity)] = regularity
            if reading?.forecast != nil { withHistory.append(place) }
        }
        calibrations[.regularity] = Self.calibration(ofRegularities: regularities)
        let learntFrom = try trainNetwork(
            detector, rows, withHistory, options: options, progress: progress)
        calibrate(
            detector, &rows, withHistory, learntFrom: learntFrom, asOf: asOf, options: options)
    }

    /// The hours of each type with events enough, and of all.
    private static func hours(
        _ detector: AnomalyDetector, _ rows: [TrainingRow], asOf: Double
    ) -> [String: HourProfile] {
        var byType: [String: [[Double]]] = [:]
        let stride = (max(1, rows.count) - 1) / hoursSampleCount + 1
        for place in Swift.stride(from: 0, to: rows.count, by: stride) {
            let counts = detector.activityHours(of: rows[place].id, asOf: asOf)
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
    ///
    /// - Returns: The places of the rows that it learnt from.
    private mutating func trainNetwork(
        _ detector: AnomalyDetector, _ rows: [TrainingRow], _ withHistory: [Int],
        options: ModelTrainer.Options, progress: (Double) -> Void
    ) throws(TrainingError) -> Set<Int> {
        var random = SeededRandom(seed: options.seed, stream: 0x5EC5)
        let order = random.sample(withHistory.count, below: withHistory.count)
        let learners = order.prefix(min(withHistory.count / 2, options.behaviourWindowCountMax))
            .map { withHistory[$0] }
        var windows = SequenceWindows(
            stepCount: BehaviourSeries.bucketCount, featureCount: BehaviourFeature.count)
        let perEntity = min(
            Self.windowsPerEntityMax, options.behaviourWindowCountMax / max(1, learners.count))
        let week = 7 * detector.settings.behaviourBucketSeconds
        for place in learners {
            for back in 0..<max(1, perEntity) {
                let time = rows[place].lastChange - Double(back) * week
                guard
                    detector.behaviourReading(of: rows[place].id, asOf: time, by: nil)?.forecast
                        != nil,
                    let values = detector.behaviourSequence(of: rows[place].id, asOf: time)
                else { break }
                windows.append(BehaviourModel.networkInput(values))
            }
        }
        guard options.behaviourWindowCountMax > 0,
            windows.windowCount >= Self.windowCountMin
        else { return [] }
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
                return true
            }
            model.autoencoder = fitted.model
            history = fitted.history
        } catch {
            throw TrainingError(code: .invalidOption, message: error.message)
        }
        return Set(learners)
    }

    /// An entity is as strange as it looks now or looked at its latest change.
    private mutating func calibrate(
        _ detector: AnomalyDetector, _ rows: inout [TrainingRow], _ withHistory: [Int],
        learntFrom: Set<Int>, asOf: Double, options: ModelTrainer.Options
    ) {
        let stride = (max(1, withHistory.count) - 1) / Self.calibrationSampleCount + 1
        let sample = withHistory.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
        let isHeldBack = withHistory.count - learntFrom.count >= Self.heldBackCountMin
        var scores: [Detector: [String: [Double]]] = [:]
        for start in Swift.stride(from: 0, to: sample.count, by: 500) {
            let places = sample[start..<min(start + 500, sample.count)]
            let errors = reconstructions(detector, rows, places, asOf: asOf, options: options)
            for (place, error) in zip(places, errors) {
                let row = rows[place]
                rows[place].values[.signal(.reconstructionError)] = error
                let isLearnt = learntFrom.contains(place) && isHeldBack
                scores[.reconstruction, default: [:]][row.typeName, default: []]
                    .append(isLearnt ? .nan : error)
                let readings = [asOf, row.lastChange].compactMap {
                    detector.behaviourReading(of: row.id, asOf: $0, by: hoursAlone)
                }
                for kind in [Detector.residual, .cusum, .offHours] {
                    let score = readings.map { $0.score(kind) }.reduce(Double.nan, Double.maximum)
                    scores[kind, default: [:]][row.typeName, default: []].append(score)
                    if kind == .offHours {
                        rows[place].values[.signal(.offHoursSurprise)] = score
                    }
                }
            }
        }
        for (kind, byType) in scores
        where byType.values.joined().contains(where: { !$0.isNaN }) {
            calibrations[kind] = .fit(kind, scores: byType)
        }
    }

    private var hoursAlone: BehaviourModel {
        BehaviourModel(bucketSeconds: model.bucketSeconds, hours: model.hours, autoencoder: nil)
    }

    /// The larger score of both views; NaN without a network.
    private func reconstructions(
        _ detector: AnomalyDetector, _ rows: [TrainingRow], _ places: ArraySlice<Int>,
        asOf: Double, options: ModelTrainer.Options
    ) -> [Double] {
        guard let network = model.autoencoder else {
            return [Double](repeating: .nan, count: places.count)
        }
        var windows = SequenceWindows(
            stepCount: BehaviourSeries.bucketCount, featureCount: BehaviourFeature.count)
        for place in places {
            for time in [asOf, rows[place].lastChange] {
                let hasHistory =
                    detector.behaviourReading(of: rows[place].id, asOf: time, by: nil)?.forecast
                    != nil
                let sequence =
                    hasHistory ? detector.behaviourSequence(of: rows[place].id, asOf: time) : nil
                windows.append(BehaviourModel.networkInput(sequence ?? []))
            }
        }
        let errors = network.reconstructionErrors(windows, threadCount: options.threadCount)
        return (0..<places.count).map { place in
            Double.maximum(
                BehaviourModel.score(of: errors, window: 2 * place),
                BehaviourModel.score(of: errors, window: 2 * place + 1))
        }
    }
}
