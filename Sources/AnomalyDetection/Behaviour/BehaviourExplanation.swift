import AnomalyModels
import Foundation

extension Explanation {
    /// What an entity did, and what was expected; each part absent where its detector was silent.
    package struct Behaviour: Sendable, Equatable, Codable {
        /// The activity of one bucket against its forecast.
        package struct Forecast: Sendable, Equatable, Codable {
            /// When the bucket begins, ISO 8601.
            package var time: String
            /// Relationships and updates in it, and how many were expected.
            package var value, expected: Double
            /// What the expectation rests on.
            package var reason: String
            /// The error in robust standard deviations.
            package var deviation: Double
        }

        /// Activity that has left its level.
        package struct Drift: Sendable, Equatable, Codable {
            /// When that began, ISO 8601.
            package var since: String
            /// "up" or "down".
            package var direction: String
            /// Mean activity of a bucket since then, and before.
            package var mean: Double
            package var meanBefore: Double
            /// The sum of the deviations beyond one each.
            package var sum: Double

            enum CodingKeys: String, CodingKey {
                case since, direction, mean, sum
                case meanBefore = "mean_before"
            }
        }

        /// Activity at unusual hours.
        package struct OffHours: Sendable, Equatable, Codable {
            /// When the days begin that are told of, ISO 8601.
            package var since: String
            /// The least usual hour among those active since then: "Saturday 02:00".
            package var hour: String
            /// Hours with activity since then that are quiet ones of it, and all.
            package var count: Int
            package var eventCount: Int
            /// How many of them were to be expected among the quiet ones.
            package var expected: Double
            /// The share of its activity that usually falls into the quiet hours.
            package var share: Double

            enum CodingKeys: String, CodingKey {
                case since, hour, count, expected, share
                case eventCount = "event_count"
            }
        }

        /// Contacts at regular intervals.
        package struct Regularity: Sendable, Equatable, Codable {
            /// The entity that is contacted, and the type of the relationships.
            package var entityID: Int64
            package var type: String
            /// When the first of the contacts was, ISO 8601, and how many there are.
            package var since: String
            package var count: Int
            /// The median of the gaps between them, and the median distance from it, in seconds.
            package var gapSeconds: Double
            package var jitterSeconds: Double

            enum CodingKeys: String, CodingKey {
                case type, since, count
                case entityID = "entity_id"
                case gapSeconds = "gap_seconds"
                case jitterSeconds = "jitter_seconds"
            }
        }

        /// A number that the network did not expect.
        package struct Step: Sendable, Equatable, Codable {
            /// When the bucket begins, ISO 8601.
            package var time: String
            /// The feature's name.
            package var feature: String
            /// What it was, and what the network made of the sequence, in its own units.
            package var value, expected: Double
            /// Its share in the error of the buckets that count.
            package var share: Double
        }

        /// The length of a bucket in seconds.
        package var bucketSeconds: Double
        package var forecast: Forecast?
        package var drift: Drift?
        package var offHours: OffHours?
        package var regularity: Regularity?
        /// The numbers with the largest errors in the newest buckets, the largest first.
        package var steps: [Step]

        enum CodingKeys: String, CodingKey {
            case forecast, drift, regularity, steps
            case bucketSeconds = "bucket_seconds"
            case offHours = "off_hours"
        }
    }
}

extension BehaviourReading {
    /// So many numbers of a sequence are explained.
    private static let stepCountMax = 5

    /// Figures for an explanation by what spoke; nil where nothing did.
    func explanation(by model: BehaviourModel?) -> Explanation.Behaviour? {
        guard let series, forecast != nil else { return nil }
        return Explanation.Behaviour(
            bucketSeconds: series.grid.seconds, forecast: forecastFigures(series),
            drift: driftFigures(series),
            offHours: offHours.map {
                Explanation.Behaviour.OffHours(
                    since: Self.timeText($0.since), hour: Self.hourText($0.worstSlot),
                    count: $0.unusualCount, eventCount: $0.eventCount,
                    expected: $0.expectedCount, share: $0.quietShare)
            },
            regularity: contact.map {
                Explanation.Behaviour.Regularity(
                    entityID: $0.entityID, type: $0.typeName,
                    since: Self.timeText($0.rhythm.since), count: $0.rhythm.gapCount + 1,
                    gapSeconds: $0.rhythm.gap, jitterSeconds: $0.rhythm.jitter)
            },
            steps: worstSteps(series, by: model?.autoencoder))
    }

    private func forecastFigures(_ series: BehaviourSeries) -> Explanation.Behaviour.Forecast? {
        guard !residual.isNaN, let step = forecast?.readings[residualPlace] else { return nil }
        return Explanation.Behaviour.Forecast(
            time: Self.timeText(series.start(of: residualPlace)),
            value: series.activity[residualPlace], expected: step.expected,
            reason: step.rule.reason, deviation: residual)
    }

    private func driftFigures(_ series: BehaviourSeries) -> Explanation.Behaviour.Drift? {
        guard drift > 0 else { return nil }
        let activity = series.activity
        func mean(_ range: Range<Int>) -> Double {
            let known = activity[range].filter { !$0.isNaN }
            return known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
        }
        return Explanation.Behaviour.Drift(
            since: Self.timeText(series.start(of: driftPlace)),
            direction: driftDirection.rawValue, mean: mean(driftPlace..<activity.count),
            meanBefore: mean(0..<driftPlace), sum: drift)
    }

    private func worstSteps(
        _ series: BehaviourSeries, by autoencoder: LSTMAutoencoder?
    ) -> [Explanation.Behaviour.Step] {
        guard let autoencoder, !reconstruction.isNaN else { return [] }
        var windows = SequenceWindows(
            stepCount: BehaviourSeries.bucketCount, featureCount: BehaviourFeature.count)
        windows.append(BehaviourModel.networkInput(sequence))
        let errors = autoencoder.reconstructionErrors(windows).values.map(Double.init)
        let rebuilt = autoencoder.reconstructions(windows)
        let judged = errors.indices.suffix(
            BehaviourModel.judgedBucketCount * BehaviourFeature.count)
        let total = judged.reduce(0) { $0 + (errors[$1].isNaN ? 0 : errors[$1]) }
        guard total > 0 else { return [] }
        let worst = judged.filter { errors[$0] > 0 }
            .sorted { (errors[$0], -$0) > (errors[$1], -$1) }.prefix(Self.stepCountMax)
        return worst.compactMap { place in
            let width = BehaviourFeature.count
            guard let feature = BehaviourFeature(rawValue: place % width) else { return nil }
            func value(_ number: Double) -> Double {
                feature.isLogarithm ? max(0, expm1(number)) : number
            }
            return Explanation.Behaviour.Step(
                time: Self.timeText(series.start(of: place / width)), feature: feature.name,
                value: value(sequence[place]), expected: value(rebuilt[place]),
                share: errors[place] / total)
        }
    }

    /// A time as ISO 8601, in UTC.
    static func timeText(_ time: Double) -> String {
        Date(timeIntervalSince1970: time).formatted(.iso8601)
    }

    private static func hourText(_ slot: UInt8) -> String {
        let days = [
            "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
        ]
        let hour = Int(slot) % 24
        return "\(days[Int(slot) / 24 % 7]) \(hour < 10 ? "0" : "")\(hour):00"
    }
}
