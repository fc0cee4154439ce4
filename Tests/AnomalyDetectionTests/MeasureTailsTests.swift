import Foundation
import Testing

@testable import AnomalyDetection

@Suite("Rare measures") struct MeasureTailsTests {
    private static let unit = 2.0

    private func tail(_ values: [Double], unit: Double = unit) throws -> MeasureTail {
        try #require(MeasureTail(values, unit: unit, factor: 4))
    }

    @Test("Within what was seen the rarity is the rank, beyond it grows by decades to a limit")
    func ranks() throws {
        let tail = try tail((1...20).map(Double.init))
        // Nobody is larger, and one of the equals counts half: (0.5 + 1) / 21.
        #expect(abs(tail.rarity(20) - log10(21 / 1.5)) < 1e-12)
        #expect(abs(tail.rarity(1) - log10(21 / 20.5)) < 1e-12)
        #expect(tail.rarity(0) == tail.rarity(1))
        #expect(tail.rarity(19.5) > tail.rarity(19) && tail.rarity(19.5) < tail.rarity(20))
        // Beyond all it is at least the only one in 21, and half a unit makes a factor of e.
        let decade = log(10.0) * Self.unit / 2
        #expect(abs(tail.rarity(20 + decade) - (log10(21.0) + 1)) < 1e-12)
        #expect(abs(tail.rarity(1e6) - log10(2100)) < 1e-12)
        #expect(tail.rarity(.nan).isNaN)
    }

    @Test("Rows without a value rank below those that have one")
    func unknown() throws {
        let known = (1...20).map(Double.init)
        let tail = try tail(known + [Double](repeating: .nan, count: 80))
        #expect(abs(tail.rarity(20) - log10(101 / 1.5)) < 1e-12)
        #expect(MeasureTail([1, 2, 3, .nan], unit: 1, factor: 4) == nil)
    }

    @Test("A few rows far out are left out, a habit of a few in a hundred is not")
    func farOut() throws {
        let ordinary = (0..<970).map { Double($0 % 10) }
        let few = try tail(ordinary + [Double](repeating: 100, count: 9))
        #expect(few.count == 970 && few.rarity(100) > 4)
        let habit = try tail(ordinary + [Double](repeating: 100, count: 30))
        #expect(habit.count == 1000)
        #expect(abs(habit.rarity(100) - log10(1001.0 / 16)) < 1e-12)
    }

    @Test("The rarest measure speaks, whatever the spread of the others")
    func rarest() throws {
        // Frequencies with a heavy tail, confidences between 0.6 and 0.9.
        let rows = (0..<400).map { (place: Int) -> [Measure: Double] in
            let updates = place % 20 == 0 ? Double(place) / 4 : 0.1
            let confidence = 0.6 + Double(place % 31) / 100
            return [
                .feature(.updateFrequency): log1p(updates),
                .feature(.confidenceScore): confidence,
            ]
        }
        var tails = MeasureTails()
        tails.learn(.peerDeviation, from: ["domain": rows]) { $0[$1] ?? .nan }
        let ofType = tails.tails(for: "domain")
        let found = try #require(
            ofType.rarest(.peerDeviation) { measure in
                switch measure {
                case .feature(.updateFrequency): log1p(90)
                case .feature(.confidenceScore): 0.3
                default: .nan
                }
            })
        #expect(found.compared.measure == .feature(.confidenceScore))
        #expect(found.compared.side == .below)
        // A very high confidence is no sign, and what nobody had in training is silent.
        let high = ofType.rarest(.peerDeviation) {
            $0 == .feature(.confidenceScore) ? 1 : .nan
        }
        #expect(try #require(high).rarity < 0.01)
        #expect(ofType.score(.peerDeviation) { $0 == .feature(.riskScore) ? 1 : .nan }.isNaN)
        #expect(ofType.score(.neighbourDeviation) { _ in 1 }.isNaN)
    }

    @Test("Features of entities and of relationships share names and no tail")
    func sameNames() throws {
        var tails = MeasureTails()
        let low = (0..<200).map { Double($0 % 20) / 100 }
        let high = low.map { $0 + 0.8 }
        tails.learn(.peerDeviation, from: ["a": low]) { row, measure in
            measure == .feature(.confidenceScore) ? row : .nan
        }
        tails.learn(.relationshipDeviation, from: ["a": high]) { row, measure in
            measure == .relationshipFeature(.confidenceScore) ? row : .nan
        }
        let ofType = tails.tails(for: "a")
        #expect(ofType.score(.peerDeviation) { _ in 0.1 } < 1)
        #expect(ofType.score(.relationshipDeviation) { _ in 0.1 } > 3)
        let decoded = try JSONDecoder().decode(
            MeasureTails.self, from: JSONEncoder().encode(tails))
        #expect(decoded == tails)
    }

    @Test("A measure that is the same for all has no voice, in one type alone it has")
    func constant() {
        var tails = MeasureTails()
        let named = [Double](repeating: 1, count: 100)
        func learn(_ rows: [String: [Double]]) {
            tails.learn(.peerDeviation, from: rows) { row, measure in
                measure == .signal(.hasName) ? row : .nan
            }
        }
        learn(["company": named])
        #expect(tails.tails(for: "company").score(.peerDeviation) { _ in 0 }.isNaN)
        learn(["company": named, "email": named.map { 1 - $0 }])
        #expect(tails.tails(for: "company").score(.peerDeviation) { _ in 0 } > 2)
        #expect(tails.tails(for: "email").score(.peerDeviation) { _ in 0 } < 0.5)
    }
}

