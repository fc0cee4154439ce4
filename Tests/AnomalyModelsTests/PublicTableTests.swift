import AnomalyModels
import Testing

@Suite(
    "Isolation forest on public tables",
    .enabled(
        if: PublicTables.hasTables(["adbench-cardio", "adbench-thyroid"]),
        "The ADBench tables are missing; VIGIL_DATA names the folder that has them."))
struct PublicTableTests {
    /// Means of scikit-learn's forest over ten seeds (100 trees, 256 rows) on the same tables.
    @Test(
        "It ranks as well as scikit-learn's",
        arguments: [("adbench-cardio", 0.933), ("adbench-thyroid", 0.978)])
    func areaUnderCurve(table: String, reference: Double) throws {
        let (features, labels) = try PublicTables.read(table)
        let areas = try (1...5).map { seed in
            let forest = try IsolationForest.fit(
                features, parameters: .init(seed: UInt64(seed)), threadCount: 2)
            return area(forest.scores(features, threadCount: 2), labels)
        }
        let mean = areas.reduce(0, +) / Double(areas.count)
        print("\(table): AUROC \(mean) over seeds 1...5, scikit-learn \(reference)")
        #expect(abs(mean - reference) < 0.02)
    }

    @Test(
        "After two passes labelled anomalies are medium or above, and normal rows rarely so",
        arguments: ["adbench-cardio", "adbench-thyroid"])
    func calibrated(table: String) throws {
        let (features, labels) = try PublicTables.read(table)
        let (forest, kept) = try IsolationForest.fitInTwoPasses(
            features, parameters: .init(seed: 1))
        let scores = forest.scores(features)
        let calibration = try #require(TailCalibration.fit(kept.map { scores[$0] }))
        func share(_ label: Bool, atLeast severity: Severity) -> Double {
            let rows = scores.indices.filter { labels[$0] == label }
            let hits = rows.filter {
                let p = calibration.tailProbability(scores[$0])
                return Severity(score: anomalyScore(tailProbability: p)) >= severity
            }
            return Double(hits.count) / Double(rows.count)
        }
        for severity in [Severity.medium, .high, .critical] {
            print(
                "\(table) \(severity): anomalies \(share(true, atLeast: severity)), "
                    + "normals \(share(false, atLeast: severity))")
        }
        #expect(share(true, atLeast: .medium) > 10 * share(false, atLeast: .medium))
        #expect(share(false, atLeast: .medium) < 0.02)
    }

    /// The probability that an anomaly scores above a normal row, by comparing all pairs.
    private func area(_ scores: [Double], _ labels: [Bool]) -> Double {
        let normal = scores.indices.filter { !labels[$0] }.map { scores[$0] }.sorted()
        let strange = scores.indices.filter { labels[$0] }.map { scores[$0] }
        let wins = strange.reduce(0.0) { total, score in
            let below = normal.partitioningIndex { $0 >= score }
            let upTo = normal.partitioningIndex { $0 > score }
            return total + Double(below + upTo) / 2
        }
        return wins / Double(strange.count * normal.count)
    }
}

extension Array {
    /// The first position whose element has the property, which all later ones have too.
    fileprivate func partitioningIndex(where property: (Element) -> Bool) -> Int {
        var lower = 0
        var upper = count
        while lower < upper {
            let middle = (lower + upper) / 2
            if property(self[middle]) { upper = middle } else { lower = middle + 1 }
        }
        return lower
    }
}
