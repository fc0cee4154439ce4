import Foundation

/// Sentences about what an entity did and when.
extension SentenceWriter {
    /// "37 new relationships and updates on 2026-03-04, where 3 were expected, the median of the 11
    /// before".
    func residualSentence() -> String? {
        guard let figures = behaviour?.forecast else { return nil }
        let expected =
            figures.expected < 0.5
            ? "none was"
            : "about \(count(figures.expected)) \(figures.expected < 1.5 ? "was" : "were")"
        return "\(quantity(figures.value, "new relationship")) and updates "
            + "\(on(figures.time)), where \(expected) expected (\(figures.reason))"
    }

    /// "its activity has been above its level since 2026-02-10: 12.5 a day, 3 before".
    func driftSentence() -> String? {
        guard let figures = behaviour?.drift else { return nil }
        let side = figures.direction == "up" ? "above" : "below"
        let bucket = bucketWord
        return "its activity has been \(side) its own level since \(day(figures.since)): "
            + "\(NumberText.number(figures.mean)) a \(bucket), "
            + "\(NumberText.number(figures.meanBefore)) before"
    }

    /// "9 of the 31 hours with activity since 2026-03-04 are hours at which it is hardly ever active (0.6
    /// expected); the least usual is Saturday 02:00 UTC".
    func offHoursSentence() -> String? {
        guard let figures = behaviour?.offHours, figures.count > 0 else { return nil }
        let all = NumberText.quantity(Double(figures.eventCount), "hour")
        return "\(figures.count) of the \(all) with activity since \(day(figures.since)) "
            + "\(figures.count == 1 ? "is an hour" : "are hours") at which it is hardly ever active "
            + "(\(NumberText.number(figures.expected)) expected); the least usual is \(figures.hour) UTC"
    }

    /// "contacts entity 41 (communicates_with) every 12 hours, give or take 19 seconds: 99 times since
    /// 2026-01-14".
    func regularitySentence() -> String? {
        guard let figures = behaviour?.regularity else { return nil }
        let jitter =
            figures.jitterSeconds < 1 ? "less than a second" : length(figures.jitterSeconds)
        return "contacts entity \(figures.entityID) (\(figures.type)) every "
            + "\(length(figures.gapSeconds)), give or take \(jitter): "
            + "\(NumberText.quantity(Double(figures.count), "time")) since \(figures.since.prefix(10))"
    }

    /// Some seconds in the unit that suits them, with three digits.
    private func length(_ seconds: Double) -> String {
        for (unit, name) in [(86_400.0, "day"), (3600, "hour"), (60, "minute")]
        where seconds >= 2 * unit {
            return NumberText.quantity(seconds / unit, name)
        }
        return NumberText.quantity(seconds, "second")
    }

    /// "its behaviour is unlike what others of the model do: on 2026-03-04 37 new relationships out,
    /// 3 expected; ...".
    func reconstructionSentence() -> String? {
        guard let steps = behaviour?.steps, !steps.isEmpty else { return nil }
        let told = steps.prefix(2).map { step in
            "\(on(step.time)) \(words(step)), \(NumberText.number(step.expected.roundedForCounts(step.feature))) expected"
        }
        return "its behaviour in the last \(BehaviourModel.judgedBucketCount) \(bucketWord)s is "
            + "not how such a sequence usually goes on: \(told.joined(separator: "; "))"
    }

    private func words(_ step: Explanation.Behaviour.Step) -> String {
        let value = step.value
        let number = NumberText.number(value)
        return switch step.feature {
        case BehaviourFeature.relationshipsOut.name:
            quantity(value, "new relationship") + " out"
        case BehaviourFeature.relationshipsIn.name: quantity(value, "new relationship") + " in"
        case BehaviourFeature.newNeighbours.name: quantity(value, "new neighbour")
        case BehaviourFeature.repeatedContacts.name: quantity(value, "repeated contact")
        case BehaviourFeature.updates.name: quantity(value, "update")
        case BehaviourFeature.relationshipTypes.name: quantity(value, "relationship type")
        case BehaviourFeature.neighbourTypes.name: quantity(value, "type") + " of neighbours"
        case BehaviourFeature.sources.name: quantity(value, "source")
        default: "\(step.feature.replacingOccurrences(of: "_", with: " ")) \(number)"
        }
    }

    private func quantity(_ value: Double, _ word: String) -> String {
        NumberText.quantity(value.rounded(), word)
    }

    private func count(_ value: Double) -> String { NumberText.number(value.rounded()) }

    private var bucketWord: String {
        behaviour?.bucketSeconds == AnomalyDetector.secondsPerDay ? "day" : "bucket"
    }

    private func on(_ time: String) -> String {
        bucketWord == "day" ? "on \(day(time))" : "from \(time) on"
    }

    private func day(_ time: String) -> String {
        bucketWord == "day" ? String(time.prefix(10)) : time
    }
}

extension Double {
    /// Expected counts above ten in whole numbers.
    fileprivate func roundedForCounts(_ feature: String) -> Double {
        self >= 10 ? rounded() : (self * 10).rounded() / 10
    }
}
