import AnomalyDetection

extension JudgementJSON {
    /// The part of an explanation about behaviour, parts that are silent left out.
    static func write(_ behaviour: Explanation.Behaviour, to json: inout JSONText) {
        json.object { json in
            json.key("bucket_seconds")
            json.value(behaviour.bucketSeconds)
            if let forecast = behaviour.forecast {
                json.key("forecast")
                json.object { json in
                    json.key("time")
                    json.value(forecast.time)
                    json.key("value")
                    json.value(forecast.value)
                    json.key("expected")
                    json.value(forecast.expected)
                    json.key("reason")
                    json.value(forecast.reason)
                    json.key("deviation")
                    json.value(forecast.deviation)
                }
            }
            if let drift = behaviour.drift {
                json.key("drift")
                json.object { json in
                    json.key("since")
                    json.value(drift.since)
                    json.key("direction")
                    json.value(drift.direction)
                    json.key("mean")
                    json.value(drift.mean)
                    json.key("mean_before")
                    json.value(drift.meanBefore)
                    json.key("sum")
                    json.value(drift.sum)
                }
            }
            if let hours = behaviour.offHours {
                json.key("off_hours")
                json.object { json in
                    json.key("since")
                    json.value(hours.since)
                    json.key("hour")
                    json.value(hours.hour)
                    json.key("count")
                    json.value(Int64(hours.count))
                    json.key("event_count")
                    json.value(Int64(hours.eventCount))
                    json.key("expected")
                    json.value(hours.expected)
                    json.key("share")
                    json.value(hours.share)
                }
            }
            if let regularity = behaviour.regularity {
                json.key("regularity")
                json.object { json in
                    json.key("entity_id")
                    json.value(regularity.entityID)
                    json.key("type")
                    json.value(regularity.type)
                    json.key("since")
                    json.value(regularity.since)
                    json.key("count")
                    json.value(Int64(regularity.count))
                    json.key("gap_seconds")
                    json.value(regularity.gapSeconds)
                    json.key("jitter_seconds")
                    json.value(regularity.jitterSeconds)
                }
            }
            json.key("steps")
            json.array { json in
                for step in behaviour.steps {
                    json.object { json in
                        json.key("time")
                        json.value(step.time)
                        json.key("feature")
                        json.value(step.feature)
                        json.key("value")
                        json.value(step.value)
                        json.key("expected")
                        json.value(step.expected)
                        json.key("share")
                        json.value(step.share)
                    }
                }
            }
        }
    }
}
