import Foundation
import TestSupport
import Testing

@testable import AnomalyDetection

@Suite("Indicator conditions")
struct IndicatorConditionTests {
    private func condition(_ json: String) throws -> IndicatorCondition {
        try JSONDecoder().decode(IndicatorCondition.self, from: Data(json.utf8))
    }

    private func context(
        _ values: [String: Double] = [:], quantiles: [String: Double] = [:],
        type: String = "domain"
    ) -> ConditionContext {
        ConditionContext(
            typeName: type, value: { values[$0.name] ?? .nan },
            peerQuantile: { measure, _ in quantiles[measure.name] ?? .nan },
            settings: DetectionSettings())
    }

    @Test(
        "The JSON form survives a round trip",
        arguments: [
            #"{"feature":"confidence_score","op":"<","value":0.3}"#,
            #"{"factor":2,"op":">=","peer_quantile":0.99,"signal":"burst_count"}"#,
            #"{"op":">=","setting":"dormancy_days","signal":"dormancy_days"}"#,
            #"{"evidence":false,"op":">","signal":"degree","value":3}"#,
            #"{"op":">","relationship_type":"resolves_to","signal":"inbound_count","value":20}"#,
            #"{"all":[{"type":["email"]},{"not":{"any":[{"op":"=","signal":"has_name","value":1}]}}]}"#,
        ])
    func roundTrip(json: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let encoded = try encoder.encode(condition(json))
        #expect(String(decoding: encoded, as: UTF8.self) == json)
    }

