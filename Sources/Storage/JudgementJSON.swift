package import AnomalyDetection
import AnomalyModels

/// The JSON columns of scores and anomalies; the same documents as the values' own encoding.
package enum JudgementJSON {
    package static func detectors(_ verdicts: [DetectorVerdict]) -> String {
        var json = JSONText()
        write(verdicts, to: &json)
        return json.text
    }

    package static func texts(_ texts: [String]) -> String {
        var json = JSONText()
        json.array { json in texts.forEach { json.value($0) } }
        return json.text
    }

    package static func explanation(_ explanation: Explanation) -> String {
        var json = JSONText()
        json.object { json in
            json.key("summary")
            json.value(explanation.summary)
            json.key("sentences")
            json.array { json in explanation.sentences.forEach { json.value($0) } }
            json.key("detectors")
            write(explanation.detectors, to: &json)
            json.key("features")
            json.array { json in explanation.features.forEach { write($0, to: &json) } }
            json.key("expected_path_length")
            json.value(explanation.expectedPathLength)
            json.key("path_length")
            json.value(explanation.pathLength)
            json.key("indicators")
            json.array { json in explanation.indicators.forEach { write($0, to: &json) } }
            json.key("evidence")
            json.array { json in explanation.evidence.forEach { write($0, to: &json) } }
            json.key("peer_group")
            json.object { json in
                json.key("type")
                json.value(explanation.peerGroup.type)
                json.key("count")
                json.value(Int64(explanation.peerGroup.count))
            }
            if let behaviour = explanation.behaviour {
                json.key("behaviour")
                write(behaviour, to: &json)
            }
            json.key("types")
            json.array { json in explanation.types.forEach { write($0, to: &json) } }
            json.key("affected_entities")
            json.array { json in explanation.affectedEntityIDs.forEach { json.value($0) } }
            if let counterfactual = explanation.counterfactual {
                json.key("counterfactual")
                write(counterfactual, to: &json)
            }
            if let reviews = explanation.reviews {
                json.key("reviews")
                write(reviews, to: &json)
            }
            if let inputs = explanation.inputs {
                json.key("inputs")
                write(inputs, to: &json)
            }
        }
        return json.text
    }

    package static func counterfactual(_ counterfactual: Counterfactual) -> String {
        var json = JSONText()
        write(counterfactual, to: &json)
        return json.text
    }

    /// The subgraph of an anomaly as it is now: ids and types only, names stay in the tables and
    /// are joined when the picture is drawn.
    package static func subgraph(
        _ neighbourhood: Neighbourhood, hops: Int, evidence: [Int64: String]
    ) -> String {
        var json = JSONText()
        json.object { json in
            json.key("focus_entity")
            json.value(neighbourhood.centerEntityID)
            if let id = neighbourhood.centerRelationshipID {
                json.key("focus_relationship")
                json.value(id)
            }
            json.key("hops")
            json.value(Int64(hops))
            json.key("truncated")
            json.value(neighbourhood.isTruncated)
            json.key("nodes")
            json.array { json in neighbourhood.nodes.forEach { write($0, to: &json) } }
            json.key("edges")
            json.array { json in
                for edge in neighbourhood.edges {
                    write(
                        edge, reason: evidence[edge.relationshipID],
                        isFocus: edge.relationshipID == neighbourhood.centerRelationshipID,
                        to: &json)
                }
            }
        }
        return json.text
    }

    private static func write(_ verdicts: [DetectorVerdict], to json: inout JSONText) {
        json.array { json in
            for verdict in verdicts {
                json.object { json in
                    json.key("name")
                    json.value(verdict.name)
                    json.key("family")
                    json.value(verdict.family)
                    json.key("score")
                    json.value(verdict.score)
                    json.key("p")
                    json.value(verdict.tailProbability)
                }
            }
        }
    }

    private static func write(
        _ feature: Explanation.FeatureContribution, to json: inout JSONText
    ) {
        json.object { json in
            json.key("name")
            json.value(feature.name)
            json.key("value")
            json.value(feature.value)
            json.key("contribution")
            json.value(feature.contribution)
            json.key("peer_median")
            json.value(feature.peerMedian)
            json.key("peer_quantile")
            json.value(feature.peerQuantile)
        }
    }

    private static func write(_ indicator: IndicatorVerdict, to json: inout JSONText) {
        json.object { json in
            json.key("name")
            json.value(indicator.name)
            json.key("type")
            json.value(indicator.type.rawValue)
            json.key("sentence")
            json.value(indicator.sentence)
            json.key("confidence")
            json.value(indicator.confidence)
        }
    }

    private static func write(_ verdict: TypeVerdict, to json: inout JSONText) {
        json.object { json in
            json.key("type")
            json.value(verdict.type.rawValue)
            json.key("confidence")
            json.value(verdict.confidence)
            json.key("evidence")
            json.array { json in verdict.evidence.forEach { json.value($0) } }
        }
    }

    private static func write(_ row: Explanation.EvidenceRow, to json: inout JSONText) {
        json.object { json in
            json.key("relationship_id")
            json.value(row.relationshipID)
            json.key("type")
            json.value(row.type)
            json.key("other_entity_id")
            json.value(row.otherEntityID)
            json.key("reason")
            json.value(row.reason)
        }
    }

    private static func write(_ counterfactual: Counterfactual, to json: inout JSONText) {
        json.object { json in
            json.key("relationship_ids")
            json.array { json in counterfactual.relationshipIDs.forEach { json.value($0) } }
            json.key("score")
            json.value(counterfactual.anomalyScore)
            json.key("severity")
            json.value(counterfactual.severity.rawValue)
            json.key("p_value")
            json.value(counterfactual.pValue)
            json.key("is_exhaustive")
            json.value(counterfactual.isExhaustive)
            json.key("candidates")
            json.value(Int64(counterfactual.candidateCount))
            json.key("trials")
            json.value(Int64(counterfactual.trialCount))
            json.key("sentence")
            json.value(counterfactual.sentence)
        }
    }

    private static func write(_ inputs: JudgementInputs, to json: inout JSONText) {
        json.object { json in
            json.key("schema")
            json.value(inputs.schema)
            json.key("type")
            json.value(inputs.type)
            if let types = inputs.endTypes {
                json.key("end_types")
                json.array { json in types.forEach { json.value($0) } }
            }
            json.key("as_of")
            json.value(inputs.asOf)
            json.key("features")
            json.array { json in inputs.features.forEach { json.value($0) } }
            json.key("readings")
            json.array { json in inputs.readings.forEach { write($0, to: &json) } }
            json.key("measures")
            json.object { json in
                for (name, value) in inputs.measures.sorted(by: { $0.key < $1.key }) {
                    json.key(named: name)
                    json.value(value)
                }
            }
            if !inputs.sequence.isEmpty {
                json.key("sequence")
                json.array { json in inputs.sequence.forEach { json.value($0) } }
            }
            json.key("anomaly_threshold")
            json.value(inputs.anomalyThreshold)
            json.key("rule_score_max")
            json.value(inputs.ruleScoreMax)
        }
    }

    private static func write(_ reading: JudgementInputs.Reading, to json: inout JSONText) {
        json.object { json in
            json.key("detector")
            json.value(reading.detector.rawValue)
            json.key("score")
            json.value(reading.score)
            json.key("looks")
            json.value(Int64(reading.looks))
            if let p = reading.tailProbability {
                json.key("p")
                json.value(p)
            }
            if let count = reading.calibrationCount {
                json.key("calibration_count")
                json.value(Int64(count))
            }
        }
    }

    private static func write(_ node: Neighbourhood.Node, to json: inout JSONText) {
        json.object { json in
            json.key("id")
            json.value(node.entityID)
            json.key("type")
            json.value(node.typeName)
            json.key("hop")
            json.value(Int64(node.hop))
        }
    }

    private static func write(
        _ edge: Neighbourhood.Row, reason: String?, isFocus: Bool, to json: inout JSONText
    ) {
        json.object { json in
            json.key("id")
            json.value(edge.relationshipID)
            json.key("source")
            json.value(edge.sourceEntityID)
            json.key("target")
            json.value(edge.targetEntityID)
            json.key("type")
            json.value(edge.typeName)
            if isFocus || reason != nil {
                json.key("anomalous")
                json.value(true)
            }
            if let reason {
                json.key("reason")
                json.value(reason)
            }
        }
    }
}
