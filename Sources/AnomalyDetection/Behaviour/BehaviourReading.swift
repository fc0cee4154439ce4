import Foundation
package import AnomalyModels
import GraphEngine

/// What an entity's behaviour says about it at one time; NaN where it says nothing.
package struct BehaviourReading: Sendable {
    /// What it did in each bucket; nil for a time that is none.
    package var series: BehaviourSeries?
    /// What was expected of each bucket; nil without enough of a past.
    package var forecast: ActivityForecast?
    /// Of the last two buckets the larger error upwards, in robust standard deviations, and its place.
    package var residual = Double.nan
    package var residualPlace = 0
    /// The sum of the errors beyond half a deviation each, and where it left zero.
    package var drift = Double.nan
    package var driftPlace = 0
    package var driftDirection = CUSUM.Direction.up
    /// The hours of the newest day; nil where there are too few events, or too few before.
    package var offHours: OffHoursReading?
    /// How badly the network rebuilds the sequence, and the sequence itself.
    package var reconstruction = Double.nan
    package var sequence: [Double] = []

    /// Nothing.
    package init() {}

    /// The raw score of a detector of this kind; NaN for others.
    package func score(_ detector: Detector) -> Double {
        switch detector {
        case .residual: residual
        case .cusum: drift
        case .offHours: offHours?.surprise ?? .nan
        case .reconstruction: reconstruction
        default: .nan
        }
    }

    /// The detectors that speak from it.
    package static let detectors: [Detector] = [.residual, .cusum, .offHours, .reconstruction]
}

extension AnomalyDetector {
    /// Half the shift that should be found, in standard deviations.
    private static var driftAllowed: Double { 0.5 }
    /// A single value counts for no more than this in the drift: one wild day is none.
    private static var driftClip: Double { 4 }
    /// So many events before the newest day are known before their hours are judged.
    static let offHoursPastMin = 20

    /// What the behaviour of a live entity says at a time; nil where there is no such entity.
    /// - Complexity: O(buckets), about 10 microseconds, and one pass through the network.
    package func behaviourReading(
        of entityID: Int64, asOf: Double, by model: BehaviourModel?
    ) -> BehaviourReading? {
        guard let (node, state) = live(entityID) else { return nil }
        return behaviourReading(of: node, state, asOf: asOf, by: model)
    }

    func behaviourReading(
        of node: NodeIndex, _ state: EntityState, asOf: Double, by model: BehaviourModel?
    ) -> BehaviourReading {
        var reading = BehaviourReading()
        guard let series = behaviourSeries(of: node, state, asOf: asOf) else { return reading }
        reading.series = series
        guard
            series.hasHistory(
                bucketsMin: settings.behaviourHistoryBucketsMin,
                activeMin: settings.behaviourActiveBucketsMin)
        else { return reading }
        readForecast(series, &reading)
        guard let model, model.bucketSeconds == series.grid.seconds else { return reading }
        reading.offHours = offHours(
            series, state,
            type: model.hours(of: catalog.entityTypeName(state.record.typeCode)))
        if model.autoencoder != nil {
            reading.sequence = behaviourSequence(series, of: node, state)
            reading.reconstruction = model.reconstructionScore(of: reading.sequence)
        }
        return reading
    }

    private func readForecast(_ series: BehaviourSeries, _ reading: inout BehaviourReading) {
        let forecast = ActivityForecast(
            series.activity, bucketsPerWeek: series.grid.bucketsPerWeek)
        reading.forecast = forecast
        let last = BehaviourSeries.bucketCount - 1
        for place in [last - 1, last] {
            let z = forecast.readings[place].z
            if !z.isNaN, !(z < reading.residual) {
                (reading.residual, reading.residualPlace) = (z, place)
            }
        }
        var sums = CUSUM(
            CUSUM.Parameters(
                drift: Self.driftAllowed, threshold: .greatestFiniteMagnitude, clip: Self.driftClip)
        )
        var judgedCount = 0
        for error in forecast.slowErrors {
            _ = sums.update(error)
            if !error.isNaN { judgedCount += 1 }
        }
        guard judgedCount > 0 else { return }
        reading.drift = sums.score
        reading.driftPlace = sums.start
        reading.driftDirection = sums.direction
    }

    private func offHours(
        _ series: BehaviourSeries, _ state: EntityState, type: HourProfile
    ) -> OffHoursReading? {
        let (recent, past) = hours(series, state)
        guard recent.count >= settings.offHoursCountMin,
            past.reduce(0, +) >= Double(Self.offHoursPastMin)
        else { return nil }
        return OffHoursReading(recent: recent, profile: type.drawn(by: past))
    }

    /// The hours of the week in which a live entity was active, over the buckets looked at.
    package func activityHours(of entityID: Int64, asOf: Double) -> [Double] {
        let nothing = [Double](repeating: 0, count: HourProfile.slotCount)
        guard let (node, state) = live(entityID),
            let series = behaviourSeries(of: node, state, asOf: asOf)
        else { return nothing }
        let (recent, past) = hours(series, state)
        return recent.reduce(into: past) { $0[Int($1)] += 1 }
    }

    /// The hours of the events of the newest day, and how often each hour came before.
    private func hours(
        _ series: BehaviourSeries, _ state: EntityState
    ) -> (recent: [UInt8], past: [Double]) {
        let dayStart = series.asOf - Self.secondsPerDay
        var recent: [UInt8] = []
        var past = [Double](repeating: 0, count: HourProfile.slotCount)
        func note(_ time: Double) {
            let slot = HourProfile.slot(of: time)
            if time > dayStart { recent.append(slot) } else { past[Int(slot)] += 1 }
        }
        switch series.rows {
        case .scanned(let entries, let offsets):
            for place in 0..<BehaviourSeries.bucketCount {
                for entry in entries[offsets[place]..<offsets[place + 1]]
                    .suffix(BehaviourBucket.rowCountMax)
                {
                    note(entry.time)
                }
            }
        case .busy(let history):
            for bucket in history.buckets[history.place(of: series.buckets.lowerBound)...] {
                guard bucket.number <= series.buckets.upperBound else { break }
                if !bucket.isStale, series.grid.start(of: bucket.number + 1) <= dayStart {
                    for slot in bucket.hours { past[Int(slot)] += 1 }
                    continue
                }
                let count = series.rowCounts[bucket.number - series.buckets.lowerBound]
                for row in bucket.rows.prefix(count).suffix(BehaviourBucket.rowCountMax) {
                    note(graph.edge(at: row).attributes.time)
                }
            }
        }
        let updates = state.updates
        let first = updates.countThrough(series.grid.start(of: series.buckets.lowerBound))
        let end = updates.countThrough(series.asOf)
        if first < end { updates.times[first..<end].forEach(note) }
        return (recent, past)
    }
}
