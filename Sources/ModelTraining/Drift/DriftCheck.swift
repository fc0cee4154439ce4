// What is compared: the population stability index and the Kolmogorov-Smirnov distance of each feature
// (AnomalyModels/Statistics). An alarm needs a size and, by Bonferroni's correction over all measures that could raise
// one, certainty. How often each is right: docs/learning.md.

package import AnomalyDetection
import AnomalyModels
import Foundation

/// Compares what there is with what a model was trained on.
///
/// Two comparisons, like with like. All rows with all rows: tells of what was changed everywhere. The rows that came
/// since training with those that came in the four weeks before it: a week of other rows is a few hundredths of
/// all, and would drown among them. Ages, and what grows with the graph, are told but raise no alarm.
package struct DriftCheck: Sendable {
    /// The index from which on a change is large.
    package var stabilityIndexMin = 0.25
    /// So improbable must it be that chance raises any alarm in one check.
    package var significance = 0.01
    /// The share of alerts, or the activity, is so many times another.
    package var alertRatioMin = 2.0
    package var activityRatioMin = 1.5
    /// The share of rows of unknown types.
    package var unknownShareMin = 0.01
    /// Whoever draws the rows that are looked at.
    package var seed: UInt64 = 1

    /// A check with the defaults.
    package init() {}

    /// Fewer rows than this are not compared; fewer days neither.
    static let rowCountMin = DriftReference.rowCountMin
    static let dayCountMin = 3

    /// Compares the detector's rows as of a time with the reference of the model that judges.
    /// - Complexity: a judgement without explanation for some thousands of rows
    package func report(on detector: AnomalyDetector, asOf: Double) -> DriftReport {
        guard let model = detector.model, let reference = model.driftReference else {
            let reason =
                detector.model.map {
                    "the model \($0.version) has no reference: train a new one"
                } ?? "there is no model: rules judge"
            return DriftReport(
                asOf: asOf, modelVersion: detector.modelVersion, verdict: .noReference,
                summary: "Nothing to compare with: \(reason).", findings: [])
        }
        var tests: [DriftTest] = []
        for scope in DriftScope.allCases {
            tests += self.tests(scope, detector, reference, asOf: asOf)
        }
        let testCount = tests.count { $0.isLarge != nil && $0.finding.p != nil }
        let findings = tests.map { $0.judged(testCount: testCount, significance: significance) }
        let drifting = findings.filter { $0.verdict == .drift }
        return DriftReport(
            asOf: asOf, trainedAt: reference.asOf, modelVersion: model.version,
            verdict: drifting.isEmpty ? .stable : .drift,
            summary: Self.summary(drifting, findings), findings: findings)
    }

    private static func summary(_ drifting: [DriftFinding], _ all: [DriftFinding]) -> String {
        guard !drifting.isEmpty else {
            let compared = all.count { $0.verdict != .tooFew }
            return compared == 0
                ? "Too few rows to compare." : "No drift in \(compared) measures."
        }
        let named = drifting.sorted { ($0.psi ?? 0) > ($1.psi ?? 0) }.prefix(3).map {
            "\($0.measure) of \($0.scope.rawValue) (\($0.group.rawValue))"
        }
        let more = drifting.count > named.count ? " and \(drifting.count - named.count) more" : ""
        return "Drift in " + named.joined(separator: ", ") + more + "."
    }

    // MARK: - Measures

    private func tests(
        _ scope: DriftScope, _ detector: AnomalyDetector, _ reference: DriftReference,
        asOf: Double
    ) -> [DriftTest] {
        let rows = detector.driftRows(scope, asOf: asOf)
        let known = reference[scope]
        let begin = max(
            reference.asOf, asOf - Double(DriftReference.arrivalDays) * DriftTest.secondsPerDay)
        let arrivals = rows.rows.filter { $0.birth > begin && $0.birth <= asOf }
        var tests: [DriftTest] = []
        for (group, rows, groupReference) in [
            (DriftFinding.Group.population, rows.rows, known.population),
            (.arrivals, arrivals, known.arrivals),
        ] {
            guard let groupReference, rows.count >= Self.rowCountMin else {
                tests.append(
                    .tooFew(
                        scope, group, "rows", referenceRows: groupReference?.rowCount ?? 0,
                        rows: rows.count))
                continue
            }
            let sample = detector.driftSample(scope, of: rows, asOf: asOf, seed: seed)
            tests += compare(scope, group, sample, with: groupReference)
            tests.append(alertRate(scope, group, sample, groupReference, detector.settings))
            tests += types(scope, group, sample, groupReference, known: known.types)
        }
        return tests + activity(scope, detector, rows, reference, asOf: asOf)
    }

    private func compare(
        _ scope: DriftScope, _ group: DriftFinding.Group, _ sample: DriftSample,
        with reference: DriftGroupReference
    ) -> [DriftTest] {
        var tests: [DriftTest] = []
        func add(
            _ name: String, _ motion: NaturalMotion, _ spread: DriftGroupReference.Spread,
            _ values: [Double]
        ) {
            guard spread.distribution.count >= Self.rowCountMin, values.count >= Self.rowCountMin
            else {
                tests.append(
                    .tooFew(
                        scope, group, name, referenceRows: spread.distribution.count,
                        rows: values.count))
                return
            }
            let compared = spread.distribution.comparison(
                with: values, dispersion: spread.dispersion)
            tests.append(
                DriftTest(
                    finding: DriftFinding(
                        scope: scope, group: group, measure: name, verdict: .stable,
                        motion: motion, reference: spread.distribution.median.known,
                        value: compared.median.known, psi: compared.stability.index,
                        ks: compared.kolmogorovSmirnov.known,
                        ksP: compared.kolmogorovSmirnovP.known,
                        p: compared.stability.tailProbability,
                        referenceRows: spread.distribution.count, rows: values.count),
                    isLarge: compared.stability.index >= stabilityIndexMin))
        }
        for (column, feature) in scope.features.enumerated() {
            guard let spread = reference.features[feature.name] else { continue }
            add(feature.name, feature.motion, spread, sample.rows.map { $0.features[column] })
        }
        add("score", .none, reference.scores, sample.rows.compactMap(\.score))
        return tests
    }

    /// The share of the judged rows that reach the threshold.
    private func alertRate(
        _ scope: DriftScope, _ group: DriftFinding.Group, _ sample: DriftSample,
        _ reference: DriftGroupReference, _ settings: DetectionSettings
    ) -> DriftTest {
        let scores = sample.rows.compactMap(\.score).map { $0.isNaN ? 0 : min(1, $0 / 5) }
        let count = Double(scores.count { $0 >= settings.anomalyThreshold })
        let countBefore = reference.count(reaching: settings.anomalyThreshold)
        let rowsBefore = reference.exceedances.first ?? 0
        let name = "alert_rate"
        guard scores.count >= Self.rowCountMin, rowsBefore >= Self.rowCountMin else {
            return .tooFew(scope, group, name, referenceRows: rowsBefore, rows: scores.count)
        }
        let (share, shareBefore) = (
            count / Double(scores.count), countBefore / Double(rowsBefore)
        )
        let pooled = (count + countBefore) / Double(scores.count + rowsBefore)
        let variance =
            pooled * (1 - pooled) * (1 / Double(scores.count) + 1 / Double(rowsBefore))
        let z = variance > 0 ? (share - shareBefore) / variance.squareRoot() : 0
        let p = reference.scores.dispersion.twoSidedTail(z)
        // Half an alert more on both sides, so that none is no infinite change.
        let ratio =
            ((count + 0.5) / Double(scores.count)) / ((countBefore + 0.5) / Double(rowsBefore))
        return DriftTest(
            finding: DriftFinding(
                scope: scope, group: group, measure: name, verdict: .stable,
                reference: shareBefore, value: share, p: p, referenceRows: rowsBefore,
                rows: scores.count),
            isLarge: max(ratio, 1 / ratio) >= alertRatioMin)
    }

    /// The shares of the types, and that of types which training did not see.
    private func types(
        _ scope: DriftScope, _ group: DriftFinding.Group, _ sample: DriftSample,
        _ reference: DriftGroupReference, known: [String: Int]
    ) -> [DriftTest] {
        let names = Set(reference.types.keys).union(sample.types.keys).sorted()
        let index = PopulationStability(
            names.map { reference.types[$0] ?? 0 }, names.map { sample.types[$0] ?? 0 },
            dispersion: reference.typeDispersion)
        let unknown = sample.types.filter { known[$0.key] == nil }.values.reduce(0, +)
        let knownRows = known.values.reduce(0, +)
        let share = Double(unknown) / Double(max(1, sample.rowCount))
        return [
            DriftTest(
                finding: DriftFinding(
                    scope: scope, group: group, measure: "types", verdict: .stable,
                    psi: index.index, p: index.tailProbability,
                    referenceRows: reference.rowCount, rows: sample.rowCount),
                isLarge: index.index >= stabilityIndexMin),
            DriftTest(
                finding: DriftFinding(
                    scope: scope, group: group, measure: "unknown_types", verdict: .stable,
                    reference: 0, value: share,
                    p: allAmongLatter(unknown, of: sample.rowCount, before: knownRows),
                    referenceRows: knownRows, rows: sample.rowCount),
                isLarge: share >= unknownShareMin),
        ]
    }

    /// What came on each day since training beside what came on the same days of the four weeks before.
    private func activity(
        _ scope: DriftScope, _ detector: AnomalyDetector, _ rows: DriftRows,
        _ reference: DriftReference, asOf: Double
    ) -> [DriftTest] {
        let whole = Int(max(0, asOf - reference.asOf) / DriftTest.secondsPerDay)
        let count = min(whole, DriftReference.arrivalDays)
        let end = reference.asOf + Double(whole) * DriftTest.secondsPerDay
        let known = reference[scope]
        return [
            ("arrivals", known.arrivalsByDay, rows.arrivalsByDay(before: end, dayCount: count)),
            (
                "updates", known.updatesByDay,
                detector.updatesByDay(scope, before: end, dayCount: count)
            ),
        ].map { name, before, now in
            guard let compared = DailyRates(before: before, now: now, lastDay: whole - 1),
                now.count >= Self.dayCountMin
            else {
                return .tooFew(
                    scope, .activity, name, referenceRows: before.reduce(0, +),
                    rows: now.reduce(0, +))
            }
            return DriftTest(
                finding: DriftFinding(
                    scope: scope, group: .activity, measure: name, verdict: .stable,
                    reference: compared.expectedPerDay, value: compared.perDay,
                    p: compared.tailProbability, referenceRows: before.reduce(0, +),
                    rows: now.reduce(0, +)),
                isLarge: max(compared.ratio, 1 / compared.ratio) >= activityRatioMin)
        }
    }

    /// The probability that all of `count` rows of one kind are among the latter, who were drawn from
    /// both.
    private func allAmongLatter(_ count: Int, of latter: Int, before: Int) -> Double {
        var p = 1.0
        for place in 0..<min(count, 1000) {
            p *= Double(latter - place) / Double(latter + before - place)
        }
        return p
    }
}

/// A finding before it is known how many others could have raised the alarm.
struct DriftTest {
    static let secondsPerDay = 86_400.0

    var finding: DriftFinding
    /// Whether the change is a large one; nil where nothing was compared.
    var isLarge: Bool?

    static func tooFew(
        _ scope: DriftScope, _ group: DriftFinding.Group, _ name: String, referenceRows: Int,
        rows: Int
    ) -> Self {
        Self(
            finding: DriftFinding(
                scope: scope, group: group, measure: name, verdict: .tooFew,
                referenceRows: referenceRows, rows: rows))
    }

    func judged(testCount: Int, significance: Double) -> DriftFinding {
        var judged = finding
        guard let isLarge, let p = finding.p else { return judged }
        let adjusted = min(1, p * Double(max(1, testCount)))
        judged.adjustedP = adjusted
        let isCertain = adjusted <= significance
        judged.verdict =
            switch (isCertain, isLarge, finding.motion) {
            case (true, true, .none): .drift
            case (true, true, _): .expected
            case (true, false, .none): .shifted
            default: .stable
            }
        return judged
    }
}

extension Double {
    /// Itself, or nil where it is not finite.
    var known: Double? { isFinite ? self : nil }
}
