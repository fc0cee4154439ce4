import AnomalyDetection
import AnomalyModels
import Foundation
import ModelTraining
import ParallelLoops

/// What reviews of the top of the list do for the rest of it, on a graph set whose truth is known.
///
/// The reviewer answers as the labels say, and sees the top of the list of entities and relationships
/// together, as an analyst would. Measured on subjects that nobody has reviewed: the rest of the same
/// list, and a half of all subjects, drawn at random, of which none was up for review.
struct ReviewEvaluation: Encodable {
    /// The same measure before the reviews and after them.
    struct Change: Encodable {
        @Measured var before = Double.nan
        @Measured var after = Double.nan

        /// How much larger it became, as a share.
        var lift: Double { after / before - 1 }
    }

    /// One list: what it is of, and what became of it; means over the runs.
    struct List: Encodable {
        var precisionAt20 = Change()
        var averagePrecision = Change()

        enum CodingKeys: String, CodingKey {
            case precisionAt20 = "precision_at_20"
            case averagePrecision = "average_precision"
        }
    }

    /// The subjects of one run, with what the ensemble says of them.
    private struct Rows {
        var subjects: [Subject] = []
        var labels: [Bool] = []
    }

    var set: String
    var reviewCount: Int
    /// The rest of the list, and a half that was not up for review; by "all", "entities" and
    /// "relationships".
    var rest: [String: List] = [:]
    var otherHalf: [String: List] = [:]
    /// In how many runs the reviews were heard, of how many; by scope.
    var heard: [String: String] = [:]
    /// Why, run by run.
    var reasons: [String] = []
    var seeds: [UInt64]
    var seconds = 0.0

    enum CodingKeys: String, CodingKey {
        case set, rest, heard, reasons, seeds, seconds
        case reviewCount = "reviews"
        case otherHalf = "other_half"
    }

    init(
        _ set: GraphSetGraph, name: String, indicators: [Indicator], reviewCount: Int,
        shufflesVerdicts: Bool, seeds: [UInt64], asOf: Double, threadCount: Int
    ) throws {
        self.set = name
        self.reviewCount = reviewCount
        self.seeds = seeds
        var rows = Rows()
        for (row, truth) in set.entityTruth.enumerated() where truth.isJudged {
            rows.subjects.append(.entity(Int64(row)))
            rows.labels.append(truth.label == 1)
        }
        for (row, truth) in set.relationshipTruth.enumerated() where truth.isJudged {
            rows.subjects.append(.relationship(Int64(row)))
            rows.labels.append(truth.label == 1)
        }
        var runs: (rest: [[String: List]], half: [[String: List]]) = ([], [])
        var heardCounts: [String: Int] = ["entities": 0, "relationships": 0]
        for seed in seeds {
            let (detector, _) = try GraphJudgements.trained(
                set, indicators: indicators, seed: seed, asOf: asOf, threadCount: threadCount)
            let judge = ReviewedJudge(
                detector: detector, asOf: asOf, seed: seed, threadCount: threadCount)
            let before = judge.scores(rows.subjects, hearing: nil)
            var random = SeededRandom(seed: seed, stream: 0x2E7)
            let isInHalf = rows.subjects.map { _ in random.uniform() < 0.5 }
            for (isHalf, pool) in [
                (false, Array(rows.subjects.indices)),
                (true, rows.subjects.indices.filter { isInHalf[$0] }),
            ] {
                let reviewed = pool.sorted { (-before[$0], $0) < (-before[$1], $1) }
                    .prefix(reviewCount)
                var verdicts = reviewed.map { rows.labels[$0] }
                if shufflesVerdicts {
                    verdicts = random.sample(verdicts.count, below: verdicts.count)
                        .map { verdicts[$0] }
                }
                let (head, told) = try judge.head(
                    reviews: zip(reviewed, verdicts).map { (rows.subjects[$0], $1) })
                reasons.append(contentsOf: told)
                heardCounts["entities", default: 0] += head.entities == nil ? 0 : 1
                heardCounts["relationships", default: 0] += head.relationships == nil ? 0 : 1
                let after = judge.scores(rows.subjects, hearing: head)
                let unseen =
                    isHalf
                    ? rows.subjects.indices.filter { !isInHalf[$0] }
                    : Set(rows.subjects.indices).subtracting(reviewed).sorted()
                let lists = Self.lists(rows, unseen, before, after)
                if isHalf { runs.half.append(lists) } else { runs.rest.append(lists) }
            }
        }
        rest = Self.mean(runs.rest)
        otherHalf = Self.mean(runs.half)
        heard = heardCounts.mapValues { "\($0) of \(2 * seeds.count)" }
    }

