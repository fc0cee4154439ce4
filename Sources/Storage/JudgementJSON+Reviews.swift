import AnomalyDetection

/// What reviews say of an anomaly.
extension JudgementJSON {
    static func write(_ reviews: Explanation.Reviews, to json: inout JSONText) {
        json.object { json in
            json.key("version")
            json.value(reviews.version)
            json.key("confirmed")
            json.value(Int64(reviews.confirmed))
            json.key("rejected")
            json.value(Int64(reviews.rejected))
            json.key("weight")
            json.value(reviews.weight)
            json.key("ensemble_p")
            json.value(reviews.ensemblePValue)
            json.key("p")
            json.value(reviews.tailProbability)
            json.key("confirmation")
            json.value(reviews.confirmation)
            json.key("margin")
            json.value(reviews.margin)
            json.key("expected_margin")
            json.value(reviews.expectedMargin)
            json.key("contributions")
            json.array { json in
                for input in reviews.contributions {
                    json.object { json in
                        json.key("name")
                        json.value(input.name)
                        if let value = input.value {
                            json.key("value")
                            json.value(value)
                        }
                        json.key("contribution")
                        json.value(input.contribution)
                    }
                }
            }
            json.key("other_contributions")
            json.value(reviews.otherContributions)
        }
    }
}