    @Test(
        "What it does not understand is named",
        arguments: [
            (
                #"{"feature":"risk_scor","op":"<","value":1}"#,
                #""risk_scor"; did you mean risk_score?"#
            ),
            (#"{"signal":"smell","op":"<","value":1}"#, #"unknown signal "smell""#),
            (#"{"signal":"degree","op":"~","value":1}"#, #"unknown op "~""#),
            (#"{"signal":"degree","op":"<","setting":"x"}"#, #"unknown setting "x""#),
            (#"{"signal":"degree","op":"<"}"#, "exactly one of value, peer_quantile, setting"),
            (#"{"signal":"degree","value":1}"#, #"needs an "op""#),
            (#"{"signal":"degree","op":"<","peer_quantile":99}"#, "from 0 to 1"),
            (#"{"signal":"inbound_count","op":"<","value":9}"#, "relationship_type"),
            (#"{"all":[]}"#, "not empty"),
            (#"{"all":[{"type":["a"]}],"any":[]}"#, #"unknown key "any""#),
            (#"{"colour":"red"}"#, "found colour"),
            ("[]", "must be a JSON object"), ("{", "not valid JSON"),
        ])
    func clearErrors(json: String, message: String) {
        let error = #expect(throws: IndicatorError.self) {
            try Indicator(
                name: "mine", anomalyType: "temporal", scope: "entity", conditionJSON: json,
                weight: 0.5, description: "", recommendation: "")
        }
        #expect(error?.message.hasPrefix("indicator mine: ") == true)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("The database and the detector know the same names, with the same units")
    func measures() throws {
        let listed = try DefaultIndicators.measures()
        let described = MeasureDescription.all.map {
            [$0.scope.rawValue, $0.kind.rawValue, $0.name, $0.unit, "\($0.hasPeers)"]
        }
        #expect(Set(listed.map { Array($0.prefix(5)) }) == Set(described))
        #expect(listed.count == described.count)
        #expect(listed.allSatisfy { $0.count == 6 && !$0[5].isEmpty })
    }

    /// The names of types are in tables, which only the database sees.
    private static let refused = (try? DefaultIndicators.refusedConditions())?
        .filter { !$0[2].contains("entity type") && !$0[2].contains("relationship type") }

    @Test("The detector refuses what the database refuses, in the same words")
    func sameWords() throws {
        let refused = try #require(Self.refused)
        #expect(refused.count > 25)
        for row in refused where row[0] != "page" {
            let error = #expect(throws: IndicatorError.self, "\(row[1])") {
                try Indicator(
                    name: "mine", anomalyType: "temporal", scope: row[0], conditionJSON: row[1],
                    weight: 0.5, description: "", recommendation: "")
            }
            #expect(error?.message == "indicator mine: \(row[2])")
        }
    }

    @Test("Every ninth level of a condition is one too many")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            depth == 1 ? #"{"type":"domain"}"# : #"{"not":\#(nested(depth - 1))}"#
        }
        _ = try condition(nested(8))
        #expect(throws: (any Error).self) { try condition(nested(9)) }
    }

    @Test("Type, scope and weight of a row are checked too")
    func rowErrors() {
        func message(_ type: String, _ scope: String, _ weight: Double) -> String? {
            let error = #expect(throws: IndicatorError.self) {
                try Indicator(
                    name: "mine", anomalyType: type, scope: scope,
                    conditionJSON: #"{"type":["a"]}"#, weight: weight, description: "",
                    recommendation: "")
            }
            return error?.message
        }
        #expect(message("odd", "entity", 1)?.contains(#"anomaly type "odd""#) == true)
        #expect(message("temporal", "page", 1)?.contains(#"scope "page""#) == true)
        #expect(message("temporal", "entity", 1.5)?.contains("from 0 to 1, not 1.5") == true)
    }

    @Test("The unknown is neither true nor false")
    func unknowns() throws {
        let low = #"{"feature":"confidence_score","op":"<","value":0.3}"#
        let high = #"{"signal":"degree","op":">","peer_quantile":0.99}"#
        let known = context(["confidence_score": 0.2, "degree": 8])
        #expect(try condition(low).holds(in: known) == true)
        #expect(try condition(low).holds(in: context()) == nil)
        #expect(try condition(high).holds(in: known) == nil, "there are no peers")
        #expect(try condition(#"{"not":\#(low)}"#).holds(in: context()) == nil)
        #expect(try condition(#"{"any":[\#(high),\#(low)]}"#).holds(in: known) == true)
        #expect(try condition(#"{"all":[\#(high),\#(low)]}"#).holds(in: known) == nil)
        let sure = context(["confidence_score": 0.5, "degree": 8])
        #expect(try condition(#"{"all":[\#(high),\#(low)]}"#).holds(in: sure) == false)
        let peers = context(["degree": 8], quantiles: ["degree": 7])
        #expect(try condition(high).holds(in: peers) == true)
        #expect(
            try condition(#"{"signal":"degree","op":">","peer_quantile":0.9,"factor":2}"#)
                .holds(in: peers) == false)
    }

    /// One default indicator: what makes it fire, and one change that keeps it silent.
    struct DefaultCase: Sendable, CustomTestStringConvertible {
        var name: String
        var positive: [String: Double]
        var nearMiss: [String: Double]
        var quantiles: [String: Double] = [:]
        var type = "domain"
        var testDescription: String { name }
    }

    static let defaultCases: [DefaultCase] = [
        DefaultCase(
            name: "low_metadata_richness", positive: ["metadata_richness": 0.1],
            nearMiss: ["metadata_richness": 0.19], quantiles: ["metadata_richness": 0.15]),
        DefaultCase(name: "missing_name", positive: ["has_name": 0], nearMiss: ["has_name": 1]),
        DefaultCase(
            name: "low_confidence", positive: ["confidence_score": 0.29],
            nearMiss: ["confidence_score": 0.3]),
        DefaultCase(
            name: "high_update_frequency", positive: ["update_frequency": 5],
            nearMiss: ["update_frequency": 3.9], quantiles: ["update_frequency": 4]),
        DefaultCase(
            name: "unusual_degree", positive: ["degree": 21], nearMiss: ["degree": 20],
            quantiles: ["degree": 20]),
        DefaultCase(
            name: "possible_honeypot",
            positive: ["risk_score": 0.9, "confidence_score": 0.2, "in_degree": 40],
            nearMiss: ["risk_score": 0.9, "confidence_score": 0.8, "in_degree": 40]),
        DefaultCase(
            name: "possible_sinkhole",
            positive: ["clustering_coefficient": 0, "inbound_count(resolves_to)": 60],
            nearMiss: ["clustering_coefficient": 0.4, "inbound_count(resolves_to)": 60],
            quantiles: ["inbound_count(resolves_to)": 12], type: "ip_address"),
        DefaultCase(
            name: "burst", positive: ["burst_count": 10], nearMiss: ["burst_count": 9],
            quantiles: ["burst_count": 9]),
        DefaultCase(
            name: "rapid_growth",
            positive: ["first_seen_age_days": 2, "relationship_count": 30],
            nearMiss: ["first_seen_age_days": 8, "relationship_count": 30],
            quantiles: ["relationship_count": 20]),
        DefaultCase(
            name: "dormant_reactivation", positive: ["dormancy_days": 60],
            nearMiss: ["dormancy_days": 59]),
        DefaultCase(
            name: "bridging_node", positive: ["tie_range": 5], nearMiss: ["tie_range": 3],
            quantiles: ["tie_range": 3]),
        DefaultCase(
            name: "risk_mismatch", positive: ["neighbour_risk_gap": 0.8, "degree": 3],
            nearMiss: ["neighbour_risk_gap": 0.6, "degree": 3]),
        DefaultCase(
            name: "risk_mismatch",
            positive: ["risk_score": 0.8, "neighbour_risk_excess": 0.5, "degree": 3],
            nearMiss: ["risk_score": 0.7, "neighbour_risk_excess": 0.5, "degree": 3],
            quantiles: ["neighbour_risk_excess": 0.45]),
        DefaultCase(
            name: "distrusted", positive: ["mean_rating": -2, "rating_count": 3],
            nearMiss: ["mean_rating": -2, "rating_count": 1]),
        DefaultCase(
            name: "dense_neighbourhood", positive: ["triangle_excess": 9],
            nearMiss: ["triangle_excess": 6], quantiles: ["triangle_excess": 7]),
        DefaultCase(
            name: "dense_neighbourhood", positive: ["foreign_triangles": 2],
            nearMiss: ["foreign_triangles": 1], quantiles: ["foreign_triangles": 0]),
        DefaultCase(
            name: "unexpected_neighbour_types", positive: ["distinct_neighbour_types": 6],
            nearMiss: ["distinct_neighbour_types": 5],
            quantiles: ["distinct_neighbour_types": 5]),
        DefaultCase(
            name: "suspicious_service",
            positive: ["is_verified": 0, "risk_score": 0.8, "risky_neighbours": 4],
            nearMiss: ["is_verified": 1, "risk_score": 0.8, "risky_neighbours": 4],
            quantiles: ["risk_score": 0.6, "risky_neighbours": 2], type: "service"),
        DefaultCase(
            name: "tag_out_of_context", positive: ["homophily": 0.01, "degree": 5],
            nearMiss: ["homophily": 0.01, "degree": 2], quantiles: ["homophily": 0.05]),
        DefaultCase(
            name: "tag_out_of_context", positive: ["tag_misfit": 5, "degree": 5],
            nearMiss: ["tag_misfit": 2.5, "degree": 5], quantiles: ["tag_misfit": 2]),
        DefaultCase(
            name: "structuring", positive: ["structuring_count": 6, "structuring_share": 0.5],
            nearMiss: ["structuring_count": 6, "structuring_share": 0.1]),
        DefaultCase(
            name: "unusual_digits", positive: ["benford_deviation": 0.06],
            nearMiss: ["benford_deviation": 0.04], quantiles: ["benford_deviation": 0.05]),
        DefaultCase(
            name: "contradictory_sources", positive: ["source_count": 3, "confidence_swing": 0.5],
            nearMiss: ["source_count": 1, "confidence_swing": 0.5],
            quantiles: ["confidence_swing": 0.2]),
        DefaultCase(
            name: "sudden_spike", positive: ["activity_residual": 7],
            nearMiss: ["activity_residual": 5.5], quantiles: ["activity_residual": 6]),
        DefaultCase(
            name: "unusual_sequence", positive: ["reconstruction_error": 0.9],
            nearMiss: ["reconstruction_error": 0.7], quantiles: ["reconstruction_error": 0.8]),
        DefaultCase(
            name: "unusual_sequence", positive: ["contact_regularity": 9],
            nearMiss: ["contact_regularity": 4.9], quantiles: ["contact_regularity": 0]),
        DefaultCase(
            name: "off_hours", positive: ["off_hours_surprise": 4.5],
            nearMiss: ["off_hours_surprise": 2.9], quantiles: ["off_hours_surprise": 2]),
        DefaultCase(
            name: "type_out_of_context", positive: ["type_surprise": 7],
            nearMiss: ["type_surprise": 4.9], quantiles: ["type_surprise": 3]),
        DefaultCase(
            name: "unusual_amount", positive: ["amount_deviation": 1.6],
            nearMiss: ["amount_deviation": 1.1], quantiles: ["amount_deviation": 1.2]),
        DefaultCase(
            name: "contradictory_relationship",
            positive: ["update_count": 4, "confidence_range": 0.6, "confidence_swing": 0.5],
            // A single correction, however large, is no contradiction.
            nearMiss: ["update_count": 4, "confidence_range": 0.6, "confidence_swing": 0],
            quantiles: ["confidence_swing": 0.2]),
        DefaultCase(
            name: "doubted_relationship", positive: ["confidence_score": 0.1],
            nearMiss: ["confidence_score": 0.25], quantiles: ["confidence_score": 0.2]),
        DefaultCase(
            name: "risky_tie", positive: ["risk_score_diff": 0.8],
            nearMiss: ["risk_score_diff": 0.65], quantiles: ["risk_score_diff": 0.7]),
        DefaultCase(
            name: "suspicious_correlation",
            positive: [
                "temporal_clustering": 0.9, "source_degree": 8, "target_degree": 6,
                "is_verified": 0,
            ],
            nearMiss: [
                "temporal_clustering": 0.9, "source_degree": 8, "target_degree": 3,
                "is_verified": 0,
            ], quantiles: ["temporal_clustering": 0.6]),
        DefaultCase(
            name: "relationship_flood", positive: ["stream_deviation": 30],
            nearMiss: ["stream_deviation": 5], quantiles: ["stream_deviation": 4]),
    ]

    @Test("Every default indicator has a case here")
    func coverage() throws {
        let names = try DefaultIndicators.load().map(\.name)
        #expect(Set(names) == Set(Self.defaultCases.map(\.name)))
        #expect(names.count == 30)
    }

    @Test("A default indicator fires on its case and not on the near miss", arguments: defaultCases)
    func defaults(_ example: DefaultCase) throws {
        let indicator = try #require(
            try DefaultIndicators.load().first { $0.name == example.name })
        // A degree is always known.
        func withDegree(_ measures: [String: Double]) -> [String: Double] {
            measures.merging(["degree": 1]) { given, _ in given }
        }
        let positive = context(
            withDegree(example.positive), quantiles: example.quantiles, type: example.type)
        #expect(indicator.condition.holds(in: positive) == true)
        let nearMiss = context(
            withDegree(example.nearMiss), quantiles: example.quantiles, type: example.type)
        #expect(indicator.condition.holds(in: nearMiss) != true)
        #expect(indicator.condition.holds(in: context()) != true)
        #expect(indicator.recommendation.contains("{name}"))
    }
}