    private static func lists(
        _ rows: Rows, _ unseen: [Int], _ before: [Double], _ after: [Double]
    ) -> [String: List] {
        func list(_ places: [Int]) -> List {
            let labels = places.map { rows.labels[$0] }
            func change(_ measure: ([Double]) -> Double) -> Change {
                Change(
                    before: measure(places.map { before[$0] }),
                    after: measure(places.map { after[$0] }))
            }
            return List(
                precisionAt20: change { Measures.precision(at: 20, scores: $0, labels: labels) },
                averagePrecision: change {
                    Measures.averagePrecision(scores: $0, labels: labels)
                })
        }
        return [
            "all": list(unseen),
            "entities": list(unseen.filter { rows.subjects[$0].entityID != nil }),
            "relationships": list(unseen.filter { rows.subjects[$0].relationshipID != nil }),
        ]
    }

    private static func mean(_ runs: [[String: List]]) -> [String: List] {
        var means: [String: List] = [:]
        for name in runs.first.map({ $0.keys.sorted() }) ?? [] {
            let lists = runs.compactMap { $0[name] }
            func mean(_ value: (List) -> Change) -> Change {
                let count = Double(lists.count)
                return Change(
                    before: lists.reduce(0) { $0 + value($1).before } / count,
                    after: lists.reduce(0) { $0 + value($1).after } / count)
            }
            means[name] = List(
                precisionAt20: mean(\.precisionAt20), averagePrecision: mean(\.averagePrecision))
        }
        return means
    }

    /// The report for people.
    var table: String {
        var text = """
            \(set): \(reviewCount) reviews of the top of the list; seeds \
            \(seeds.map(String.init).joined(separator: ", "))

            """
        for (title, lists) in [
            ("Rest of the same list", rest), ("Half that was not up for review", otherHalf),
        ] {
            text +=
                "\n\(title)\n"
                + alignedTable(
                    header: [
                        "", "precision at 20 before", "after", "lift", "average precision before",
                        "after",
                    ],
                    rows: lists.sorted { $0.key < $1.key }.map { name, list in
                        [
                            name, formatted(list.precisionAt20.before, places: 3),
                            formatted(list.precisionAt20.after, places: 3),
                            formatted(100 * list.precisionAt20.lift, places: 0) + " %",
                            formatted(list.averagePrecision.before, places: 3),
                            formatted(list.averagePrecision.after, places: 3),
                        ]
                    }, rightAligned: [1, 2, 3, 4, 5]) + "\n"
        }
        let told = heard.sorted { $0.key < $1.key }.map { "\($0.key) in \($0.value) runs" }
        return text + "\nReviews are heard for \(told.joined(separator: ", for ")).\n"
            + "\(formatted(seconds, places: 1)) s"
    }
}

/// Judges the subjects of a set without reviews and with them.
private struct ReviewedJudge {
    let detector: AnomalyDetector
    let asOf: Double
    let seed: UInt64
    let threadCount: Int

    /// -log10 p of each subject; 0 where nobody speaks.
    func scores(_ subjects: [Subject], hearing head: ReviewHead?) -> [Double] {
        var detector = detector
        detector.adopt(reviewHead: head)
        let (judge, asOf) = (detector, asOf)
        return parallelMap(subjects.count, threadCount: threadCount) { place in
            let judgement = judge.assess(subjects[place], asOf: asOf)
            let p = judgement?.pValue ?? .nan
            return p.isNaN ? 0 : -log10(p)
        }
    }

    /// What the reviews teach, and why, or why not.
    func head(reviews: [(Subject, Bool)]) throws -> (ReviewHead, reasons: [String]) {
        var reasons: [String] = []
        func scope(_ scope: Indicator.Scope) throws -> ReviewScope? {
            let rows = reviews.compactMap { subject, isConfirmed -> ReviewedRow? in
                guard (subject.entityID != nil) == (scope == .entity) else { return nil }
                return detector.reviewInputs(of: subject, asOf: asOf).map {
                    ReviewedRow(subject: subject, inputs: $0, isConfirmed: isConfirmed)
                }
            }
            let ordinary = OrdinaryRows(
                scope, of: detector, excluding: Set(reviews.map(\.0)),
                anomalyThreshold: DetectionSettings().anomalyThreshold, seed: seed, asOf: asOf)
            let outcome = try ReviewTrainer(seed: seed, threadCount: threadCount)
                .learn(from: rows, beside: ordinary)
            reasons.append("\(scope.rawValue): \(outcome.reason)")
            return outcome.scope
        }
        let head = ReviewHead(
            version: "r1", ensembleVersion: detector.modelVersion ?? "",
            entities: try scope(.entity), relationships: try scope(.relationship))
        return (head, reasons)
    }
}
