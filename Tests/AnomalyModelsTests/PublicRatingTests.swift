import AnomalyModels
import Foundation
import Testing

@Suite(
    "Signed trust on public ratings",
    .enabled(
        if: PublicRatings.isThere,
        "The ratings of bitcoin-otc are missing; VIGIL_DATA names the folder that has them."))
struct PublicRatingTests {
    /// The labels were made from ratings of trusted users, so this partly recovers their definition.
    @Test("Fraud against everybody else, ratings used, reaches 0.968")
    func fraud() throws {
        let set = try PublicRatings.read()
        let trust = SignedTrust(set.ratings, ratingMax: 10)
        #expect(trust.ratingCount == 35_592 && set.isFraud.count == 5_881)
        #expect(set.isFraud.count { $0 } == 180)
        let scores = (0..<Int32(set.isFraud.count)).map(trust.scores)
        let own = area(scores.map(\.badTrustedMean), set.isFraud)
        let goodness = area(scores.map(\.badGoodness), set.isFraud)
        let mean = area(scores.map(\.badMean), set.isFraud)
        print("bitcoin-otc AUROC: trusted mean \(own), goodness \(goodness), mean \(mean)")
        #expect(own >= 0.968)
        #expect(abs(goodness - 0.968) < 0.001 && abs(mean - 0.959) < 0.001)
    }

    /// The share of pairs in which the fraud scores higher; silence is below every score.
    private func area(_ scores: [Double], _ labels: [Bool]) -> Double {
        let ranked = zip(scores, labels).map { ($0.isNaN ? -.infinity : $0, $1) }
        let normal = ranked.filter { !$0.1 }.map(\.0).sorted()
        let wins = ranked.filter(\.1).reduce(0.0) { sum, row in
            let below = normal.count { $0 < row.0 }
            let ties = normal.count { $0 == row.0 }
            return sum + Double(below) + Double(ties) / 2
        }
        return wins / Double(normal.count) / Double(labels.count { $0 })
    }
}

/// The ratings and labels of bitcoin-otc, where they are there.
private enum PublicRatings {
    private static func file(_ name: String) -> URL {
        PublicTables.folder.appendingPathComponent("bitcoin-otc/\(name).csv.gz")
    }

    static var isThere: Bool {
        ["entities", "relationships"].allSatisfy {
            FileManager.default.fileExists(atPath: file($0).path)
        }
    }

    static func read() throws -> (ratings: [SignedTrust.Rated], isFraud: [Bool]) {
        let entities = try lines("entities", ["id", "label"])
        var positions: [Substring: Int32] = [:]
        for (position, row) in entities.enumerated() { positions[row[0]] = Int32(position) }
        let ratings = try lines("relationships", ["source", "target", "weight"]).map { row in
            SignedTrust.Rated(
                source: try #require(positions[row[0]]), target: try #require(positions[row[1]]),
                rating: try #require(Double(row[2])))
        }
        return (ratings, entities.map { $0[1] == "1" })
    }

    /// The fields of the named columns, line by line.
    private static func lines(_ name: String, _ columns: [String]) throws -> [[Substring]] {
        let text = String(decoding: try PublicTables.unpacked(file(name)), as: UTF8.self)
        let rows = text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let header = try #require(rows.first)
        let places = try columns.map { column in
            try #require(header.firstIndex { $0 == column })
        }
        return rows.dropFirst().map { row in places.map { row[$0] } }
    }
}