@Suite("The rarity of indicators") struct IndicatorRaritiesTests {
    private func indicator(_ name: String, _ conditionJSON: String) throws -> Indicator {
        try Indicator(
            name: name, anomalyType: "data_quality", scope: "entity",
            conditionJSON: conditionJSON, weight: 0.5, description: name, recommendation: "")
    }

    private let joined =
        #"{"all":[{"feature":"risk_score","op":">=","value":0.5},{"feature":"confidence_score","op":"<","value":0.3}]}"#

    @Test("The tail is the share of rows with an indicator at least as rare, one more of each")
    func tails() throws {
        let (rare, common, never) = (
            try indicator("rare", joined), try indicator("common", joined),
            try indicator("never", joined)
        )
        let keys = [rare, common].map(IndicatorRarities.key(of:))
        var rows = [Set<String>](repeating: [], count: 96)
        rows += [[keys[0]], [keys[0], keys[1]], [keys[1]], [keys[1]]]
        let rarities = IndicatorRarities(rows)
        let known = Set([rare, common, never].map(IndicatorRarities.key(of:)))
        let tails = rarities.tails(of: [rare, common, never], known: known)
        #expect(tails["rare"] == 3.0 / 101)
        #expect(tails["common"] == 5.0 / 101)
        #expect(tails["never"] == 1.0 / 101)
        // Edited since training, it is another one, and nobody knows how rare.
        let edited = try indicator(
            "rare", joined.replacingOccurrences(of: "0.5", with: "0.6"))
        #expect(rarities.tails(of: [edited], known: known).isEmpty)
    }

    @Test("Only an indicator that joins measures has a vote of its own")
    func evidence() throws {
        func fired(_ json: String, _ values: [String: Double]) throws -> FiredIndicator {
            let context = ConditionContext(
                typeName: "domain",
                value: { values[$0.name] ?? .nan }, peerQuantile: { _, _ in .nan },
                settings: DetectionSettings())
            return try #require(
                AnomalyDetector.fired(
                    [try indicator("mine", json)], scope: .entity, in: context
                ) { EvidenceClaim(source: .measure($0.measure), size: 1) }.first)
        }
        let values = ["risk_score": 0.9, "confidence_score": 0.1, "degree": 40, "burst_count": 30]
        #expect(try fired(joined, values).isEvidenceOfItsOwn)
        let single = #"{"feature":"confidence_score","op":"<","value":0.3}"#
        #expect(try !fired(single, values).isEvidenceOfItsOwn)
        // What holds for every count asks for nothing, and is not told.
        let optional =
            #"{"all":[{"signal":"burst_count","op":">","value":9},{"any":[{"feature":"risk_score","op":">","value":0.5},{"signal":"degree","op":">=","value":0,"evidence":false}]}]}"#
        #expect(
            try fired(optional, values).comparisons.map(\.measure.name).sorted()
                == ["burst_count", "risk_score"])
        #expect(
            try fired(optional, ["degree": 0, "burst_count": 30]).comparisons.map(\.measure.name)
                == ["burst_count"])
        // Degree and burst have detectors of their own.
        let judged =
            #"{"all":[{"signal":"degree","op":">","value":9},{"signal":"burst_count","op":">","value":9}]}"#
        #expect(try !fired(judged, values).isEvidenceOfItsOwn)
    }
}
