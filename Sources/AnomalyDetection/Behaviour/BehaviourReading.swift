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
    /// The hours of the newest days; nil where there are too few, or too few before.
    package var offHours: OffHoursReading?
    /// How badly the network rebuilds the sequence, and the sequence itself.
    package var reconstruction = Double.nan
    package var sequence: [Double] = []
    /// Whom it contacts like clockwork; nil for nobody.
    package var contact: RegularContact?

    /// Nothing.
    package init() {}

    /// The raw score of a detector of this kind; NaN for others.
    package func score(_ detector: Detector) -> Double {
        switch detector {
        case .residual: residual
        case .cusum: drift
        case .offHours: offHours?.surprise ?? .nan
        case .reconstruction: reconstruction
        case .regularity: contact?.score ?? .nan
        default: .nan
        }
    }

    /// The detectors that speak from it.
    package static let detectors: [Detector] = [
        .residual, .cusum, .offHours, .reconstruction, .regularity,
    ]
}

extension AnomalyDetector {
    /// Half the shift that should be found, in standard deviations.
    private static var driftAllowed: Double { 0.5 }
    /// A single value counts for no more than this in the drift: one wild day is none.
    private static var driftClip: Double { 4 }
    /// So many active hours before the newest buckets are known before those are judged.
    static let offHoursPastMin = 6

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
        reading.contact = regularContact(of: node, series)
        guard let model, model.bucketSeconds == series.grid.seconds else { return reading }
        reading.offHours = offHours(
            of: node, series, state,
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
        of node: NodeIndex, _ series: BehaviourSeries, _ state: EntityState, type: HourProfile
    ) -> OffHoursReading? {
        let seconds = series.grid.seconds
        let pastEnd = series.asOf - (OffHoursReading.windows.last ?? 0) * seconds
        var recent: [Int] = []
        var past = [Double](repeating: 0, count: HourProfile.slotCount)
        var pastCount = 0
        func notePast(_ hour: Int) {
            past[Int(HourProfile.slot(ofHour: hour))] += 1
            pastCount += 1
        }
        actedHours(of: node, series, state).forEach { hour in
            if Double(hour + 1) * 3600 > pastEnd { recent.append(hour) } else { notePast(hour) }
        }
        // Older relationships are not kept of busy entities, older updates are.
        let start = series.grid.start(of: series.buckets.lowerBound)
        let older = state.updates.times.prefix { $0 < start }
        for hour in ActiveHours.hours(of: Array(older)) { notePast(Int(hour)) }
        guard recent.count >= settings.offHoursCountMin, pastCount >= Self.offHoursPastMin else {
            return nil
        }
        return OffHoursReading(
            recent: recent, profile: type.placed(by: past).smoothed(by: past),
            knownCount: Double(pastCount) + HourProfile.priorCount, asOf: series.asOf,
            bucketSeconds: seconds, countMin: settings.offHoursCountMin)
    }

    /// The hours of the week in which a live entity acted, over the buckets looked at.
    package func activityHours(of entityID: Int64, asOf: Double) -> [Double] {
        var counts = [Double](repeating: 0, count: HourProfile.slotCount)
        guard let (node, state) = live(entityID),
            let series = behaviourSeries(of: node, state, asOf: asOf)
        else { return counts }
        actedHours(of: node, series, state).forEach {
            counts[Int(HourProfile.slot(ofHour: $0))] += 1
        }
        return counts
    }

    /// The hours of the buckets looked at in which an entity acted, many events of one hour once.
    ///
    /// It acts in relationships that leave it and in its updates; who points at it has hours of his own.
    private func actedHours(
        of node: NodeIndex, _ series: BehaviourSeries, _ state: EntityState
    ) -> ActiveHours {
        let start = series.grid.start(of: series.buckets.lowerBound)
        var hours = ActiveHours(from: start, through: series.asOf)
        switch series.rows {
        case .scanned(let entries, let offsets):
            for place in 0..<BehaviourSeries.bucketCount {
                for entry in entries[offsets[place]..<offsets[place + 1]]
                    .suffix(BehaviourBucket.rowCountMax)
                where graph.edge(at: entry.row).source == node {
                    hours.insert(entry.time)
                }
            }
        case .busy(let history):
            for bucket in history.buckets[history.place(of: series.buckets.lowerBound)...] {
                guard bucket.number <= series.buckets.upperBound else { break }
                if !bucket.isStale, bucket.number < series.buckets.upperBound {
                    for hour in bucket.hours { hours.insert(hour: Int(hour)) }
                    continue
                }
                let count = series.rowCounts[bucket.number - series.buckets.lowerBound]
                for row in bucket.rows.prefix(count).suffix(BehaviourBucket.rowCountMax) {
                    let edge = graph.edge(at: row)
                    if edge.source == node { hours.insert(edge.attributes.time) }
                }
            }
        }
        let updates = state.updates
        let end = updates.countThrough(series.asOf)
        for time in updates.times[..<end].reversed() {
            guard time >= start else { break }
            hours.insert(time)
        }
        return hours
    }
}
