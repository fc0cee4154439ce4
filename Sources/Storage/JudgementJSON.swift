package import AnomalyDetection

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
        }
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
